#include "cms/driver/channel_io.h"

#include <algorithm>
#include <cstring>

namespace vmlan::cms {

namespace {

// Channel commands every device understands.
constexpr std::uint8_t no_operation = 0x03;
constexpr std::uint8_t sense_id = 0xe4;

constexpr std::uint16_t sense_id_length = 40;  // 8 bytes and 8 command information words
constexpr std::uint16_t node_descriptors_length = 96;
constexpr std::uint16_t adapter_control_unit = 0x1731;
constexpr std::uint16_t adapter_device = 0x1732;
constexpr std::uint8_t osd_model = 0x01;
constexpr std::uint8_t iqd_model = 0x05;

// A stopped channel presents its status at once; looking a few times costs nothing.
constexpr unsigned stop_looks = 4;

struct SenseId {
  std::uint8_t valid = 0;  // FF
  arch::be16 control_unit_type;
  std::uint8_t control_unit_model = 0;
  arch::be16 device_type;
  std::uint8_t device_model = 0;
  std::uint8_t reserved = 0;
  struct CommandInformationWord {
    std::uint8_t type = 0;  // 01rr tttt
    std::uint8_t command = 0;
    arch::be16 count;
    bool valid() const noexcept { return (type & 0xc0U) == 0x40U; }
    unsigned kind() const noexcept { return type & 0x0fU; }
  };
  std::array<CommandInformationWord, 8> commands{};
};
static_assert(sizeof(SenseId) == sense_id_length);

enum CommandKind : unsigned {
  kind_read_configuration = 0,
  kind_establish_queues = 3,
  kind_activate_queues = 4
};

// Linux lets a unit check pass whose first four sense bytes are zero.
bool is_serious(const arch::Irb& irb) noexcept {
  if ((irb.device_status & arch::device_status::unit_check) == 0) return false;
  if (!irb.sense_valid) return true;
  return std::any_of(irb.sense.begin(), irb.sense.begin() + 4, [](std::uint8_t byte) { return byte != 0; });
}

DriverError error_of(Channel::Outcome outcome) noexcept {
  switch (outcome) {
    case Channel::Outcome::ended:
      return DriverError::none;
    case Channel::Outcome::not_operational:
      return DriverError::not_operational;
    case Channel::Outcome::pending:
      return DriverError::no_answer;
    default:
      return DriverError::channel_error;
  }
}

}  // namespace

Channel::Outcome Channel::open(arch::Machine& machine, arch::SubchannelNumber number, arch::Address program) {
  if (machine.modify_subchannel(number, true) != arch::ConditionCode::zero) return Outcome::not_operational;
  machine_ = &machine;
  number_ = number;
  program_ = program;
  return Outcome::ended;
}

void Channel::close() {
  if (machine_ == nullptr) return;
  machine_->modify_subchannel(number_, false);
  machine_ = nullptr;
}

Channel::Outcome Channel::start(std::span<const ChannelCommand> commands) {
  if (machine_ == nullptr || commands.empty() || commands.size() > max_chained_commands)
    return Outcome::error;
  std::array<arch::Ccw1, max_chained_commands> program;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const bool chained = i + 1 < commands.size();
    program[i].command = commands[i].command;
    program[i].flags =
        arch::ccw_flag::suppress_length | (chained ? arch::ccw_flag::chain_command : std::uint8_t{0});
    program[i].count = commands[i].count;
    program[i].data_address = static_cast<std::uint32_t>(commands[i].data);
  }
  if (machine_->storage().write(program_, program) != arch::ProgramCheck::none) return Outcome::error;
  last_count_ = commands.back().count;

  arch::Orb orb;
  orb.interruption_parameter = number_.value;
  orb.program = program_;
  auto condition = machine_->start_subchannel(number_, orb);
  if (condition == arch::ConditionCode::one) {  // old status in the way
    collect();
    condition = machine_->start_subchannel(number_, orb);
  }
  if (condition == arch::ConditionCode::three) return Outcome::not_operational;
  if (condition != arch::ConditionCode::zero) return Outcome::error;
  return collect();
}

Channel::Outcome Channel::collect() {
  if (machine_ == nullptr) return Outcome::not_operational;
  arch::Irb irb;
  const auto condition = machine_->test_subchannel(number_, irb);
  if (condition == arch::ConditionCode::three) return Outcome::not_operational;
  if (condition != arch::ConditionCode::zero) return Outcome::pending;
  return judge(irb);
}

Channel::Outcome Channel::judge(const arch::Irb& irb) {
  constexpr auto pci = arch::channel_status::program_controlled_interruption;
  if ((irb.function_control & (arch::function_control::halt | arch::function_control::clear)) != 0) {
    return Outcome::stopped;
  }
  if ((irb.channel_status & ~pci) != 0 || is_serious(irb)) return Outcome::error;
  if ((irb.device_status & arch::device_status::device_end) != 0) {
    if (irb.residual > last_count_) return Outcome::error;
    transferred_ = static_cast<std::uint32_t>(last_count_ - irb.residual);
    return Outcome::ended;
  }
  return (irb.channel_status & pci) != 0 ? Outcome::interrupted : Outcome::pending;
}

Channel::Outcome Channel::halt() {
  if (machine_ == nullptr) return Outcome::not_operational;
  if (machine_->halt_subchannel(number_) == arch::ConditionCode::three) return Outcome::not_operational;
  return await_stop();
}

