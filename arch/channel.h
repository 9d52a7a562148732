// The channel subsystem as far as a network adapter needs it (PoP, chapters 13-16): operation-request
// block, channel-command words, subchannel status, and what a control unit does for one command.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "arch/big_endian.h"
#include "arch/storage.h"
#include "arch/types.h"

namespace vmlan::arch {

// Format-1 channel-command word (PoP, "Channel-Command Word").
struct Ccw1 {
  std::uint8_t command = 0;
  std::uint8_t flags = 0;
  be16 count;
  be32 data_address;
};
static_assert(sizeof(Ccw1) == 8);

// Format-0: 24-bit address first.
struct Ccw0 {
  std::uint8_t command = 0;
  std::array<std::uint8_t, 3> data_address{};
  std::uint8_t flags = 0;
  std::uint8_t reserved = 0;
  be16 count;
};
static_assert(sizeof(Ccw0) == 8);

namespace ccw_flag {
inline constexpr std::uint8_t chain_data = 0x80;
inline constexpr std::uint8_t chain_command = 0x40;
inline constexpr std::uint8_t suppress_length = 0x20;
inline constexpr std::uint8_t skip = 0x10;
inline constexpr std::uint8_t program_controlled_interruption = 0x08;
inline constexpr std::uint8_t indirect_data_address = 0x04;
inline constexpr std::uint8_t suspend = 0x02;
}  // namespace ccw_flag

namespace device_status {
inline constexpr std::uint8_t attention = 0x80;
inline constexpr std::uint8_t status_modifier = 0x40;
inline constexpr std::uint8_t control_unit_end = 0x20;
inline constexpr std::uint8_t busy = 0x10;
inline constexpr std::uint8_t channel_end = 0x08;
inline constexpr std::uint8_t device_end = 0x04;
inline constexpr std::uint8_t unit_check = 0x02;
inline constexpr std::uint8_t unit_exception = 0x01;
inline constexpr std::uint8_t normal_ending = channel_end | device_end;
}  // namespace device_status

namespace channel_status {
inline constexpr std::uint8_t program_controlled_interruption = 0x80;
inline constexpr std::uint8_t incorrect_length = 0x40;
inline constexpr std::uint8_t program_check = 0x20;
inline constexpr std::uint8_t protection_check = 0x10;
}  // namespace channel_status

// First sense byte (PoP-independent, device convention).
namespace sense {
inline constexpr std::uint8_t command_reject = 0x80;
inline constexpr std::uint8_t intervention_required = 0x40;
inline constexpr std::uint8_t equipment_check = 0x10;
}  // namespace sense

namespace function_control {
inline constexpr std::uint8_t start = 0x4;
inline constexpr std::uint8_t halt = 0x2;
inline constexpr std::uint8_t clear = 0x1;
}  // namespace function_control

namespace status_control {
inline constexpr std::uint8_t alert = 0x10;
inline constexpr std::uint8_t intermediate = 0x08;
inline constexpr std::uint8_t primary = 0x04;
inline constexpr std::uint8_t secondary = 0x02;
inline constexpr std::uint8_t pending = 0x01;
}  // namespace status_control

// What START SUBCHANNEL is given.
struct Orb {
  std::uint32_t interruption_parameter = 0;
  AccessKey key = AccessKey::zero;
  bool format1 = true;
  bool suppress_initial_interruption = false;
  std::uint8_t path_mask = 0x80;
  Address program = 0;           // 31 bits
  bool format2_indirect = true;  // IDAWs of 8 bytes and 4 KiB blocks; otherwise 4 bytes and 2 KiB
};

// What TEST SUBCHANNEL returns: the SCSW and, after a unit check, the sense bytes (concurrent sense).
struct Irb {
  std::uint8_t function_control = 0;
  std::uint8_t status_control = 0;
  std::uint8_t device_status = 0;
  std::uint8_t channel_status = 0;
  bool subchannel_active = false;
  std::uint32_t interruption_parameter = 0;
  Address ccw_address = 0;  // one past the last command used
  std::uint16_t residual = 0;
  std::array<std::uint8_t, 32> sense{};
  bool sense_valid = false;
};

// What STORE SUBCHANNEL returns (PMCW part).
struct Schib {
  DeviceNumber device;
  std::uint8_t channel_path = 0;
  bool enabled = false;
  bool qdio = false;
  std::uint32_t interruption_parameter = 0;
};

// The control unit's answer to one command.
struct CommandEnding {
  // false: the command stays at the device (READ without data, ACTIVATE QUEUES) until the device calls
  // back or HALT/CLEAR SUBCHANNEL ends it.
  bool ended = true;
  std::uint8_t device_status = device_status::normal_ending;
  // Bytes accepted or supplied; more than the CCW asked for: the device had more (incorrect length).
  std::uint32_t transferred = 0;

  static constexpr CommandEnding normal(std::uint32_t bytes = 0) {
    return {true, device_status::normal_ending, bytes};
  }
  static constexpr CommandEnding pending() { return {false, 0, 0}; }
  static constexpr CommandEnding unit_check() {
    return {true, device_status::normal_ending | device_status::unit_check, 0};
  }
};

// One device behind a subchannel, as its channel drives it. Data never reaches the device before it
// has been copied out of the guest's storage, so it can't change under the device's eyes.
class ChannelDevice {
 public:
  virtual ~ChannelDevice() = default;
  // Commands whose data flows to the device (write and control commands). `data` may be shorter than
  // the device wants: that is the guest's CCW count.
  virtual CommandEnding write(std::uint8_t command, std::span<const std::byte> data) = 0;
  // Commands whose data flows from the device (read and sense commands); fills at most data.size().
  virtual CommandEnding read(std::uint8_t command, std::span<std::byte> data) = 0;
  // Control commands that move no data, whatever the CCW says: its count and data address mean nothing.
  virtual bool is_immediate(std::uint8_t) const { return false; }
  // Sense bytes after a unit check; cleared by reading.
  virtual std::array<std::uint8_t, 32> take_sense() = 0;
  // HALT SUBCHANNEL and CLEAR SUBCHANNEL: stop at once, forget a pending command. After the return the
  // device touches no guest storage on behalf of the stopped command.
  virtual void halt() = 0;
  virtual void clear() = 0;
};

// Does data of this command flow towards the guest? (PoP, "Command Code": xxxx xx10 read, xxxx 0100
// sense, xxxx 1100 read backward.)
constexpr bool flows_to_guest(std::uint8_t command) noexcept {
  return (command & 0x03U) == 0x02U || (command & 0x0fU) == 0x04U || (command & 0x0fU) == 0x0cU;
}

}  // namespace vmlan::arch
