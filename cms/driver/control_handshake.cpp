// How a session begins: IDX ACTIVATE and the five MPC exchanges of the dialogue.
#include <algorithm>
#include <initializer_list>

#include "arch/ebcdic.h"
#include "cms/driver/control_dialogue.h"

namespace vmlan::cms {

namespace {

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

// Where a reply keeps tokens and properties, from the start of its PDU.
constexpr std::size_t filter_token_offset = 0x13;
constexpr std::size_t connection_token_offset = 0x1a;
constexpr std::size_t link_length_offset = 0x17;
constexpr std::size_t size_code_offset = 0x1f;
constexpr std::size_t link_type_offset = 0x2b;
constexpr std::uint16_t length_with_link_type = 0x18;

constexpr bool is_token_ring(std::uint8_t link_type) noexcept { return (link_type & 0x7fU) == 0x02U; }

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
  const auto buffer = parameters_.read_buffer;  // no READ is armed yet
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
    return refusal(static_cast<std::uint8_t>(reply.transport_sequence >> 24U));
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
  pdu.bytes({0x00, 0x0b, 0x04, 0x01, static_cast<unsigned>(upper_layer_protocol()), 0x04, 0x05});
  pdu.append(guest_ulp_filter);
  pdu.bytes({0x00, 0x14, 0x04, 0x0a, 0x00, 0x20, 0x00, 0x00, 0xff, 0xff, 0x00 /* port 0 */, 0x08});
  pdu.append(std::as_bytes(std::span(name)));
  ReceivedMessage reply;
  const auto error = exchange(MessageType::upper_layer, cm_connection_, pdu.pdu(), reply);
  const auto start = reply.pdu_offset();
  ulp_filter_ = reply.token_at(start + filter_token_offset);
  size_code_ = reply.half(start + size_code_offset);
  const bool has_type = reply.half(start + link_length_offset) >= length_with_link_type;
  if (has_type && is_token_ring(reply.byte(start + link_type_offset))) return DriverError::wrong_transport;
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

}  // namespace vmlan::cms
