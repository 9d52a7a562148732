#include "cms/driver/control_dialogue.h"

#include <utility>

namespace vmlan::cms {

namespace {

// Events may precede the answer being waited for, but not without end.
constexpr unsigned messages_per_answer = 64;

}  // namespace

DriverError ControlDialogue::refusal(std::uint8_t cause) noexcept {
  return is_wrong_transport(cause) ? DriverError::wrong_transport : DriverError::handshake_refused;
}

DriverError ControlDialogue::exchange(MessageType type, const Token& destination,
                                      std::span<const std::byte> pdu, ReceivedMessage& reply) {
  if (const auto error = send(type, MessageProtocol::control, destination, pdu); error != DriverError::none) {
    return error;
  }
  for (unsigned message = 0; message < messages_per_answer; ++message) {
    if (!fetch(reply)) return DriverError::no_answer;
    if (reply.is_idx_terminate()) return refusal(reply.idx_terminate_cause());
    if (!reply.is_ipa()) return DriverError::none;
    note_event(reply);
  }
  return DriverError::no_answer;
}

DriverError ControlDialogue::send(MessageType type, MessageProtocol protocol, const Token& destination,
                                  std::span<const std::byte> pdu) {
  Envelope envelope;
  if (pdu.size() > parameters_.write_room - sizeof(envelope)) return DriverError::channel_error;
  const auto length = static_cast<std::uint16_t>(pdu.size());
  const auto total = static_cast<std::uint16_t>(sizeof(envelope) + pdu.size());
  envelope.transport_sequence = transport_sequence_++;
  envelope.total_length = total;
  envelope.type = static_cast<std::uint8_t>(type);
  envelope.protocol = static_cast<std::uint8_t>(protocol);
  envelope.pdu_sequence = pdu_sequence_++;
  envelope.acknowledged = acknowledged_;
  envelope.pdu_length = length;
  envelope.length = length;
  envelope.destination = destination;
  envelope.pdu_length_low = length;

  const auto storage = machine_->storage();
  storage.write(parameters_.write_buffer, envelope);
  storage.write_bytes(parameters_.write_buffer + sizeof(envelope), pdu);
  const auto outcome = devices_->write_control().start({command_write, total, parameters_.write_buffer});
  if (outcome == Channel::Outcome::ended) return DriverError::none;
  return outcome == Channel::Outcome::pending ? DriverError::no_answer : DriverError::channel_error;
}

std::optional<IpaReply> ControlDialogue::command(IpaRequest request) {
  const auto sequence = ipa_sequence_++;
  request.address(sequence, parameters_.transport);
  if (send(MessageType::ipa, upper_layer_protocol(), ulp_connection_, request.bytes()) != DriverError::none) {
    return std::nullopt;
  }
  ReceivedMessage message;
  for (unsigned count = 0; count < messages_per_answer; ++count) {
    if (!fetch(message)) return std::nullopt;
    if (message.is_ipa()) {
      const IpaReply reply(message.pdu());
      const auto header = reply.header();
      const bool is_reply = header.initiator == static_cast<std::uint8_t>(qdio::IpaInitiator::host_or_reply);
      if (is_reply && header.sequence == sequence) return reply;
    }
    note_event(message);
  }
  return std::nullopt;
}

MessageProtocol ControlDialogue::upper_layer_protocol() const noexcept {
  const bool layer2 = parameters_.transport == qdio::Transport::ethernet;
  return layer2 ? MessageProtocol::layer2 : MessageProtocol::layer3;
}

void ControlDialogue::arm_read() {
  const auto outcome = devices_->read_control().start({command_read, message_page, parameters_.read_buffer});
  read_ended_ = outcome == Channel::Outcome::ended;
}

bool ControlDialogue::fetch(ReceivedMessage& message) {
  auto& channel = devices_->read_control();
  if (!read_ended_) {
    const auto outcome = channel.collect();
    if (outcome != Channel::Outcome::ended && outcome != Channel::Outcome::pending) events_.terminated = true;
    if (outcome != Channel::Outcome::ended) return false;
  }
  message.set_length(channel.transferred());
  machine_->storage().read_bytes(parameters_.read_buffer, message.room());
  acknowledged_ = message.token_at(offsetof(Envelope, pdu_sequence));
  read_ended_ = false;
  if (!message.is_idx_terminate()) arm_read();
  return true;
}

void ControlDialogue::note_event(const ReceivedMessage& message) {
  if (message.is_idx_terminate()) {
    events_.terminated = true;
    return;
  }
  if (!message.is_ipa()) return;
  const auto header = IpaReply(message.pdu()).header();
  if (header.initiator != static_cast<std::uint8_t>(qdio::IpaInitiator::adapter)) return;
  const auto command = static_cast<qdio::IpaCommand>(header.command);
  if (command == qdio::IpaCommand::stop_lan) events_ = {events_.stopped + 1, false, events_.terminated};
  if (command == qdio::IpaCommand::start_lan) events_ = {0, true, events_.terminated};
}

void ControlDialogue::handle_read_interruption() {
  ReceivedMessage message;
  for (unsigned count = 0; count < messages_per_answer && fetch(message); ++count) note_event(message);
}

LanEvents ControlDialogue::take_events() noexcept { return std::exchange(events_, {}); }

}  // namespace vmlan::cms
