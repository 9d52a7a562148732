// The five MPC exchanges: what a session answers to CM_ENABLE, CM_SETUP, ULP_ENABLE, ULP_SETUP and DM_ACT.
// Constant fields as observed from Hercules' QETH device with Linux 6.1.
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "arch/ebcdic.h"
#include "qdio/adapter/adapter_connection.h"

namespace vmlan::qdio {

namespace {

using Data = std::span<const std::byte>;

constexpr std::uint8_t token_mark = 0x05;

constexpr Token device_cm_filter = device_token(2);
constexpr Token device_cm_connection = device_token(3);
constexpr Token device_ulp_filter = device_token(4);

constexpr std::array<std::uint8_t, 8> no_user_data{};
using SetupOptions = std::array<std::uint8_t, 4>;
constexpr SetupOptions setup_options = {0x40, 0, 0, 0};

// Frame-size codes of HiperSockets, the only ones Linux knows.
constexpr std::uint16_t frame_size_code(std::uint32_t bytes) noexcept {
  if (bytes >= 0x10000) return 0xffff;
  return static_cast<std::uint16_t>(bytes);
}

// Parameters "connection": mark and token.
using MarkedToken = std::array<std::uint8_t, 5>;

constexpr MarkedToken marked(const Token& token) noexcept {
  return {token_mark, token[0], token[1], token[2], token[3]};
}

std::optional<Token> token_of(Data body, MpcParameter id) {
  const auto data = find_parameter(body, id);
  if (!data || data->size() < sizeof(MarkedToken)) return std::nullopt;
  Token token;
  std::transform(data->begin() + 1, data->begin() + sizeof(MarkedToken), token.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return token;
}

// Parameter "filter": protocol, mark, token.
using Filter = std::array<std::uint8_t, 7>;

constexpr Filter filter(std::uint8_t protocol, const Token& token) noexcept {
  return {protocol, 0x04, token_mark, token[0], token[1], token[2], token[3]};
}

std::optional<std::uint8_t> protocol_of(Data body) {
  const auto data = find_parameter(body, MpcParameter::filter);
  if (!data || data->size() < sizeof(Filter)) return std::nullopt;
  return std::to_integer<std::uint8_t>(data->front());
}

// Parameter "link" of ULP_ENABLE.
struct LinkRequest {
  std::array<std::uint8_t, 4> constant = {0x00, 0x20, 0x00, 0x00};
  arch::be16 size;  // FFFF in a request, MTU or frame-size code in the reply
  std::uint8_t port_number = 0;
  std::uint8_t name_length = 8;
  std::array<std::uint8_t, 8> port_name{};
};
static_assert(sizeof(LinkRequest) == 16);

struct LinkReply {
  LinkRequest echoed;
  std::uint8_t link_type = link_type_10_gigabit;
  std::array<std::uint8_t, 3> reserved{};
};
static_assert(sizeof(LinkReply) == 20);

template <class Block>
std::optional<Block> block_of(Data body, MpcParameter id) {
  const auto data = find_parameter(body, id);
  if (!data || data->size() < sizeof(Block)) return std::nullopt;
  Block block;
  std::memcpy(static_cast<void*>(&block), data->data(), sizeof(block));
  return block;
}

template <class Block>
std::span<const std::uint8_t> bytes_of(const Block& block) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(&block), sizeof(block)};
}

std::string port_name_of(const LinkRequest& link) {
  const auto length = std::min<std::size_t>(link.name_length, link.port_name.size());
  return arch::name_from_ebcdic(std::as_bytes(std::span(link.port_name).first(length)));
}

// The reply to CM_SETUP and ULP_SETUP up to where they differ.
MpcBody setup_reply(const Token& guest, const Token& device, const SetupOptions& options) {
  MpcBody reply(MpcCommand::confirm);
  reply.add(MpcParameter::guest_connection, marked(guest));
  reply.add(MpcParameter::device_connection, marked(device));
  reply.add(MpcParameter::options, options);
  return reply;
}

// ULP_SETUP's reply repeats what it was asked for: 4000 by Linux, 4000 or C800 by others
// (SDL-Hercules-390/hyperion, qeth.c).
SetupOptions options_asked(Data body) {
  const auto asked = block_of<std::array<std::uint8_t, 2>>(body, MpcParameter::request_options);
  return asked ? SetupOptions{(*asked)[0], (*asked)[1], 0, 0} : setup_options;
}

// The reply's parameter "link" has room for the link type; a request that has more gets it back.
std::vector<std::uint8_t> link_reply(const LinkReply& answer, Data asked) {
  std::vector<std::uint8_t> data(std::max(sizeof(answer), asked.size()));
  std::memcpy(data.data(), asked.data(), asked.size());
  std::memcpy(data.data(), static_cast<const void*>(&answer), sizeof(answer));
  return data;
}

}  // namespace

