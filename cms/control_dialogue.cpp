#include "cms/control_dialogue.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "arch/ebcdic.h"

namespace vmlan::cms {

namespace {

constexpr std::uint8_t command_write = 0x01;
constexpr std::uint8_t command_read = 0x02;

// Events may precede the answer being waited for, but not without end.
constexpr unsigned messages_per_answer = 64;

constexpr std::size_t shortest_idx_reply = 0x16;
constexpr std::uint8_t idx_direction_read = 0x19;
constexpr std::uint8_t idx_direction_write = 0x15;
constexpr std::uint8_t idx_no_port_name = 0x80;
constexpr std::uint8_t idx_port_valid = 0x40;
constexpr std::uint16_t osd_function_level = 0x0101;
constexpr std::uint16_t iqd_function_level = 0x4108;
constexpr std::uint16_t osd_peer_level = 0x0201;
constexpr std::uint16_t iqd_peer_level = 0x0408;
constexpr std::uint16_t peer_level_mask_write = 0xfeff;  // the write channel's may differ in this bit
constexpr std::uint8_t cause_wrong_transport = 0x41;
constexpr std::uint8_t cause_wrong_transport_vm = 0xf6;

// Where a reply keeps tokens and properties, from the start of its PDU.
constexpr std::size_t filter_token_offset = 0x13;
constexpr std::size_t connection_token_offset = 0x1a;
constexpr std::size_t link_length_offset = 0x17;
constexpr std::size_t size_code_offset = 0x1f;
constexpr std::size_t link_type_offset = 0x2b;
constexpr std::uint16_t length_with_link_type = 0x18;

// Appends big-endian fields and tokens to a PDU.
class PduBuilder {
 public:
  PduBuilder& bytes(std::initializer_list<unsigned> values) {
    for (const auto value : values) bytes_[length_++] = static_cast<std::byte>(value);
    return *this;
  }
  PduBuilder& append(std::span<const std::byte> values) {
    std::copy(values.begin(), values.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(length_));
    length_ += values.size();
    return *this;
  }
  PduBuilder& half(std::uint16_t value) { return bytes({unsigned{value} >> 8U, unsigned{value} & 0xffU}); }
  std::span<const std::byte> pdu() const { return std::span(bytes_).first(length_); }

