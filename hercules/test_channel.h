// What a guest of Hercules says to a card at 0A00 before its queues run: shared by this room's tests.
#pragma once

#include <cstdint>

#include "hercules/guest_nic.h"
#include "tests/kit/hex.h"

namespace vmlan::hercules {

inline constexpr unsigned data_device = 2;
inline constexpr std::uint8_t establish_queues = 0x1b;
inline constexpr std::uint8_t activate_queues = 0x1f;
// IDX ACTIVATE READ for data device 0A02.
inline const auto idx_read =
    kit::from_hex("00008000 00000000 190101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400A02 0002");

// That card, as CP knows it at 0600.
inline GuestNicSettings card_settings(unsigned devices = 3) {
  GuestNicSettings settings;
  settings.device.base_device = {0x0a00};
  settings.device.devices = devices;
  settings.virtual_device = {0x0600};
  return settings;
}

}  // namespace vmlan::hercules
