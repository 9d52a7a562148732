#include "arch/subchannel.h"

#include <algorithm>
#include <array>

namespace vmlan::arch {

namespace {

constexpr std::uint8_t only_path = 0x80;
constexpr std::uint8_t ending = status_control::primary | status_control::secondary;
constexpr std::uint8_t in_intermediate = status_control::intermediate | status_control::pending;

}  // namespace

Subchannel::Subchannel(const Settings& settings, GuestStorage storage, ChannelDevice& device,
                       SubchannelInterrupts& interrupts) noexcept
    : settings_(settings), storage_(storage), device_(device), interrupts_(interrupts) {}

Schib Subchannel::store() const noexcept {
  return {settings_.device, settings_.channel_path, enabled_, settings_.qdio, irb_.interruption_parameter};
}

ConditionCode Subchannel::modify(bool enabled) noexcept {
  if (status_pending()) return ConditionCode::one;
  if (irb_.function_control != 0) return ConditionCode::two;
  enabled_ = enabled;
  return ConditionCode::zero;
}

ConditionCode Subchannel::start(const Orb& orb) {
  if (!enabled_ || (orb.path_mask & only_path) == 0) return ConditionCode::three;
  if (status_pending()) return ConditionCode::one;
  if (irb_.function_control != 0) return ConditionCode::two;
  irb_ = {};
  irb_.function_control = function_control::start;
  irb_.interruption_parameter = orb.interruption_parameter;
  irb_.ccw_address = orb.program;
  program_ = ChannelProgram(storage_, orb);
  run();
  return ConditionCode::zero;
}

ConditionCode Subchannel::halt() {
  if (!enabled_) return ConditionCode::three;
  if (status_pending() && irb_.status_control != in_intermediate) return ConditionCode::one;
  const bool was_active = irb_.subchannel_active;
  end_due_ = false;
  withdraw();
  device_.halt();
  present_function(function_control::halt);
  irb_.status_control |= was_active ? ending : std::uint8_t{0};
  interrupts_.pending(settings_.number);
  return ConditionCode::zero;
}

ConditionCode Subchannel::clear() {
  if (!enabled_) return ConditionCode::three;
  end_due_ = false;
  withdraw();
  device_.clear();
  present_function(function_control::clear);
  interrupts_.pending(settings_.number);
  return ConditionCode::zero;
}

ConditionCode Subchannel::test(Irb& irb) noexcept {
  if (!enabled_) return ConditionCode::three;
  irb = irb_;
  if (!status_pending()) return ConditionCode::one;
  const bool goes_on = irb_.status_control == in_intermediate;
  withdraw();
  irb_.channel_status = 0;
  if (goes_on) return ConditionCode::zero;
  irb_.function_control = 0;
  irb_.device_status = 0;
  irb_.subchannel_active = false;
  irb_.sense_valid = false;
  return ConditionCode::zero;
}

void Subchannel::end_is_due() noexcept {
  if (!active() || end_due_) return;
  end_due_ = true;
  interrupts_.end_due(settings_.number);
}

void Subchannel::end_pending_command(std::span<const std::byte> data, std::uint8_t device_status) {
  if (!active()) return;
  end_due_ = false;
  irb_.subchannel_active = false;
  const std::uint8_t channel_status = program_.scatter(data);
  if (finish(static_cast<std::uint32_t>(data.size()), device_status, channel_status)) run();
}

void Subchannel::present_pci() noexcept {
  if (!active()) return;
  irb_.channel_status |= channel_status::program_controlled_interruption;
  present(status_control::intermediate);
}

void Subchannel::reset() noexcept {
  end_due_ = false;
  withdraw();
  irb_ = {};
  program_ = {};
  enabled_ = false;
}

void Subchannel::run() {
  // ChannelProgram bounds the number of commands.
  do {
    if (const auto status = program_.fetch(); status != 0) {
      stop_by_channel(status);
      return;
    }
    if (program_.command().program_controlled_interruption) {
      irb_.channel_status |= channel_status::program_controlled_interruption;
    }
  } while (execute());
}

bool Subchannel::execute() {
  // Most reads wait for their data: memory that is neither taken nor cleared for what does not come yet.
  constexpr std::size_t usual_read = 4096;
  const ChannelCommand& command = program_.command();
  std::array<std::byte, usual_read> near;
  std::vector<std::byte> data;
  std::span<const std::byte> to_guest;
  CommandEnding answer;
  const bool immediate = device_.is_immediate(command.code);
  if (command.has_bad_address && !immediate) {
    stop_by_channel(channel_status::program_check);
    return false;
  }
  if (flows_to_guest(command.code)) {
    if (command.length > near.size()) data.resize(command.length);
    const auto room = std::span(data.empty() ? near.data() : data.data(), command.length);
    answer = device_.read(command.code, room);
    to_guest = room.first(std::min<std::size_t>(room.size(), answer.transferred));
  } else {
    const auto status = immediate ? std::uint8_t{0} : program_.gather(data);
    if (status != 0) {
      stop_by_channel(status);
      return false;
    }
    answer = device_.write(command.code, data);
  }
  if (!answer.ended) {
    irb_.subchannel_active = true;
    irb_.ccw_address = program_.next_ccw();
    if (irb_.channel_status != 0) present(status_control::intermediate);
    return false;
  }
  return finish(answer.transferred, answer.device_status, program_.scatter(to_guest));
}

bool Subchannel::finish(std::uint32_t transferred, std::uint8_t device_status, std::uint8_t channel_status) {
  const LengthOutcome outcome = program_.settle(transferred);
  irb_.ccw_address = outcome.ccw_address;
  irb_.residual = outcome.residual;
  const bool good = device_status == device_status::normal_ending && channel_status == 0;
  if (good && outcome.incorrect_length) channel_status = channel_status::incorrect_length;
  if (good && channel_status == 0 && program_.command().has(ccw_flag::chain_command)) return true;
  end_program(device_status, channel_status);
  return false;
}

void Subchannel::stop_by_channel(std::uint8_t channel_status) {
  irb_.ccw_address = program_.next_ccw();
  end_program(0, channel_status);
}

void Subchannel::end_program(std::uint8_t device_status, std::uint8_t channel_status) {
  irb_.device_status = device_status;
  irb_.channel_status |= channel_status;
  if ((device_status & device_status::unit_check) != 0) {
    irb_.sense = device_.take_sense();
    irb_.sense_valid = true;
  }
  const bool unusual = channel_status != 0 || (device_status & ~device_status::normal_ending) != 0;
  const bool pci = (irb_.channel_status & channel_status::program_controlled_interruption) != 0;
  present(static_cast<std::uint8_t>(ending | (unusual ? status_control::alert : 0U) |
                                    (pci ? status_control::intermediate : 0U)));
}

void Subchannel::present(std::uint8_t conditions) noexcept {
  const bool pending_already = status_pending();
  irb_.status_control |= conditions | status_control::pending;
  if (!pending_already) interrupts_.pending(settings_.number);
}

// The whole status of an ended halt or clear function; what the start function had to say is gone.
void Subchannel::present_function(std::uint8_t function) noexcept {
  const std::uint32_t parameter = irb_.interruption_parameter;
  irb_ = {};
  irb_.interruption_parameter = parameter;
  irb_.function_control = function;
  irb_.status_control = status_control::pending;
}

void Subchannel::withdraw() noexcept {
  if (status_pending()) interrupts_.withdrawn(settings_.number);
  irb_.status_control = 0;
}

}  // namespace vmlan::arch
