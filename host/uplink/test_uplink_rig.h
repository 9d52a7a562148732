// A real device, which is the test's, in front of a LAN with two guests.
#pragma once

#include <cstring>
#include <memory>

#include "host/uplink/test_device.h"
#include "host/uplink/uplink_port.h"
#include "tests/kit/offload_station.h"

namespace vmlan::host {

inline constexpr wire::MacAddress uplink_mac{{2, 0, 0, 0, 0, 0x99}};
inline constexpr wire::MacAddress somebody{{0x52, 0x55, 0x0a, 0, 2, 2}};

struct UplinkRig {
  explicit UplinkRig(qdio::Transport transport, bool works = false)
      : lan(kit::attributes(transport)), alice(lan, 1), bob(lan, 2) {
    auto made = std::make_unique<TestDevice>();
    device = made.get();
    device->works = works;
    uplink = std::make_unique<UplinkPort>(arch::DeviceNumber{0x0a00}, uplink_mac, loop, std::move(made),
                                          [this](guestlan::Uplink&) { ++changes; });
    uplink->join(lan);
    uplink->carry(true);
    alice.memory.empty_input(128);
    bob.memory.empty_input(128);
  }

  host::RealClock clock;
  EventLoop loop{clock};
  guestlan::Lan lan;
  kit::Station alice;
  kit::Station bob;
  TestDevice* device = nullptr;
  unsigned changes = 0;
  std::unique_ptr<UplinkPort> uplink;
};

// From somebody.
inline FrameBytes frame_to(const wire::MacAddress& to, std::size_t length = 60, std::uint16_t type = 0x88b5) {
  FrameBytes bytes(length, std::byte{0x5a});
  std::memcpy(bytes.data(), to.bytes.data(), 6);
  std::memcpy(bytes.data() + 6, somebody.bytes.data(), 6);
  bytes[12] = static_cast<std::byte>(type >> 8U);
  bytes[13] = static_cast<std::byte>(type);
  return bytes;
}

}  // namespace vmlan::host
