#include "cms/driver/ipa_request.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace vmlan::cms {

namespace {

using qdio::AdapterSubcommand;
using qdio::AssistCommand;
using qdio::IpaCommand;

// SETASSPARMS: length, command, return code, number of replies and sequence number precede the data.
constexpr std::uint16_t assist_parameters_length = 8;
// SETADAPTERPARMS: everything from the length field to the data.
constexpr std::uint16_t adapter_parameters_length = 16;
constexpr std::uint8_t mac_size = 6;
// IpaHeader::primitive_version.
constexpr std::uint8_t layer3_version = 1;
constexpr std::uint8_t layer2_version = 2;
// DELIP/SETIP always carry the room of their IPv6 form.
constexpr std::size_t address_data_size = 36;

IpaRequest adapter_request(AdapterSubcommand subcommand, std::uint16_t data_length) {
  IpaRequest request(IpaCommand::set_adapter_parameters, Protocol::ipv4);
  request.add_zeros(8);  // supported and enabled, the adapter's
  request.add16(static_cast<std::uint16_t>(adapter_parameters_length + data_length));
  request.add16(0);
  request.add32(static_cast<std::uint32_t>(subcommand));
  request.add16(0);         // return code
  request.add8(1).add8(1);  // one message, the first
  request.add_zeros(4);     // flags
  return request;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> prefix_mask(unsigned prefix_length) noexcept {
  std::array<std::uint8_t, Size> mask{};
  for (unsigned bit = 0; bit < prefix_length && bit < Size * 8; ++bit) {
    mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | (0x80U >> bit % 8));
  }
  return mask;
}

IpaRequest address_request(IpaCommand command, const wire::IpAddress& address, unsigned prefix_length,
                           std::uint32_t flags) {
  IpaRequest request(command, protocol_of(address.version()));
  if (address.is_v4()) {
    request.add(std::span(address.v4_bytes(), 4)).add(prefix_mask<4>(prefix_length)).add32(flags);
    request.add_zeros(address_data_size - 12);
  } else {
    request.add(address.bytes).add(prefix_mask<16>(prefix_length)).add32(flags);
  }
  return request;
}

}  // namespace

IpaRequest::IpaRequest(IpaCommand command, Protocol protocol) noexcept : length_(sizeof(qdio::IpaHeader)) {
  qdio::IpaHeader header;
  header.command = static_cast<std::uint8_t>(command);
  header.protocol_version = static_cast<std::uint16_t>(protocol);
  std::memcpy(bytes_.data(), &header, sizeof(header));
}

IpaRequest& IpaRequest::add(std::span<const std::uint8_t> bytes) noexcept {
  assert(bytes.size() <= bytes_.size() - length_);
  std::memcpy(bytes_.data() + length_, bytes.data(), bytes.size());
  length_ += bytes.size();
  return *this;
}

IpaRequest& IpaRequest::add8(std::uint8_t value) noexcept { return add(std::span(&value, 1)); }

IpaRequest& IpaRequest::add16(std::uint16_t value) noexcept {
  return add8(static_cast<std::uint8_t>(value >> 8U)).add8(static_cast<std::uint8_t>(value));
}

IpaRequest& IpaRequest::add32(std::uint32_t value) noexcept {
  return add16(static_cast<std::uint16_t>(value >> 16U)).add16(static_cast<std::uint16_t>(value));
}

IpaRequest& IpaRequest::add_zeros(std::size_t count) noexcept {
  assert(count <= bytes_.size() - length_);
  length_ += count;  // the array is zero to begin with
  return *this;
}

void IpaRequest::address(std::uint16_t sequence, qdio::Transport transport) noexcept {
  const arch::be16 field = sequence;
  std::memcpy(bytes_.data() + offsetof(qdio::IpaHeader, sequence), &field, sizeof(field));
  bytes_[offsetof(qdio::IpaHeader, primitive_version)] =
      std::byte{transport == qdio::Transport::ip ? layer3_version : layer2_version};
}