std::optional<Message> Adapter::Connection::enable_cm(Body body) {
  const auto protocol = protocol_of(body);
  if (!protocol) return std::nullopt;
  MpcBody reply(MpcCommand::enable);
  reply.add(MpcParameter::filter, filter(*protocol, device_cm_filter));
  reply.add(MpcParameter::user_data, no_user_data);
  return reply.bytes();
}

std::optional<Message> Adapter::Connection::set_up_cm(Body body) {
  const auto guest = token_of(body, MpcParameter::guest_connection);
  if (!guest) return std::nullopt;
  guest_cm_connection_ = *guest;
  return setup_reply(*guest, device_cm_connection, setup_options).bytes();
}

std::optional<Message> Adapter::Connection::enable_ulp(Body body) {
  const auto protocol = protocol_of(body);
  const auto link = block_of<LinkRequest>(body, MpcParameter::link);
  if (!protocol || !link) return std::nullopt;
  if (*protocol != message_protocol::layer2 && *protocol != message_protocol::layer3) return std::nullopt;
  transport_ = *protocol == message_protocol::layer2 ? Transport::ethernet : Transport::ip;
  if (!paths_.front()->port.accepts(transport_)) {
    terminate(idx_cause::wrong_transport);
    return std::nullopt;
  }
  port_name_ = has_port_name_ ? port_name_of(*link) : std::string();

  LinkReply answer;
  answer.echoed = *link;
  answer.echoed.size = size_code();
  MpcBody reply(MpcCommand::enable);
  reply.add(MpcParameter::filter, filter(*protocol, device_ulp_filter));
  reply.add(MpcParameter::link, link_reply(answer, *find_parameter(body, MpcParameter::link)));
  return reply.bytes();
}

std::uint16_t Adapter::Connection::size_code() const {
  const AdapterPort& port = paths_.front()->port;
  if (identity_.kind == AdapterKind::iqd) return frame_size_code(port.max_frame_size());
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(port.max_mtu(), 0xffff));
}

Adapter::Connection::DataPath* Adapter::Connection::set_up(const Token& token) noexcept {
  for (const auto& path : paths_) {
    const bool meant = path->token == token || paths_.size() == 1;
    if (meant && path->phase != HandshakePhase::ulp_enabled) return path.get();
  }
  return nullptr;
}

// A driver that named one data path means it, whatever it calls it now.
Adapter::Connection::DataPath* Adapter::Connection::named_in_setup(Body body) {
  const auto unit = block_of<IdxDataPath>(body, MpcParameter::unit);
  if (!unit) return nullptr;
  const DataPathName name{{unit->data_device}, unit->control_unit_address, unit->unit_address};
  for (const auto& path : paths_) {
    if (path->name == name) return path.get();
  }
  return paths_.size() == 1 ? paths_.front().get() : nullptr;
}

Adapter::Connection::DataPath* Adapter::Connection::named_in_activate(Body body) {
  const auto token = token_of(body, MpcParameter::guest_connection);
  return set_up(token.value_or(Token{}));
}

bool Adapter::Connection::names_a_path(Body body) {
  return token_of(body, MpcParameter::guest_connection).has_value();
}

std::optional<Message> Adapter::Connection::set_up_ulp(DataPath& path, Body body) {
  const auto guest = token_of(body, MpcParameter::guest_connection);
  const auto unit = block_of<IdxDataPath>(body, MpcParameter::unit);
  if (!guest || !unit) return std::nullopt;
  path.guest = *guest;
  MpcBody reply = setup_reply(*guest, path.token, options_asked(body));
  return reply.add(MpcParameter::unit, bytes_of(*unit)).bytes();
}

std::optional<Message> Adapter::Connection::activate_data_manager(DataPath& path, Body) {
  path.ipa.begin(transport_);
  path.port.session_established(transport_, ulp_name_, port_name_);
  MpcBody reply(MpcCommand::activate);
  reply.add(MpcParameter::guest_connection, marked(path.guest));
  return reply.bytes();
}

}  // namespace vmlan::qdio