Channel::Outcome Channel::clear() {
  if (machine_ == nullptr) return Outcome::not_operational;
  if (machine_->clear_subchannel(number_) == arch::ConditionCode::three) return Outcome::not_operational;
  return await_stop();
}

Channel::Outcome Channel::await_stop() {
  for (unsigned look = 0; look < stop_looks; ++look) {
    const auto outcome = collect();
    if (outcome == Outcome::stopped || outcome == Outcome::not_operational) return outcome;
  }
  return Outcome::pending;
}

DriverError ChannelDevices::open(arch::Machine& machine, arch::DeviceNumber base_device,
                                 arch::Address programs, arch::Address scratch) {
  if (const auto error = find(machine, base_device, programs); error != DriverError::none) return error;
  const auto storage = machine.storage();
  for (auto& channel : channels_) {
    if (const auto error = identify(channel, storage, scratch); error != DriverError::none) return error;
  }
  if (commands_.establish_queues.command == 0 || commands_.activate_queues.command == 0) {
    return DriverError::not_operational;
  }
  read_configuration(storage, scratch);
  return DriverError::none;
}

DriverError ChannelDevices::find(arch::Machine& machine, arch::DeviceNumber base_device,
                                 arch::Address programs) {
  constexpr arch::Address program_size = max_chained_commands * sizeof(arch::Ccw1);
  constexpr std::uint32_t highest_subchannel = 0xffff;
  data_device_.value = static_cast<std::uint16_t>(base_device.value + channels_.size() - 1);
  unsigned found = 0;
  for (std::uint32_t number = 0; number <= highest_subchannel && found < channels_.size(); ++number) {
    const arch::SubchannelNumber subchannel{static_cast<std::uint16_t>(number)};
    const auto schib = machine.store_subchannel(subchannel);
    if (!schib) continue;
    const auto index = static_cast<std::uint16_t>(schib->device.value - base_device.value);
    if (index >= channels_.size()) continue;
    ++found;
    if (channels_[index].open(machine, subchannel, programs + index * program_size) !=
        Channel::Outcome::ended) {
      return DriverError::not_operational;
    }
  }
  const bool complete =
      std::all_of(channels_.begin(), channels_.end(), [](const Channel& c) { return c.is_open(); });
  return complete ? DriverError::none : DriverError::no_such_device;
}

// SENSE ID and the path check. The command information words of the last device, the data device, stay.
DriverError ChannelDevices::identify(Channel& channel, arch::GuestStorage storage, arch::Address scratch) {
  storage.write(scratch, SenseId{});
  if (const auto outcome = channel.start({sense_id, sense_id_length, scratch});
      outcome != Channel::Outcome::ended) {
    return error_of(outcome);
  }
  const auto id = storage.read<SenseId>(scratch).value;
  const auto length = channel.transferred();
  const bool known_model = id.control_unit_model == osd_model || id.control_unit_model == iqd_model;
  if (length < 8 || id.valid != 0xff || id.control_unit_type != adapter_control_unit ||
      id.device_type != adapter_device || !known_model || id.device_model != id.control_unit_model) {
    return DriverError::not_operational;
  }
  kind_ = id.control_unit_model == iqd_model ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
  commands_ = {};
  for (std::size_t i = 0; i < id.commands.size() && 8 + 4 * (i + 1) <= length; ++i) {
    const auto& word = id.commands[i];
    if (!word.valid()) continue;
    const ChannelCommand command{word.command, word.count, 0};
    if (word.kind() == kind_read_configuration) commands_.read_configuration = command;
    if (word.kind() == kind_establish_queues) commands_.establish_queues = command;
    if (word.kind() == kind_activate_queues) commands_.activate_queues = command;
  }
  return error_of(channel.start({no_operation, 0, 0}));
}

// Not fatal when it fails: the identity then is zero, as in Linux.
void ChannelDevices::read_configuration(arch::GuestStorage storage, arch::Address scratch) {
  constexpr std::size_t unit_address_offset = 0x1f;  // node descriptor 1, tag
  constexpr std::size_t control_unit_offset = 0x3f;  // node descriptor 2, tag
  identity_ = {};
  auto command = commands_.read_configuration;
  if (command.command == 0 || command.count < node_descriptors_length || command.count > arch::page_size)
    return;
  command.data = scratch;
  if (data().start(command) != Channel::Outcome::ended || data().transferred() < node_descriptors_length)
    return;
  identity_.unit = storage.read<std::uint8_t>(scratch + unit_address_offset).value;
  identity_.control_unit = storage.read<std::uint8_t>(scratch + control_unit_offset).value;
}

// In Linux' order: the data device first, so that its queues are still when the control channels go.
void ChannelDevices::close() {
  if (kind_ == qdio::AdapterKind::iqd) {
    data().halt();
  } else {
    data().clear();
  }
  read_control().clear();
  write_control().clear();
  if (kind_ == qdio::AdapterKind::iqd) data().clear();
  for (auto& channel : channels_) channel.close();
}

bool ChannelDevices::is_ours(arch::SubchannelNumber number) const noexcept {
  return std::any_of(channels_.begin(), channels_.end(),
                     [number](const Channel& c) { return c.is_open() && c.number() == number; });
}

}  // namespace vmlan::cms
