#include "qdio/adapter/adapter_connection.h"

#include <algorithm>

#include "arch/ebcdic.h"

namespace vmlan::qdio {

namespace {

constexpr Token device_issuer = device_token(1);

}  // namespace

std::span<const Adapter::Connection::Exchange> Adapter::Connection::exchanges() noexcept {
  using enum HandshakePhase;
  static constexpr Exchange table[] = {
      {MessageType::connection_manager, MpcCommand::enable, cm_enabled, &Connection::enable_cm},
      {MessageType::connection_manager, MpcCommand::setup, cm_set_up, &Connection::set_up_cm},
      {MessageType::upper_layer, MpcCommand::enable, ulp_enabled, &Connection::enable_ulp},
      {MessageType::upper_layer, MpcCommand::setup, ulp_set_up, &Connection::set_up_ulp},
      {MessageType::upper_layer, MpcCommand::activate, established, &Connection::activate_data_manager},
  };
  return table;
}

Adapter::Connection::Connection(const AdapterIdentity& identity, AdapterPort& port, ControlReplies& replies)
    : identity_(identity), port_(port), replies_(replies), ipa_(identity.kind, port) {}

void Adapter::Connection::receive(unsigned device_index, Body message) {
  if (message.size() > max_control_message) return;
  if (const auto idx = parse_idx(message)) {
    activate_channel(device_index, *idx);
    return;
  }
  const bool ours = read_device_ == device_index || write_device_ == device_index;
  if (ours && is_idx_terminate(message)) reset();
  if (!read_device_ || write_device_ != device_index) return;
  const auto pdu = parse_pdu(message);
  if (!pdu) return;
  if (pdu->type == MessageType::ipa) {
    answer_ipa(*pdu);
  } else {
    exchange(*pdu);
  }
}

void Adapter::Connection::reset() {
  read_device_.reset();
  write_device_.reset();
  phase_ = HandshakePhase::channels;
  transmission_sequence_ = 0;
  sequence_ = 0;
  has_port_name_ = false;
  ulp_name_.clear();
  port_name_.clear();
  ipa_.begin(Transport::ip);
  port_.reset();
}

void Adapter::Connection::activate_channel(unsigned device_index, const IdxMessage& request) {
  // A session that got anywhere is over; of one that did not, the other channel stays active.
  if (phase_ != HandshakePhase::channels) reset();
  const bool is_read = request.channel == idx_channel::read_request;
  auto& channel = is_read ? read_device_ : write_device_;
  auto& other = is_read ? write_device_ : read_device_;
  if (other == device_index) other.reset();
  channel = device_index;
  if (is_read) guest_issuer_ = request.issuer;
  has_port_name_ = (request.port & idx_no_port_name) == 0;
  ulp_name_ = arch::name_from_ebcdic(std::as_bytes(std::span(request.ulp_name)));

  IdxMessage reply = request;
  reply.channel = is_read ? idx_channel::read_active : idx_channel::write_active;
  reply.issuer = device_issuer;
  reply.function_level = identity_.kind == AdapterKind::osd ? idx_level_osd : idx_level_iqd;
  const auto level = arch::ebcdic_name(identity_.microcode_level);
  std::copy_n(level.begin(), reply.microcode_level.size(), reply.microcode_level.begin());
  replies_.reply(device_index, to_message(reply));
}

void Adapter::Connection::terminate(std::uint8_t cause) {
  const unsigned device_index = *read_device_;
  reset();
  replies_.reply(device_index, idx_terminate(cause));
}

void Adapter::Connection::exchange(const Pdu& pdu) {
  const auto command = mpc_command(pdu.body);
  if (!command) return;
  if (command == MpcCommand::disable || command == MpcCommand::takedown) take_down(pdu.type);
  for (const Exchange& entry : exchanges()) {
    if (entry.type != pdu.type || entry.command != *command) continue;
    if (!may_follow(phase_, entry.to)) return;
    if (phase_ == HandshakePhase::established) port_.reset();  // the driver starts over
    if (const auto body = (this->*entry.answer)(pdu.body)) {
      phase_ = entry.to;
      send(entry.type, pdu.sequence, *body);
    }
    return;
  }
}

// z/OS ends its connections one by one before it halts the channels, and awaits no answer
// (SDL-Hercules-390/hyperion issue 489). What was registered goes with the upper one.
void Adapter::Connection::take_down(MessageType type) {
  using enum HandshakePhase;
  const HandshakePhase to = type == MessageType::upper_layer ? cm_set_up : channels;
  if (phase_ <= to) return;
  phase_ = to;
  ipa_.begin(Transport::ip);
  port_.reset();
}

void Adapter::Connection::answer_ipa(const Pdu& pdu) {
  if (phase_ != HandshakePhase::established || pdu.body.empty()) return;
  const IpaMessage reply = ipa_.answer(pdu.body);
  send(MessageType::ipa, pdu.sequence, reply.bytes());
  for (const IpaMessage& part : ipa_.take_further_parts()) {
    send(MessageType::ipa, pdu.sequence, part.bytes());
  }
}

void Adapter::Connection::notify(IpaCommand event) {
  if (phase_ != HandshakePhase::established || !ipa_.started()) return;
  send(MessageType::ipa, 0, ipa_.event(event).bytes());
}

void Adapter::Connection::send(MessageType type, std::uint32_t acknowledged, Body body) {
  Envelope envelope;
  envelope.type = type;
  envelope.transmission_sequence = ++transmission_sequence_;
  switch (type) {
    // CM messages are not numbered (observed).
    case MessageType::connection_manager:
      envelope.token = guest_issuer_;
      break;
    case MessageType::upper_layer:
      envelope.protocol = message_protocol::upper_layer_reply;
      envelope.token = guest_cm_connection_;
      envelope.sequence = ++sequence_;
      envelope.acknowledged = acknowledged;
      break;
    case MessageType::ipa:
      envelope.token = guest_ulp_connection_;
      envelope.sequence = ++sequence_;
      envelope.acknowledged = acknowledged;
      break;
  }
  replies_.reply(*read_device_, wrap(envelope, body));
}

}  // namespace vmlan::qdio
