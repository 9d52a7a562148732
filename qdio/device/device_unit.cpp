#include "qdio/device/device_unit.h"

#include <algorithm>
#include <cstring>

namespace vmlan::qdio {

using arch::CommandEnding;

namespace {

// Sense byte 1: the device was reset behind the driver's back; Linux recovers upon it (observed).
constexpr std::uint8_t resetting_event = 0x80;

// As much as there is room for; the rest shows as incorrect length.
template <class Bytes>
CommandEnding supply(std::span<std::byte> room, const Bytes& bytes) noexcept {
  const auto source = std::as_bytes(std::span(bytes));
  std::copy_n(source.begin(), std::min(room.size(), source.size()), room.begin());
  return CommandEnding::normal(static_cast<std::uint32_t>(source.size()));
}

}  // namespace

struct Device::Unit::WriteCommand {
  std::uint8_t code;
  CommandEnding (Unit::*execute)(Data);
};

struct Device::Unit::ReadCommand {
  std::uint8_t code;
  CommandEnding (Unit::*execute)(Room);
};

const std::array<Device::Unit::WriteCommand, 5> Device::Unit::write_commands = {{
    {channel_command::write, &Unit::write_message},
    {channel_command::no_operation, &Unit::no_operation},
    {channel_command::set_interface_identifier, &Unit::set_interface},
    {channel_command::establish_queues, &Unit::establish_queues},
    {channel_command::activate_queues, &Unit::activate_queues},
}};

const std::array<Device::Unit::ReadCommand, 5> Device::Unit::read_commands = {{
    {channel_command::read, &Unit::read_message},
    {channel_command::sense, &Unit::read_sense},
    {channel_command::sense_id, &Unit::read_sense_id},
    {channel_command::read_configuration_data, &Unit::read_configuration},
    {channel_command::read_node_identifier, &Unit::read_node},
}};

Device::Unit::Unit(const DeviceIdentity& identity, unsigned device_index, const Surroundings& surroundings)
    : identity_(identity), device_index_(device_index), around_(surroundings) {}

CommandEnding Device::Unit::write(std::uint8_t command, Data data) {
  for (const WriteCommand& entry : write_commands) {
    if (entry.code == command) return (this->*entry.execute)(data);
  }
  return reject();
}

CommandEnding Device::Unit::read(std::uint8_t command, Room data) {
  for (const ReadCommand& entry : read_commands) {
    if (entry.code == command) return (this->*entry.execute)(data);
  }
  return reject();
}

// z/VM's virtual switch gives ACTIVATE QUEUES an address outside storage (hercules-390/hyperion issue 63).
bool Device::Unit::is_immediate(std::uint8_t command) const {
  return command == channel_command::no_operation || command == channel_command::activate_queues;
}

std::array<std::uint8_t, 32> Device::Unit::take_sense() {
  const auto sense = sense_;
  sense_ = {};
  return sense;
}

CommandEnding Device::Unit::reject() {
  sense_ = {arch::sense::command_reject};
  return CommandEnding::unit_check();
}

CommandEnding Device::Unit::write_message(Data data) {
  data = data.first(std::min(data.size(), max_control_message));
  around_.link.send(device_index_, data);
  return CommandEnding::normal(static_cast<std::uint32_t>(data.size()));
}

CommandEnding Device::Unit::no_operation(Data) { return CommandEnding::normal(); }

// The record names one of three interfaces (SDL-Hercules-390/hyperion, qeth.c); nothing depends on which.
CommandEnding Device::Unit::set_interface(Data data) {
  arch::be32 record;
  if (data.size() < sizeof(record)) return reject();
  std::memcpy(static_cast<void*>(&record), data.data(), sizeof(record));
  constexpr std::uint32_t first = 0xb000'0000;
  constexpr std::uint32_t last = 0xb002'0000;
  const bool valid = record == first || record == 0xb001'0000U || record == last;
  return valid ? CommandEnding::normal(sizeof(record)) : reject();
}

CommandEnding Device::Unit::establish_queues(Data data) {
  // A driver may give no more of the page than its descriptors take.
  const std::size_t given = std::min(data.size(), sizeof(Qdr));
  if (given < offsetof(Qdr, descriptors)) return reject();
  Qdr qdr{};
  std::memcpy(static_cast<void*>(&qdr), data.data(), given);
  const std::size_t queues = std::size_t{qdr.input_queues} + qdr.output_queues;
  if (given < offsetof(Qdr, descriptors) + queues * sizeof(QueueDescriptor)) return reject();
  stop_queues();
  if (!queues_) {
    queues_ =
        std::make_unique<DataQueues>(around_.storage, identity_.kind, device_index_, around_.queue_interrupt);
  }
  if (queues_->establish(qdr) != EstablishResult::established) return reject();
  return CommandEnding::normal(static_cast<std::uint32_t>(given));
}

CommandEnding Device::Unit::activate_queues(Data) {
  if (!queues_ || !queues_->established()) return reject();
  queues_->activate();
  around_.link.queues_started(device_index_, *queues_);
  return CommandEnding::pending();
}

CommandEnding Device::Unit::read_message(Room room) {
  if (!replies_.empty()) {
    const Message message = std::move(replies_.front());
    replies_.pop_front();
    return supply(room, message);
  }
  if (replies_were_lost_) {
    replies_were_lost_ = false;
    sense_ = {arch::sense::equipment_check, resetting_event};
    return CommandEnding::unit_check();
  }
  read_pending_ = true;
  return CommandEnding::pending();
}

void Device::Unit::take_reply(Message message) {
  if (replies_were_lost_ || replies_.size() >= max_waiting_replies) {
    replies_were_lost_ = true;
    ++lost_replies_;
    return;
  }
  replies_.push_back(std::move(message));
  if (read_pending_) around_.interrupts.end_due(device_index_);
}

void Device::Unit::end_read() {
  if (!read_pending_ || replies_.empty()) return;
  read_pending_ = false;
  const Message message = std::move(replies_.front());
  replies_.pop_front();
  around_.interrupts.command_ended(device_index_, message, arch::device_status::normal_ending);
}

CommandEnding Device::Unit::read_sense(Room room) { return supply(room, take_sense()); }

CommandEnding Device::Unit::read_sense_id(Room room) { return supply(room, sense_id_data(identity_.kind)); }

CommandEnding Device::Unit::read_configuration(Room room) {
  return supply(room, configuration_data(identity_));
}

CommandEnding Device::Unit::read_node(Room room) { return supply(room, node_identifier(identity_)); }

void Device::Unit::stop_queues() {
  if (!queues_) return;
  const bool was_active = queues_->active();
  queues_->stop();
  if (was_active) around_.link.queues_stopped(device_index_);
}

void Device::Unit::reset() {
  // The queues first: whatever the adapter does next, it must not touch the guest's storage any more.
  stop_queues();
  around_.link.reset(device_index_);
  read_pending_ = false;
  replies_.clear();
  replies_were_lost_ = false;
  sense_ = {};
}

}  // namespace vmlan::qdio
