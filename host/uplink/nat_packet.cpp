#include "host/uplink/nat_packet.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "arch/big_endian.h"
#include "wire/arp.h"
#include "wire/ethernet.h"

namespace vmlan::host {

namespace {

using arch::be16;
using arch::be32;

constexpr std::size_t nat_ip_offset = sizeof(wire::EthernetHeader);
constexpr std::uint8_t nat_tcp_flags_offset = 13;
constexpr std::size_t nat_tcp_header = 20;
constexpr std::size_t nat_udp_header = 8;
constexpr std::size_t nat_icmp_header = 8;

template <typename T>
std::optional<T> nat_read(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  if (bytes.size() < offset || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

bool parse_transport(NatPacket& packet, std::span<const std::byte> bytes) noexcept {
  const auto number = [&](std::size_t offset) { return nat_read<be16>(bytes, offset)->value(); };
  switch (packet.protocol) {
    case nat_protocol::tcp: {
      if (bytes.size() < nat_tcp_header) return false;
      const auto flags = std::to_integer<unsigned>(bytes[nat_tcp_flags_offset]);
      packet.opens = (flags & 0x12U) == 0x02U;
      packet.source_port = number(0);
      packet.destination_port = number(2);
      return true;
    }
    case nat_protocol::udp:
      if (bytes.size() < nat_udp_header) return false;
      packet.source_port = number(0);
      packet.destination_port = number(2);
      return true;
    case nat_protocol::icmp:
    case nat_protocol::icmp6:
      if (bytes.size() < nat_icmp_header) return false;
      packet.icmp_type = std::to_integer<std::uint8_t>(bytes[0]);
      return true;
    default:
      return true;
  }
}

bool parse_v4(NatPacket& packet, std::span<const std::byte> bytes) noexcept {
  const auto header = nat_read<wire::Ipv4Header>(bytes, 0);
  if (!header || header->version_ihl >> 4U != 4) return false;
  const std::size_t header_length = std::size_t{header->version_ihl & 0x0fU} * 4;
  const std::size_t total = header->total_length.value();
  if (header_length < sizeof(wire::Ipv4Header) || total < header_length || total > bytes.size()) return false;
  packet.kind = NatPacket::Kind::ipv4;
  packet.source = wire::IpAddress::v4(header->source.data());
  packet.destination = wire::IpAddress::v4(header->destination.data());
  packet.protocol = header->protocol;
  packet.fragment = (header->fragment.value() & 0x3fffU) != 0;  // more fragments, or an offset
  return packet.fragment || parse_transport(packet, bytes.first(total).subspan(header_length));
}

bool parse_v6(NatPacket& packet, std::span<const std::byte> bytes) noexcept {
  const auto header = nat_read<wire::Ipv6Header>(bytes, 0);
  if (!header || header->version_class_flow.value() >> 28U != 6) return false;
  const std::size_t total = sizeof(wire::Ipv6Header) + header->payload_length.value();
  if (total > bytes.size()) return false;
  packet.kind = NatPacket::Kind::ipv6;
  packet.source = wire::IpAddress::v6(header->source.data());
  packet.destination = wire::IpAddress::v6(header->destination.data());
  packet.protocol = header->next_header;
  packet.hop_limit = header->hop_limit;
  return parse_transport(packet, bytes.first(total).subspan(sizeof(wire::Ipv6Header)));
}

bool parse_arp(NatPacket& packet, std::span<const std::byte> bytes) noexcept {
  const auto arp = nat_read<wire::ArpPacket>(bytes, 0);
  const wire::ArpPacket expected;
  if (!arp || std::memcmp(&*arp, &expected, 6) != 0) return false;
  packet.kind = arp->operation == wire::arp_operation::request ? NatPacket::Kind::arp_request
                : arp->operation == wire::arp_operation::reply ? NatPacket::Kind::arp_reply
                                                               : NatPacket::Kind::other;
  packet.source = wire::IpAddress::v4(arp->sender.data());
  packet.destination = wire::IpAddress::v4(arp->target.data());
  return true;
}

}  // namespace

std::optional<NatPacket> parse_nat_packet(std::span<const std::byte> frame) noexcept {
  const auto header = nat_read<wire::EthernetHeader>(frame, 0);
  if (!header) return std::nullopt;
  NatPacket packet;
  packet.mac_destination = header->destination;
  packet.mac_source = header->source;
  const auto rest = frame.subspan(nat_ip_offset);
  bool good = true;
  switch (header->type.value()) {
    case wire::ether_type::ipv4:
      good = parse_v4(packet, rest);
      break;
    case wire::ether_type::ipv6:
      good = parse_v6(packet, rest);
      break;
    case wire::ether_type::arp:
      good = parse_arp(packet, rest);
      break;
    default:
      break;
  }
  if (!good) return std::nullopt;
  return packet;
}

std::optional<NatLease> parse_lease(const NatPacket& packet, std::span<const std::byte> frame) noexcept {
  // RFC 2131, 2: yiaddr, chaddr, the cookie and the option that comes first in libslirp's answers.
  constexpr std::size_t bootp = nat_ip_offset + sizeof(wire::Ipv4Header) + nat_udp_header;
  constexpr std::size_t options = bootp + 236;
  constexpr std::array<std::uint8_t, 7> acknowledged = {0x63, 0x82, 0x53, 0x63, 53, 1, 5};
  if (packet.kind != NatPacket::Kind::ipv4 || packet.protocol != nat_protocol::udp) return std::nullopt;
  if (packet.fragment || packet.source_port != 67 || packet.destination_port != 68) return std::nullopt;
  if (nat_read<std::array<std::uint8_t, 7>>(frame, options) != acknowledged) return std::nullopt;
  NatLease lease;
  lease.address = wire::IpAddress::v4(nat_read<std::array<std::uint8_t, 4>>(frame, bootp + 16)->data());
  lease.mac.bytes = *nat_read<std::array<std::uint8_t, 6>>(frame, bootp + 28);
  return lease;
}

}  // namespace vmlan::host
