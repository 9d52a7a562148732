// The driver's channel programs: one Channel per subchannel, three of them make a NIC.
//
// A Channel keeps one channel program at a time in storage and judges how it ended as Linux 6.1 qeth does:
// any channel status but PCI is an error; a unit check is one unless the sense bytes are zero.
//
// Owns: a few bytes of storage per channel for CCWs. Threads: the program's own turn.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "arch/channel.h"
#include "arch/machine.h"
#include "cms/driver/driver_error.h"
#include "qdio/adapter/adapter_port.h"

namespace vmlan::cms {

struct ChannelCommand {
  std::uint8_t command = 0;
  std::uint16_t count = 0;
  arch::Address data = 0;
};

inline constexpr unsigned max_chained_commands = 2;

class Channel {
 public:
  enum class Outcome : std::uint8_t {
    ended,            // channel end and device end, nothing wrong
    pending,          // started (or nothing to report): no status yet
    stopped,          // status of HALT or CLEAR SUBCHANNEL
    interrupted,      // program-controlled interruption; the program goes on
    not_operational,  // condition code 3
    error,
  };

  // Enables the subchannel. `program` is storage for max_chained_commands CCWs.
  Outcome open(arch::Machine& machine, arch::SubchannelNumber number, arch::Address program);
  void close();
  bool is_open() const noexcept { return machine_ != nullptr; }
  arch::SubchannelNumber number() const noexcept { return number_; }

  // Starts the commands as one chained program, length indication suppressed, and looks for its status once.
  Outcome start(std::span<const ChannelCommand> commands);
  Outcome start(const ChannelCommand& command) { return start(std::span(&command, 1)); }
  // TEST SUBCHANNEL.
  Outcome collect();
  // Bytes the last command of an ended program transferred.
  std::uint32_t transferred() const noexcept { return transferred_; }
  // HALT or CLEAR SUBCHANNEL and its status.
  Outcome halt();
  Outcome clear();

 private:
  Outcome judge(const arch::Irb& irb);
  Outcome await_stop();

  arch::Machine* machine_ = nullptr;
  arch::SubchannelNumber number_;
  arch::Address program_ = 0;
  std::uint16_t last_count_ = 0;
  std::uint32_t transferred_ = 0;
};

// The commands a device names in its SENSE ID data (command information words).
struct DeviceCommands {
  ChannelCommand read_configuration;
  ChannelCommand establish_queues;
  ChannelCommand activate_queues;
};

// What IDX ACTIVATE and ULP_SETUP repeat from the configuration data.
struct UnitIdentity {
  std::uint8_t control_unit = 0;  // logical control-unit address
  std::uint8_t unit = 0;          // unit address of the data device
};

// The three devices of one NIC.
class ChannelDevices {
 public:
  // Finds the subchannels, enables them, checks paths, identifies the adapter. `scratch` is a page for the
  // data of SENSE ID and the like, `programs` one for CCWs.
  DriverError open(arch::Machine& machine, arch::DeviceNumber base_device, arch::Address programs,
                   arch::Address scratch);
  // Stops all channel programs and disables the subchannels.
  void close();

  Channel& read_control() noexcept { return channels_[0]; }
  Channel& write_control() noexcept { return channels_[1]; }
  Channel& data() noexcept { return channels_[2]; }
  bool is_ours(arch::SubchannelNumber number) const noexcept;
  qdio::AdapterKind kind() const noexcept { return kind_; }
  arch::DeviceNumber data_device() const noexcept { return data_device_; }
  const DeviceCommands& commands() const noexcept { return commands_; }
  const UnitIdentity& identity() const noexcept { return identity_; }

 private:
  DriverError find(arch::Machine& machine, arch::DeviceNumber base_device, arch::Address programs);
  DriverError identify(Channel& channel, arch::GuestStorage storage, arch::Address scratch);
  void read_configuration(arch::GuestStorage storage, arch::Address scratch);

  std::array<Channel, 3> channels_;
  arch::DeviceNumber data_device_;
  qdio::AdapterKind kind_ = qdio::AdapterKind::osd;
  DeviceCommands commands_;
  UnitIdentity identity_;
};

}  // namespace vmlan::cms
