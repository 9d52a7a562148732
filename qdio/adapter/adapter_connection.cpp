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
  };
  return table;
}

std::span<const Adapter::Connection::DataPathExchange> Adapter::Connection::data_path_exchanges() noexcept {
  using enum HandshakePhase;
  static constexpr DataPathExchange table[] = {
      {MpcCommand::setup, ulp_set_up, &Connection::named_in_setup, &Connection::set_up_ulp},
      {MpcCommand::activate, established, &Connection::named_in_activate, &Connection::activate_data_manager},
  };
  return table;
}

Adapter::Connection::Connection(const AdapterIdentity& identity, AdapterPorts& ports, ControlReplies& replies)
    : identity_(identity), ports_(ports), replies_(replies) {}

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

void Adapter::Connection::forget(DataPath& path) {
  path.phase = HandshakePhase::ulp_enabled;
  path.port.reset();
}

void Adapter::Connection::forget_data_paths() {
  for (const auto& path : paths_) forget(*path);
}

void Adapter::Connection::reset() {
  read_device_.reset();
  write_device_.reset();
  phase_ = HandshakePhase::channels;
  transmission_sequence_ = 0;
  sequence_ = 0;
  forget_data_paths();
  paths_.clear();
}

void Adapter::Connection::reset(AdapterPort& port) {
  if (paths_.size() < 2) return reset();
  for (const auto& path : paths_) {
    if (&path->port == &port) forget(*path);
  }
}

bool Adapter::Connection::has(const AdapterPort& port) const noexcept {
  return std::any_of(paths_.begin(), paths_.end(), [&](const auto& path) { return &path->port == &port; });
}

void Adapter::Connection::name_data_paths(unsigned device_index, const IdxRequest& request) {
  // The other channel has said the same, as a rule: nothing is set up yet.
  paths_.clear();
  for (const IdxDataPath& path : request.data_paths) {
    const DataPathName name{{path.data_device}, path.control_unit_address, path.unit_address};
    AdapterPort* port = ports_.port_of(name, device_index);
    if (port == nullptr || has(*port)) continue;
    const Token token = device_token(static_cast<unsigned>(5 + paths_.size()));
    paths_.push_back(std::make_unique<DataPath>(DataPath{name, *port, token, Ipa(identity_.kind, *port)}));
  }
}

void Adapter::Connection::activate_channel(unsigned device_index, const IdxRequest& request) {
  // A session that got anywhere is over; of one that did not, the other channel stays active.
  if (phase_ != HandshakePhase::channels) reset();
  const IdxMessage& asked = request.message;
  const bool is_read = asked.channel == idx_channel::read_request;
  auto& channel = is_read ? read_device_ : write_device_;
  auto& other = is_read ? write_device_ : read_device_;
  if (other == device_index) other.reset();
  name_data_paths(device_index, request);
  const bool other_port = (asked.port & idx_port_number) != 0;
  if (other_port || paths_.empty()) {
    const std::uint8_t cause = other_port ? idx_cause::no_such_port : idx_cause::no_such_device;
    reset();
    replies_.reply(device_index, idx_refusal(request, cause));
    return;
  }
  channel = device_index;
  if (is_read) guest_issuer_ = asked.issuer;
  has_port_name_ = (asked.port & idx_no_port_name) == 0;
  ulp_name_ = arch::name_from_ebcdic(std::as_bytes(std::span(asked.ulp_name)));

  IdxMessage reply = asked;
  reply.channel = is_read ? idx_channel::read_active : idx_channel::write_active;
  reply.issuer = device_issuer;
  reply.function_level = identity_.kind == AdapterKind::osd ? idx_level_osd : idx_level_iqd;
  const auto level = arch::ebcdic_name(identity_.microcode_level);
  std::copy_n(level.begin(), reply.microcode_level.size(), reply.microcode_level.begin());
  replies_.reply(device_index, to_message(reply, request.data_paths));
}

void Adapter::Connection::terminate(std::uint8_t cause) {
  const unsigned device_index = *read_device_;
  reset();
  replies_.reply(device_index, idx_terminate(cause));
}