 private:
  std::array<std::byte, 0x40> bytes_{};
  std::size_t length_ = 0;
};

// PUK header: its length, type, length of the parameters that follow.
PduBuilder puk(std::uint16_t type, std::uint16_t parameters_length) {
  PduBuilder pdu;
  pdu.half(0x000c).half(type).half(parameters_length).bytes({0, 0, 0, 0, 0, 0});
  return pdu;
}

constexpr std::uint16_t puk_enable = 0x4102;
constexpr std::uint16_t puk_setup = 0x4104;
constexpr std::uint16_t puk_activate = 0x4360;

}  // namespace

DriverError ControlDialogue::connect(arch::Machine& machine, ChannelDevices& devices,
                                     const Parameters& parameters) {
  *this = {};
  machine_ = &machine;
  devices_ = &devices;
  parameters_ = parameters;
  auto error = idx_activate(devices.read_control(), true);
  if (error == DriverError::none) error = idx_activate(devices.write_control(), false);
  if (error != DriverError::none) return error;
  arm_read();
  using Step = DriverError (ControlDialogue::*)();
  for (const Step step :
       {&ControlDialogue::enable_connection_manager, &ControlDialogue::set_up_connection_manager,
        &ControlDialogue::enable_upper_layer, &ControlDialogue::set_up_upper_layer}) {
    error = (this->*step)();
    if (error != DriverError::none) return error;
  }
  return DriverError::none;
}

DriverError ControlDialogue::idx_activate(Channel& channel, bool is_read_channel) {
  const bool iqd = devices_->kind() == qdio::AdapterKind::iqd;
  IdxActivate request;
  request.direction = is_read_channel ? idx_direction_read : idx_direction_write;
  request.port = parameters_.port_name.empty() ? idx_no_port_name | idx_port_valid : idx_port_valid;
  request.issuer = guest_issuer;
  request.function_level = iqd ? iqd_function_level : osd_function_level;
  request.ulp_name = arch::ebcdic_name(parameters_.ulp_name);
  request.data_device = devices_->data_device().value;
  request.control_unit = devices_->identity().control_unit;
  request.unit = devices_->identity().unit;

  // Request and answer share one buffer, as they do in Linux.
  const auto buffer = parameters_.write_buffer;
  const auto storage = machine_->storage();
  storage.write(buffer, std::array<std::byte, message_page>{});
  storage.write(buffer, request);
  const std::array<ChannelCommand, 2> program{
      {{command_write, sizeof(request), buffer}, {command_read, message_page, buffer}}};
  const auto outcome = channel.start(program);
  if (outcome == Channel::Outcome::pending) return DriverError::no_answer;
  if (outcome != Channel::Outcome::ended) return DriverError::channel_error;
  const auto reply = storage.read<IdxActivate>(buffer).value;
  if (channel.transferred() < shortest_idx_reply) return DriverError::handshake_refused;
  const auto error = judge_idx_reply(reply, is_read_channel);
  if (error == DriverError::none && is_read_channel) issuer_ = reply.issuer;
  if (!is_read_channel) transport_sequence_ = 1;
  return error;
}

DriverError ControlDialogue::judge_idx_reply(const IdxActivate& reply, bool is_read_channel) const {
  constexpr std::uint32_t terminate_bits = 0x0000c000;
  if ((reply.transmission_id & terminate_bits) == terminate_bits) {
    const auto cause = static_cast<std::uint8_t>(reply.transport_sequence >> 24U);
    const bool transport = cause == cause_wrong_transport || cause == cause_wrong_transport_vm;
    return transport ? DriverError::wrong_transport : DriverError::handshake_refused;
  }
  constexpr unsigned answer_mask = 3;
  constexpr unsigned positive_answer = 2;
  if ((reply.direction & answer_mask) != positive_answer) return DriverError::handshake_refused;
  const bool iqd = devices_->kind() == qdio::AdapterKind::iqd;
  const auto expected = iqd ? iqd_peer_level : osd_peer_level;
  const auto mask = is_read_channel ? std::uint16_t{0xffff} : peer_level_mask_write;
  const bool matches = (reply.function_level & mask) == (expected & mask);
  return matches ? DriverError::none : DriverError::handshake_refused;
}

DriverError ControlDialogue::enable_connection_manager() {
  auto pdu = puk(puk_enable, 0x17);
  pdu.bytes({0x00, 0x0b, 0x04, 0x01, 0x7e, 0x04, 0x05}).append(guest_cm_filter);
  pdu.bytes({0x00, 0x0c, 0x04, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  ReceivedMessage reply;
  const auto error = exchange(MessageType::connection_manager, issuer_, pdu.pdu(), reply);
  cm_filter_ = reply.token_at(reply.pdu_offset() + filter_token_offset);
  return error;
}

DriverError ControlDialogue::set_up_connection_manager() {
  auto pdu = puk(puk_setup, 0x18);
  pdu.bytes({0x00, 0x09, 0x04, 0x04, 0x05}).append(guest_cm_connection);
  pdu.bytes({0x00, 0x09, 0x04, 0x05, 0x05}).append(cm_filter_);
  pdu.bytes({0x00, 0x06, 0x04, 0x06, 0xc8, 0x00});
  ReceivedMessage reply;
  const auto error = exchange(MessageType::connection_manager, issuer_, pdu.pdu(), reply);
  cm_connection_ = reply.token_at(reply.pdu_offset() + connection_token_offset);
  return error;
}

DriverError ControlDialogue::enable_upper_layer() {
  constexpr std::string_view linux_name = "HYD1G1";  // what Linux sends when there is no port name
  const bool named = !parameters_.port_name.empty();
  auto name = arch::ebcdic_name(named ? parameters_.port_name : linux_name);
  if (!named) std::fill(name.begin() + linux_name.size(), name.end(), std::uint8_t{0});
  auto pdu = puk(puk_enable, 0x1f);
  pdu.bytes({0x00, 0x0b, 0x04, 0x01, static_cast<unsigned>(MessageProtocol::layer3), 0x04, 0x05});
  pdu.append(guest_ulp_filter);
  pdu.bytes({0x00, 0x14, 0x04, 0x0a, 0x00, 0x20, 0x00, 0x00, 0xff, 0xff, 0x00 /* port 0 */, 0x08});
  pdu.append(std::as_bytes(std::span(name)));
  ReceivedMessage reply;
  const auto error = exchange(MessageType::upper_layer, cm_connection_, pdu.pdu(), reply);
  const auto start = reply.pdu_offset();
  ulp_filter_ = reply.token_at(start + filter_token_offset);
  link_.size_code = reply.half(start + size_code_offset);
  const bool has_type = reply.half(start + link_length_offset) >= length_with_link_type;
  link_.link_type = has_type ? reply.byte(start + link_type_offset) : std::uint8_t{0};
  return error;
}

DriverError ControlDialogue::set_up_upper_layer() {
  auto pdu = puk(puk_setup, 0x20);
  pdu.bytes({0x00, 0x09, 0x04, 0x04, 0x05}).append(guest_ulp_connection);
  pdu.bytes({0x00, 0x09, 0x04, 0x05, 0x05}).append(ulp_filter_);
  pdu.bytes({0x00, 0x06, 0x04, 0x06, 0x40, 0x00});
  pdu.bytes({0x00, 0x08, 0x04, 0x0b}).half(devices_->data_device().value);
  pdu.bytes({devices_->identity().control_unit, devices_->identity().unit});
  ReceivedMessage reply;
  const auto error = exchange(MessageType::upper_layer, cm_connection_, pdu.pdu(), reply);
  ulp_connection_ = reply.token_at(reply.pdu_offset() + connection_token_offset);
  return error;
}

DriverError ControlDialogue::activate_data_manager() {
  auto pdu = puk(puk_activate, 0x09);
  pdu.bytes({0x00, 0x09, 0x04, 0x04, 0x05}).append(ulp_connection_);
  ReceivedMessage reply;
  return exchange(MessageType::upper_layer, cm_connection_, pdu.pdu(), reply);
}

DriverError ControlDialogue::exchange(MessageType type, const Token& destination,
                                      std::span<const std::byte> pdu, ReceivedMessage& reply) {
  if (const auto error = send(type, MessageProtocol::control, destination, pdu); error != DriverError::none) {
    return error;
  }
  for (unsigned message = 0; message < messages_per_answer; ++message) {
    if (!fetch(reply)) return DriverError::no_answer;
    if (reply.is_idx_terminate()) return DriverError::handshake_refused;
    if (!reply.is_ipa()) return DriverError::none;
    note_event(reply);
  }
  return DriverError::no_answer;
}

DriverError ControlDialogue::send(MessageType type, MessageProtocol protocol, const Token& destination,
                                  std::span<const std::byte> pdu) {
  Envelope envelope;
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
  request.set_sequence(sequence);
  if (send(MessageType::ipa, MessageProtocol::layer3, ulp_connection_, request.bytes()) !=
      DriverError::none) {
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
  if (command == qdio::IpaCommand::stop_lan) events_ = {true, false, events_.terminated};
  if (command == qdio::IpaCommand::start_lan) events_.restored = true;
}

void ControlDialogue::handle_read_interruption() {
  ReceivedMessage message;
  for (unsigned count = 0; count < messages_per_answer && fetch(message); ++count) note_event(message);
}

LanEvents ControlDialogue::take_events() noexcept { return std::exchange(events_, {}); }

}  // namespace vmlan::cms
