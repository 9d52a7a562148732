#include "hercules/guest_nic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include "qdio/adapter/idx.h"

namespace vmlan::hercules {

using arch::CommandEnding;
using link::MessageType;

namespace {

// Messages wait here while the base is busy, for some seconds at most. A driver that waits for its answers
// needs a few of 4 KiB, whatever frames wait besides.
constexpr std::size_t most_control = 2U << 20U;

std::span<std::byte> copy_to(std::span<std::byte> room, std::span<const std::byte> data) noexcept {
  const std::size_t length = std::min(room.size(), data.size());
  if (length > 0) std::memcpy(room.data(), data.data(), length);
  return room.subspan(length);
}

}  // namespace

GuestNic::GuestNic(const GuestNicSettings& settings, link::SendBuffer& to_base, Trace& trace)
    : settings_(settings),
      to_base_(to_base),
      trace_(trace),
      counters_(settings.device.devices),
      told_(settings.device.devices),
      units_(settings.device.devices) {
  set_storage({});
}

GuestNic::~GuestNic() { device_.reset(); }

void GuestNic::set_storage(arch::GuestStorage storage) {
  qdio::AdapterLink& link = *this;
  qdio::DeviceInterrupts& interrupts = *this;
  storage_ = storage;
  for (Unit& unit : units_) unit.indicators.reset();
  device_.reset();
  device_ = std::make_unique<qdio::Device>(settings_.device, storage, link, interrupts);
}

Counters GuestNic::counters() const noexcept {
  Counters sum;
  for (const Counters& counters : counters_) sum += counters;
  return sum;
}

void GuestNic::tell(MessageType type, unsigned index, std::span<const std::byte> body) {
  overrun_ = overrun_ || to_base_.waiting() + body.size() > to_base_.limit() + most_control;
  if (!overrun_) to_base_.add(type, index, {body});
}

void GuestNic::halt(unsigned index) { device_->channel_device(index).halt(); }

CommandEnding GuestNic::write(unsigned index, std::uint8_t command, std::span<const std::byte> data) {
  units_[index].ended = false;
  return device_->channel_device(index).write(command, data);
}

CommandEnding GuestNic::read(unsigned index, std::uint8_t command, std::span<std::byte> room) {
  units_[index].ended = false;
  return device_->channel_device(index).read(command, room);
}

std::optional<CommandEnding> GuestNic::ended(unsigned index, std::span<std::byte> room) {
  Unit& unit = units_[index];
  device_->end_command(index);
  if (!unit.ended) return std::nullopt;
  unit.ended = false;
  copy_to(room, unit.data);
  return CommandEnding{true, unit.status, static_cast<std::uint32_t>(unit.data.size())};
}

std::array<std::uint8_t, 32> GuestNic::take_sense(unsigned index) {
  return device_->channel_device(index).take_sense();
}

// The device says that one of its units was halted, cleared or reset.
void GuestNic::reset(unsigned index) {
  Unit& unit = units_[index];
  unit = {};
  interrupts_ &= ~(std::uint64_t{1} << index);
  if (joined_) tell(MessageType::reset, index);
}

void GuestNic::send(unsigned index, std::span<const std::byte> message) {
  trace_.from_guest(index, message);
  if (qdio::parse_idx_activate(message)) {
    activate_channel(index, message);
  } else if (joined_ && units_[index].known_to_base) {
    qdio::Message request(message.begin(), message.end());
    rename_data_path(request, units_[index].asked, units_[index].named);
    tell(MessageType::control, index, request);
  } else {
    answer_offline(units_[index], message);
  }
}

void GuestNic::rename_data_path(qdio::Message& message, std::span<const qdio::IdxDataPath> from,
                                std::span<const qdio::IdxDataPath> to) {
  const auto name = qdio::data_path_in(message);
  if (!name) return;
  for (std::size_t at = 0; at < from.size(); ++at) {
    if (std::memcmp(name->data(), static_cast<const void*>(&from[at]), name->size()) != 0) continue;
    std::memcpy(name->data(), static_cast<const void*>(&to[at]), name->size());
    return;
  }
}

// IDX ACTIVATE names data devices by the numbers that the guest knows; the base has its own.
void GuestNic::activate_channel(unsigned index, std::span<const std::byte> message) {
  Unit& unit = units_[index];
  auto request = qdio::parse_idx(message);
  const auto activate = qdio::parse_idx_activate(message);
  const auto base = settings_.device.base_device;
  unit.asked = request->data_paths;
  unit.sessions.clear();
  for (std::size_t at = 0; at < request->data_paths.size(); ++at) {
    qdio::IdxDataPath& path = request->data_paths[at];
    const auto data_index = qdio::data_device_index(activate->data_paths[at], base, devices(), index);
    // Both channels of a data path say the same, whatever numbers their guest gives its devices.
    unit.sessions.push_back(arch::DeviceNumber{
        data_index ? static_cast<std::uint16_t>(base.value + *data_index) : path.data_device.value()});
    // A number that is none of ours must not be taken for one of the base's either: it gets the one behind
    // them all.
    path.data_device =
        static_cast<std::uint16_t>(settings_.virtual_device.value + data_index.value_or(devices()));
    path.unit_address = static_cast<std::uint8_t>(path.data_device);
  }
  unit.named = request->data_paths;
  unit.is_read = activate->read_channel;
  unit.offline.forget();
  qdio::Message renamed = qdio::to_message(request->message, request->data_paths);
  unit.known_to_base = joined_;
  if (joined_) {
    tell(MessageType::control, index, renamed);
  } else {
    unit.kept = std::move(renamed);
  }
}

void GuestNic::answer_offline(const Unit& writer, std::span<const std::byte> message) {
  for (unsigned index = 0; index < units_.size(); ++index) {
    Unit& unit = units_[index];
    if (!unit.is_read || unit.sessions != writer.sessions || unit.sessions.empty()) continue;
    if (auto answer = unit.offline.refuse(message)) {
      trace_.to_guest(index, *answer);
      device_->reply(index, std::move(*answer));
    }
    return;
  }
}

bool GuestNic::has_session(unsigned data_index) const noexcept {
  const arch::DeviceNumber number{
      static_cast<std::uint16_t>(settings_.device.base_device.value + data_index)};
  return joined_ && std::any_of(units_.begin(), units_.end(), [number](const Unit& unit) {
           const auto found = std::find(unit.sessions.begin(), unit.sessions.end(), number);
           return unit.is_read && found != unit.sessions.end() && unit.known_to_base;
         });
}

void GuestNic::queues_started(unsigned index, qdio::DataQueues& queues) {
  Unit& unit = units_[index];
  unit.queues = &queues;
  // HiperSockets carry one packet per buffer (observed).
  queues.set_packing(settings_.device.kind == qdio::AdapterKind::osd);
  unit.known_to_base = has_session(index);
  if (unit.known_to_base) tell(MessageType::queues_started, index);
}

void GuestNic::queues_stopped(unsigned index) {
  Unit& unit = units_[index];
  unit.queues = nullptr;
  if (joined_ && unit.known_to_base) tell(MessageType::queues_stopped, index);
  unit.known_to_base = false;
}

void GuestNic::base_joined() {
  joined_ = true;
  overrun_ = false;
  for (unsigned index = 0; index < units_.size(); ++index) {
    Unit& unit = units_[index];
    if (unit.kept) {
      tell(MessageType::control, index, *unit.kept);
      unit.kept.reset();
      unit.known_to_base = true;
    } else if (unit.offline.started()) {
      device_->reply(index, unit.offline.event(qdio::IpaCommand::start_lan));
    }
  }
}

void GuestNic::base_lost() {
  joined_ = false;
  for (unsigned index = 0; index < units_.size(); ++index) {
    Unit& unit = units_[index];
    unit.known_to_base = false;
    if (unit.offline.started()) device_->reply(index, unit.offline.event(qdio::IpaCommand::stop_lan));
  }
}

void GuestNic::command_ended(unsigned index, std::span<const std::byte> data, std::uint8_t status) {
  Unit& unit = units_[index];
  unit.ended = true;
  unit.status = status;
  unit.data.assign(data.begin(), data.end());
}

void GuestNic::end_due(unsigned) { ended_ = true; }

void GuestNic::program_controlled(unsigned index) noexcept { interrupts_ |= std::uint64_t{1} << index; }

bool GuestNic::indicate_at(unsigned index, const std::optional<Indicators>& indicators) {
  auto& kept = units_[index].indicators;
  kept.reset();
  if (!indicators) return true;
  const bool possible =
      storage_.may_store(indicators->device, 1, indicators->device_key) == arch::ProgramCheck::none &&
      storage_.may_store(indicators->summary, 1, indicators->summary_key) == arch::ProgramCheck::none;
  if (possible) kept = indicators;
  return possible;
}

// The device's first: a guest that finds the summary looks through the devices. The bit is the one that
// Hyperion's own adapter sets; guests look at the byte (observed, Linux 6.1).
void GuestNic::indicate(const Indicators& at) const noexcept {
  constexpr std::uint8_t bit = 0x01;
  const auto set = [this](arch::Address address, arch::AccessKey key) {
    if (auto* byte = storage_.store(address, 1, key)) {
      __atomic_fetch_or(reinterpret_cast<std::uint8_t*>(byte), bit, __ATOMIC_SEQ_CST);
    }
  };
  set(at.device, at.device_key);
  set(at.summary, at.summary_key);
}

std::uint64_t GuestNic::take_interrupts() noexcept {
  for (std::uint64_t left = interrupts_; left != 0; left &= left - 1) {
    const Unit& unit = units_[static_cast<unsigned>(std::countr_zero(left))];
    if (unit.indicators) indicate(*unit.indicators);
  }
  return std::exchange(interrupts_, 0);
}

bool GuestNic::take_ended() noexcept { return std::exchange(ended_, false); }

}  // namespace vmlan::hercules
