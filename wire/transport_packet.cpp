#include "wire/transport_packet.h"

#include <cstring>

namespace vmlan::wire {

namespace {

constexpr std::uint16_t more_fragments_and_offset = 0x3fff;

template <class Block>
std::optional<Block> read(std::span<const std::byte> head, std::size_t offset) noexcept {
  if (offset > head.size() || head.size() - offset < sizeof(Block)) return std::nullopt;
  Block block;
  std::memcpy(static_cast<void*>(&block), head.data() + offset, sizeof(block));
  return block;
}

// What all of IPv6's options headers begin with.
struct ExtensionHeader {
  std::uint8_t next = 0;
  std::uint8_t length = 0;  // in doublewords, without the first
  std::uint8_t routing_type = 0;
  std::uint8_t segments_left = 0;
};

bool skipped(std::uint8_t next) noexcept {
  return next == ip_protocol::hop_by_hop || next == ip_protocol::destination_options ||
         next == ip_protocol::routing;
}

std::optional<IpLayout> find_v4(std::span<const std::byte> head, std::uint32_t offset) noexcept {
  const auto header = read<Ipv4Header>(head, offset);
  if (!header || header->version_ihl >> 4U != 4) return std::nullopt;
  const std::uint32_t length = (header->version_ihl & 0x0fU) * 4U;
  if (length < sizeof(Ipv4Header) || head.size() - offset < length) return std::nullopt;
  IpLayout ip;
  ip.version = IpVersion::v4;
  ip.ip = offset;
  ip.payload = offset + length;
  ip.end = offset + header->total_length;
  ip.next = header->protocol;
  ip.fragment = (header->fragment & more_fragments_and_offset) != 0;
  return ip;
}

std::optional<IpLayout> find_v6(std::span<const std::byte> head, std::uint32_t offset) noexcept {
  constexpr std::uint32_t length = sizeof(Ipv6Header);
  const auto header = read<Ipv6Header>(head, offset);
  if (!header || header->version_class_flow >> 28U != 6) return std::nullopt;
  IpLayout ip;
  ip.version = IpVersion::v6;
  ip.ip = offset;
  ip.payload = offset + length;
  ip.end = offset + length + header->payload_length;
  ip.next = header->next_header;
  return ip;
}

}  // namespace

std::optional<IpLayout> find_ip(std::span<const std::byte> head, bool ethernet) noexcept {
  std::uint32_t offset = 0;
  if (ethernet) {
    constexpr std::uint32_t tag_length = 4;
    offset = sizeof(EthernetHeader);
    auto type = read<arch::be16>(head, offset - sizeof(arch::be16));
    if (type && *type == ether_type::vlan) {
      offset += tag_length;
      type = read<arch::be16>(head, offset - sizeof(arch::be16));
    }
    if (!type) return std::nullopt;
    if (*type == ether_type::ipv4) return find_v4(head, offset);
    return *type == ether_type::ipv6 ? find_v6(head, offset) : std::nullopt;
  }
  const auto ip = find_v4(head, offset);
  return ip ? ip : find_v6(head, offset);
}

std::optional<TransportLayout> find_transport(std::span<const std::byte> head, const IpLayout& ip) noexcept {
  if (ip.fragment) return std::nullopt;
  TransportLayout transport{ip.next, ip.payload};
  while (ip.version == IpVersion::v6 &&
         skipped(transport.protocol)) {  // each step leaves fewer bytes of head
    const auto extension = read<ExtensionHeader>(head, transport.begin);
    if (!extension || (transport.protocol == ip_protocol::routing && extension->segments_left != 0)) {
      return std::nullopt;
    }
    transport.protocol = extension->next;
    transport.begin += 8U * (1U + extension->length);
  }
  const bool whole = transport.protocol == ip_protocol::tcp
                         ? read<TcpHeader>(head, transport.begin).has_value()
                         : read<UdpHeader>(head, transport.begin).has_value();
  const bool known = transport.protocol == ip_protocol::tcp || transport.protocol == ip_protocol::udp;
  return whole && known ? std::optional(transport) : std::nullopt;
}

InternetSum pseudo_header(std::span<const std::byte> head, const IpLayout& ip, std::uint8_t protocol,
                          std::uint32_t length) noexcept {
  InternetSum sum;
  if (ip.version == IpVersion::v4) {
    sum.add(head.data() + ip.ip + offsetof(Ipv4Header, source), 2 * sizeof(Ipv4Header::source));
  } else {
    sum.add(head.data() + ip.ip + offsetof(Ipv6Header, source), 2 * sizeof(Ipv6Header::source));
  }
  const arch::be32 long_length = length;
  sum.add(&long_length, sizeof(long_length));
  sum.add(arch::be16(protocol));
  return sum;
}

}  // namespace vmlan::wire
