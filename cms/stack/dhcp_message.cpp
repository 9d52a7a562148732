#include "cms/stack/dhcp_message.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "arch/big_endian.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

// RFC 2131, figure 1.
struct BootpHeader {
  std::uint8_t operation = 1;  // 1 request, 2 reply
  std::uint8_t hardware = 1;
  std::uint8_t hardware_length = 6;
  std::uint8_t hops = 0;
  arch::be32 transaction;
  arch::be16 elapsed;
  arch::be16 flags;
  std::array<std::uint8_t, 4> client{};
  std::array<std::uint8_t, 4> yours{};
  std::array<std::uint8_t, 4> next_server{};
  std::array<std::uint8_t, 4> relay{};
  std::array<std::uint8_t, 16> hardware_address{};
  std::array<std::uint8_t, 64> server_name{};
  std::array<std::uint8_t, 128> file{};
  arch::be32 cookie{0x63825363U};
};
static_assert(sizeof(BootpHeader) == 240);
constexpr std::uint16_t flag_broadcast = 0x8000;
constexpr std::size_t shortest_message = 300;  // RFC 1542, 2.1

enum Option : std::uint8_t {
  pad = 0,
  subnet_mask_option = 1,
  router = 3,
  name_server = 6,
  requested_address = 50,
  lease_time_option = 51,
  message_type = 53,
  server_identifier = 54,
  wanted_options = 55,
  renewal_time_option = 58,
  rebinding_time_option = 59,
  client_identifier = 61,
  end = 255,
};

void add_option(std::vector<std::byte>& bytes, Option code, std::span<const std::uint8_t> value) {
  bytes.push_back(std::byte{code});
  bytes.push_back(static_cast<std::byte>(value.size()));
  for (const std::uint8_t byte : value) bytes.push_back(std::byte{byte});
}

std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  arch::be32 word;
  std::memcpy(&word, bytes.data() + offset, sizeof(word));
  return word;
}

std::vector<wire::IpAddress> hosts_of(std::span<const std::byte> value) {
  std::vector<wire::IpAddress> hosts;
  for (std::size_t at = 0; at + 4 <= value.size() && hosts.size() < DhcpReply::most_addresses; at += 4) {
    if (const auto host = v4_address(word_at(value, at)); is_host_address(host)) hosts.push_back(host);
  }
  return hosts;
}

}  // namespace

bool is_host_address(const wire::IpAddress& address) noexcept {
  constexpr std::uint8_t loopback = 127;
  constexpr std::uint8_t first_group = 224;
  const std::uint8_t first = address.v4_bytes()[0];
  return first != 0 && first != loopback && first < first_group;
}

std::vector<std::byte> DhcpRequest::bytes() const {
  BootpHeader header;
  header.transaction = transaction;
  std::copy(mac.bytes.begin(), mac.bytes.end(), header.hardware_address.begin());
  if (own) {
    std::copy_n(own->v4_bytes(), 4, header.client.begin());
  } else {
    header.flags = flag_broadcast;
  }
  std::vector<std::byte> bytes(sizeof(header));
  std::memcpy(bytes.data(), &header, sizeof(header));
  add_option(bytes, message_type, std::array{static_cast<std::uint8_t>(type)});
  std::array<std::uint8_t, 7> client{header.hardware};
  std::copy(mac.bytes.begin(), mac.bytes.end(), client.begin() + 1);
  add_option(bytes, client_identifier, client);
  if (requested) add_option(bytes, requested_address, {requested->v4_bytes(), 4});
  if (server) add_option(bytes, server_identifier, {server->v4_bytes(), 4});
  if (type != DhcpType::release) {
    add_option(bytes, wanted_options,
               std::array<std::uint8_t, 6>{subnet_mask_option, router, name_server, lease_time_option,
                                           renewal_time_option, rebinding_time_option});
  }
  bytes.push_back(std::byte{end});
  bytes.resize(std::max(bytes.size(), shortest_message));
  return bytes;
}

void DhcpReply::take(std::uint8_t code, std::span<const std::byte> value) {
  const std::optional<std::uint32_t> word =
      value.size() == 4 ? std::optional(word_at(value, 0)) : std::nullopt;
  switch (code) {
    case message_type:
      if (value.size() == 1) type = static_cast<DhcpType>(value[0]);
      break;
    case server_identifier:
      if (word && is_host_address(v4_address(*word))) server = v4_address(*word);
      break;
    case subnet_mask_option:
      mask = word;
      break;
    case router:
      routers = hosts_of(value);
      break;
    case name_server:
      name_servers = hosts_of(value);
      break;
    case lease_time_option:
      lease_time = word;
      break;
    case renewal_time_option:
      renewal_time = word;
      break;
    case rebinding_time_option:
      rebinding_time = word;
      break;
    default:
      break;
  }
}

std::optional<DhcpReply> DhcpReply::parse(std::span<const std::byte> message, const wire::MacAddress& mac,
                                          std::uint32_t transaction) {
  constexpr std::uint8_t reply_operation = 2;
  BootpHeader header;
  if (message.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, message.data(), sizeof(header));
  const bool mine = header.operation == reply_operation && header.transaction == transaction &&
                    header.cookie == BootpHeader{}.cookie &&
                    std::equal(mac.bytes.begin(), mac.bytes.end(), header.hardware_address.begin());
  if (!mine) return std::nullopt;
  DhcpReply reply;
  reply.address = wire::IpAddress::v4(header.yours.data());
  auto options = message.subspan(sizeof(header));
  while (!options.empty() && options[0] != std::byte{end}) {
    if (options[0] == std::byte{pad}) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2) break;
    const auto length = std::to_integer<std::size_t>(options[1]);
    if (options.size() - 2 < length) break;
    reply.take(std::to_integer<std::uint8_t>(options[0]), options.subspan(2, length));
    options = options.subspan(2 + length);
  }
  return reply;
}

}  // namespace vmlan::cms
