#include "wire/tunnel.h"

#include <algorithm>

#include "wire/ethernet.h"
#include "wire/ip_packet.h"
#include "wire/link_steps.h"
#include "wire/transport_packet.h"
#include "wire/tunnel_headers.h"

namespace vmlan::wire {

namespace {

using tunnels::Inside;
using tunnels::nothing;

namespace carried {
constexpr std::uint8_t ipv4 = 4;
constexpr std::uint8_t ipv6 = 41;
constexpr std::uint8_t fragment = 44;
constexpr std::uint8_t gre = 47;
constexpr std::uint8_t encrypted = 50;
constexpr std::uint8_t authenticated = 51;
constexpr std::uint8_t ethernet = 97;
constexpr std::uint8_t mobility = 135;
constexpr std::uint8_t mpls = 137;
}  // namespace carried

// What an IP packet carries, behind its header and extension headers.
struct Carried {
  TunnelEnd end = TunnelEnd::malformed;  // found: the fields below hold
  std::uint8_t protocol = 0;
  std::span<const std::byte> bytes;
};

bool is_extension(std::uint8_t protocol) noexcept {
  return protocol == ip_protocol::hop_by_hop || protocol == ip_protocol::routing ||
         protocol == ip_protocol::destination_options || protocol == carried::mobility ||
         protocol == carried::fragment || protocol == carried::authenticated;
}

// Takes one header off. Requires is_extension(carried.protocol).
TunnelEnd take_extension(Carried& carried) noexcept {
  constexpr std::size_t unit = 8;
  if (carried.bytes.size() < unit) return TunnelEnd::malformed;
  const std::size_t length = steps::byte_at(carried.bytes, 1);
  std::size_t size = (length + 1) * unit;
  if (carried.protocol == carried::authenticated) size = (length + 2) * 4;
  if (carried.protocol == carried::fragment) {
    constexpr std::uint16_t offset_and_more = 0xfff9;
    if ((steps::half_at(carried.bytes, 2) & offset_and_more) != 0) return TunnelEnd::fragment;
    size = unit;  // a packet that was whole has been given such a header
  }
  if (carried.bytes.size() < size) return TunnelEnd::malformed;
  carried.protocol = static_cast<std::uint8_t>(steps::byte_at(carried.bytes, 0));
  carried.bytes = carried.bytes.subspan(size);
  return TunnelEnd::found;
}

// The fixed header and IPv4's options. `packet` ends where the header says, if it does.
Carried behind_ip_header(IpVersion version, std::span<const std::byte> packet) noexcept {
  Carried carried;
  if (version == IpVersion::v6) {
    if (packet.size() < sizeof(Ipv6Header)) return carried;
    carried.protocol = static_cast<std::uint8_t>(steps::byte_at(packet, offsetof(Ipv6Header, next_header)));
    carried.bytes = packet.subspan(sizeof(Ipv6Header));
  } else {
    constexpr std::uint16_t offset_and_more = 0x3fff;
    if (packet.size() < sizeof(Ipv4Header)) return carried;
    const std::size_t size = (steps::byte_at(packet, 0) & 0x0fU) * 4U;
    if (size < sizeof(Ipv4Header) || size > packet.size()) return carried;
    carried.end = TunnelEnd::fragment;
    if ((steps::half_at(packet, offsetof(Ipv4Header, fragment)) & offset_and_more) != 0) return carried;
    carried.protocol = static_cast<std::uint8_t>(steps::byte_at(packet, offsetof(Ipv4Header, protocol)));
    carried.bytes = packet.subspan(size);
  }
  carried.end = TunnelEnd::found;
  return carried;
}

Carried carried_by(IpVersion version, std::span<const std::byte> packet) noexcept {
  const auto judged = parse_ip_packet(version, packet);
  if (judged.flaw == IpFlaw::wrong_version || judged.flaw == IpFlaw::bad_length) return {};
  if (judged.flaw == IpFlaw::none) packet = packet.first(judged.length);
  Carried carried = behind_ip_header(version, packet);
  for (unsigned headers = 0; carried.end == TunnelEnd::found && is_extension(carried.protocol); ++headers) {
    if (headers == most_extension_headers)
      carried.end = TunnelEnd::too_deep;
    else
      carried.end = take_extension(carried);
  }
  return carried;
}

Inside inside_of(const Carried& carried) noexcept {
  constexpr std::size_t ether_ip_header = 2;
  switch (carried.protocol) {
    case carried::ipv4:
      return tunnels::ip(IpVersion::v4, carried.bytes);
    case carried::ipv6:
      return tunnels::ip(IpVersion::v6, carried.bytes);
    case carried::gre:
      return tunnels::inside_gre(carried.bytes);
    case carried::encrypted:
      return nothing(TunnelEnd::encrypted);
    case carried::ethernet:
      if (carried.bytes.size() < ether_ip_header) return nothing(TunnelEnd::malformed);
      return tunnels::framed(LinkType::ethernet, carried.bytes.subspan(ether_ip_header));
    case carried::mpls:
      return tunnels::framed(LinkType::mpls, carried.bytes);
    case ip_protocol::udp:
      return tunnels::inside_udp(carried.bytes);
    default:
      return nothing(TunnelEnd::no_tunnel);
  }
}

}  // namespace

std::string_view to_string(TunnelEnd end) noexcept {
  switch (end) {
    case TunnelEnd::found:
      return "a packet in a tunnel";
    case TunnelEnd::no_tunnel:
      return "no tunnel";
    case TunnelEnd::not_ip:
      return "tunnel: not IP";
    case TunnelEnd::control:
      return "tunnel: control message";
    case TunnelEnd::fragment:
      return "tunnel: fragment";
    case TunnelEnd::encrypted:
      return "tunnel: encrypted";
    case TunnelEnd::unreadable:
      return "tunnel: version or option not supported";
    case TunnelEnd::malformed:
      return "tunnel: malformed";
    case TunnelEnd::too_deep:
      return "tunnel: too many headers";
  }
  return "unknown";
}

InnerPacket inner_packet(IpVersion version, std::span<const std::byte> packet) noexcept {
  InnerPacket inner{TunnelEnd::found, version, 0, packet};
  while (inner.depth < most_tunnels) {
    const auto carried = carried_by(inner.version, inner.packet);
    const auto inside = carried.end == TunnelEnd::found ? inside_of(carried) : nothing(carried.end);
    if (inside.end != TunnelEnd::found) {
      if (inner.depth == 0) inner.end = inside.end;
      return inner;
    }
    inner.version = inside.version;
    inner.packet = inside.packet;
    ++inner.depth;
  }
  // One more is one too many; the last one is a packet like any other.
  const auto carried = carried_by(inner.version, inner.packet);
  if (carried.end == TunnelEnd::found && inside_of(carried).end == TunnelEnd::found)
    inner.end = TunnelEnd::too_deep;
  return inner;
}

}  // namespace vmlan::wire