void Adapter::Connection::exchange(const Pdu& pdu) {
  const auto command = mpc_command(pdu.body);
  if (command == MpcCommand::disable || command == MpcCommand::takedown) return take_down(*command, pdu);
  for (const Exchange& entry : exchanges()) {
    if (entry.type == pdu.type && entry.command == command) return exchange(entry, pdu);
  }
  if (pdu.type != MessageType::upper_layer) return;
  for (const DataPathExchange& entry : data_path_exchanges()) {
    if (entry.command == command) return exchange(entry, pdu);
  }
}

void Adapter::Connection::exchange(const Exchange& entry, const Pdu& pdu) {
  if (!may_follow(phase_, entry.to)) return;
  for (const auto& path : paths_) {
    if (path->phase == HandshakePhase::established) path->port.reset();  // the driver starts over
    path->phase = HandshakePhase::ulp_enabled;
  }
  if (const auto body = (this->*entry.answer)(pdu.body)) {
    phase_ = entry.to;
    const bool upper = entry.type == MessageType::upper_layer;
    send(entry.type, upper ? guest_cm_connection_ : guest_issuer_, pdu.sequence, *body);
  }
}

void Adapter::Connection::exchange(const DataPathExchange& entry, const Pdu& pdu) {
  if (phase_ != HandshakePhase::ulp_enabled) return;
  DataPath* path = (this->*entry.find)(pdu.body);
  if (path == nullptr || !may_follow(path->phase, entry.to)) return;
  if (path->phase == HandshakePhase::established) path->port.reset();
  if (const auto body = (this->*entry.answer)(*path, pdu.body)) {
    path->phase = entry.to;
    send(MessageType::upper_layer, guest_cm_connection_, pdu.sequence, *body);
  }
}

// z/OS ends its connections one by one before it halts the channels, and awaits no answer
// (SDL-Hercules-390/hyperion issue 489). What was registered goes with the upper one: of one data path if the
// message names it.
void Adapter::Connection::take_down(MpcCommand command, const Pdu& pdu) {
  using enum HandshakePhase;
  const bool upper = pdu.type == MessageType::upper_layer;
  const HandshakePhase to = upper ? cm_set_up : channels;
  if (phase_ <= to) return;
  if (upper && command == MpcCommand::takedown && paths_.size() > 1) {
    if (DataPath* path = named_in_activate(pdu.body)) return forget(*path);
    // One that is down already, or never was: the others are not meant.
    if (names_a_path(pdu.body)) return;
  }
  phase_ = to;
  forget_data_paths();
}

void Adapter::Connection::answer_ipa(const Pdu& pdu) {
  DataPath* path = set_up(pdu.token);
  if (path == nullptr || path->phase != HandshakePhase::established || pdu.body.empty()) return;
  const IpaMessage reply = path->ipa.answer(pdu.body);
  send(MessageType::ipa, path->guest, pdu.sequence, reply.bytes());
  for (const IpaMessage& part : path->ipa.take_further_parts()) {
    send(MessageType::ipa, path->guest, pdu.sequence, part.bytes());
  }
}

void Adapter::Connection::notify(AdapterPort& port, IpaCommand event) {
  for (const auto& path : paths_) {
    if (&path->port != &port || path->phase != HandshakePhase::established || !path->ipa.started()) continue;
    send(MessageType::ipa, path->guest, 0, path->ipa.event(event).bytes());
  }
}

void Adapter::Connection::send(MessageType type, const Token& guest, std::uint32_t acknowledged, Body body) {
  Envelope envelope;
  envelope.type = type;
  envelope.token = guest;
  envelope.transmission_sequence = ++transmission_sequence_;
  // CM messages are not numbered (observed).
  if (type != MessageType::connection_manager) {
    envelope.sequence = ++sequence_;
    envelope.acknowledged = acknowledged;
  }
  if (type == MessageType::upper_layer) envelope.protocol = message_protocol::upper_layer_reply;
  replies_.reply(*read_device_, wrap(envelope, body));
}

}  // namespace vmlan::qdio