IpaRequest start_lan_request() { return {IpaCommand::start_lan, Protocol::none}; }

IpaRequest query_assists_request(Protocol protocol) { return {IpaCommand::query_ip_assist, protocol}; }

IpaRequest assist_request(std::uint32_t assist, AssistCommand command, Protocol protocol,
                          std::optional<std::uint32_t> data) {
  IpaRequest request(IpaCommand::set_assist_parameters, protocol);
  request.add32(assist);
  request.add16(static_cast<std::uint16_t>(assist_parameters_length + (data ? sizeof(*data) : 0)));
  request.add16(static_cast<std::uint16_t>(command));
  request.add_zeros(4);  // return code, number of replies, sequence number
  if (data) request.add32(*data);
  return request;
}

IpaRequest query_adapter_request() {
  constexpr std::uint16_t query_length = 20;
  return adapter_request(AdapterSubcommand::query_commands, query_length).add_zeros(query_length);
}

IpaRequest read_mac_request() {
  constexpr std::uint16_t alter_mac_length = 20;
  constexpr std::uint32_t operation_read = 0;
  auto request = adapter_request(AdapterSubcommand::alter_mac, alter_mac_length);
  request.add32(operation_read).add32(mac_size).add32(0);  // no addresses follow but the current one: none
  return request.add_zeros(mac_size + 2);
}

IpaRequest routing_request(wire::IpVersion version, qdio::RouterType type) {
  return IpaRequest(IpaCommand::set_routing, protocol_of(version)).add8(static_cast<std::uint8_t>(type));
}

IpaRequest create_address_request() {
  return IpaRequest(IpaCommand::create_address, Protocol::ipv6).add_zeros(mac_size + 2);
}

IpaRequest set_ip_request(const wire::IpAddress& address, unsigned prefix_length, std::uint32_t flags) {
  return address_request(IpaCommand::set_ip, address, prefix_length, flags);
}

IpaRequest delete_ip_request(const wire::IpAddress& address, unsigned prefix_length) {
  return address_request(IpaCommand::delete_ip, address, prefix_length, 0);
}

IpaRequest mac_request(IpaCommand command, const wire::MacAddress& mac) {
  return IpaRequest(command, Protocol::ipv4).add32(mac_size).add(mac.bytes);
}

IpaRequest multicast_request(const wire::IpAddress& group, bool set) {
  IpaRequest request(set ? IpaCommand::set_multicast : IpaCommand::delete_multicast,
                     protocol_of(group.version()));
  request.add(wire::multicast_mac(group).bytes).add_zeros(2);
  if (group.is_v4()) return request.add_zeros(12).add(std::span(group.v4_bytes(), 4));
  return request.add(group.bytes);
}

IpaReply::IpaReply(std::span<const std::byte> pdu) noexcept {
  std::memcpy(bytes_.data(), pdu.data(), std::min(pdu.size(), bytes_.size()));
}

qdio::IpaHeader IpaReply::header() const noexcept {
  qdio::IpaHeader header;
  std::memcpy(&header, bytes_.data(), sizeof(header));
  return header;
}

std::uint16_t IpaReply::half(std::size_t offset) const noexcept {
  arch::be16 value;
  if (offset + sizeof(value) <= bytes_.size()) std::memcpy(&value, bytes_.data() + offset, sizeof(value));
  return value;
}

std::uint32_t IpaReply::word(std::size_t offset) const noexcept {
  return (std::uint32_t{half(offset)} << 16U) | half(offset + 2);
}

wire::MacAddress IpaReply::mac(std::size_t offset) const noexcept {
  wire::MacAddress mac;
  if (offset + mac_size <= bytes_.size()) std::memcpy(mac.bytes.data(), bytes_.data() + offset, mac_size);
  return mac;
}

}  // namespace vmlan::cms
