#include "wire/tunnel_headers.h"

#include <algorithm>

#include "wire/ethernet.h"
#include "wire/link_steps.h"
#include "wire/transport_packet.h"

namespace vmlan::wire::tunnels {

namespace {

using steps::byte_at;
using steps::half_at;
using steps::word_at;
using TunnelBytes = std::span<const std::byte>;

namespace tunnel_port {
constexpr std::uint16_t gtp_user = 2152;
constexpr std::uint16_t vxlan = 4789;
constexpr std::uint16_t vxlan_of_linux = 8472;  // from before it had a port
constexpr std::uint16_t geneve = 6081;
constexpr std::uint16_t mpls = 6635;  // RFC 7510
}  // namespace tunnel_port

namespace gre_type {
constexpr std::uint16_t keep_alive = 0;
constexpr std::uint16_t bridged = 0x6558;
constexpr std::uint16_t ppp = 0x880b;
constexpr std::uint16_t mpls = 0x8847;
constexpr std::uint16_t mpls_upstream = 0x8848;
constexpr std::uint16_t erspan = 0x88be;  // types I and II
constexpr std::uint16_t erspan_3 = 0x22eb;
}  // namespace gre_type

Inside framed_behind(LinkType type, TunnelBytes bytes, std::size_t header_size) noexcept {
  if (bytes.size() < header_size) return nothing(TunnelEnd::malformed);
  return framed(type, bytes.subspan(header_size));
}

// A mirrored frame. Type I has no header; with a sequence number in GRE it is type II.
Inside inside_erspan(TunnelBytes bytes, bool has_sequence) noexcept {
  constexpr std::size_t header_size = 8;
  return framed_behind(LinkType::ethernet, bytes, has_sequence ? header_size : 0);
}

Inside inside_erspan_3(TunnelBytes bytes) noexcept {
  constexpr std::size_t header_size = 12;
  constexpr std::size_t platform_size = 8;
  constexpr unsigned has_platform = 0x01;
  constexpr unsigned frame_type = 0x7c;  // 0: Ethernet, 2: an IP packet
  if (bytes.size() < header_size) return nothing(TunnelEnd::malformed);
  const bool platform = (byte_at(bytes, 11) & has_platform) != 0;
  const auto type = (byte_at(bytes, 10) & frame_type) >> 2U;
  const auto link = type == 2 ? LinkType::raw_ip : LinkType::ethernet;
  return framed_behind(link, bytes, header_size + (platform ? platform_size : 0));
}

Inside by_gre_type(std::uint16_t type, TunnelBytes bytes, bool has_sequence) noexcept {
  switch (type) {
    case ether_type::ipv4:
      return ip(IpVersion::v4, bytes);
    case ether_type::ipv6:
      return ip(IpVersion::v6, bytes);
    case gre_type::bridged:
      return framed(LinkType::ethernet, bytes);
    case gre_type::ppp:
      return framed(LinkType::ppp, bytes);
    case gre_type::mpls:
    case gre_type::mpls_upstream:
      return framed(LinkType::mpls, bytes);
    case gre_type::erspan:
      return inside_erspan(bytes, has_sequence);
    case gre_type::erspan_3:
      return inside_erspan_3(bytes);
    case gre_type::keep_alive:
      return nothing(TunnelEnd::control);
    default:
      return nothing(TunnelEnd::not_ip);
  }
}

Inside inside_vxlan(TunnelBytes bytes) noexcept {
  constexpr std::size_t header_size = 8;
  constexpr unsigned has_network = 0x08;
  if (bytes.size() < header_size || (byte_at(bytes, 0) & has_network) == 0)
    return nothing(TunnelEnd::malformed);
  return framed(LinkType::ethernet, bytes.subspan(header_size));
}

Inside inside_geneve(TunnelBytes bytes) noexcept {
  constexpr std::size_t header_size = 8;
  constexpr unsigned version = 0xc0;
  constexpr unsigned option_words = 0x3f;
  constexpr unsigned control = 0x80;
  if (bytes.size() < header_size) return nothing(TunnelEnd::malformed);
  const auto first = byte_at(bytes, 0);
  if ((first & version) != 0) return nothing(TunnelEnd::unreadable);
  const std::size_t size = header_size + (first & option_words) * 4U;
  if (bytes.size() < size) return nothing(TunnelEnd::malformed);
  if ((byte_at(bytes, 1) & control) != 0) return nothing(TunnelEnd::control);
  return by_gre_type(half_at(bytes, 2), bytes.subspan(size), false);
}

// Each extension header tells its own length and, in its last byte, who follows.
TunnelEnd skip_gtp_extensions(TunnelBytes& bytes, unsigned next) noexcept {
  constexpr unsigned most_extensions = 8;
  for (unsigned extensions = 0; next != 0; ++extensions) {
    if (extensions == most_extensions) return TunnelEnd::too_deep;
    if (bytes.empty()) return TunnelEnd::malformed;
    const std::size_t size = byte_at(bytes, 0) * 4U;
    if (size == 0 || size > bytes.size()) return TunnelEnd::malformed;
    next = byte_at(bytes, size - 1);
    bytes = bytes.subspan(size);
  }
  return TunnelEnd::found;
}

// Of GTP's two planes the user's, version 1.
Inside inside_gtp(TunnelBytes bytes) noexcept {
  constexpr std::size_t header_size = 8;
  constexpr std::size_t optional_size = 4;
  constexpr unsigned version_and_kind = 0xf0;
  constexpr unsigned user_plane = 0x30;
  constexpr unsigned has_optional =
      0x07;  // extension, sequence, N-PDU number: one of them brings room for all
  constexpr unsigned has_extension = 0x04;
  constexpr unsigned user_data = 255;
  if (bytes.size() < header_size) return nothing(TunnelEnd::malformed);
  const auto flags = byte_at(bytes, 0);
  if ((flags & version_and_kind) != user_plane) return nothing(TunnelEnd::unreadable);
  if (byte_at(bytes, 1) != user_data) return nothing(TunnelEnd::control);
  const std::size_t length = half_at(bytes, 2);
  bytes = bytes.subspan(header_size);
  bytes = bytes.first(std::min(length, bytes.size()));
  if ((flags & has_optional) != 0) {
    if (bytes.size() < optional_size) return nothing(TunnelEnd::malformed);
    const auto next = (flags & has_extension) != 0 ? byte_at(bytes, 3) : 0;
    bytes = bytes.subspan(optional_size);
    if (const auto end = skip_gtp_extensions(bytes, next); end != TunnelEnd::found) return nothing(end);
  }
  return framed(LinkType::raw_ip, bytes);
}

TunnelEnd end_for(LinkContent content) noexcept {
  switch (content) {
    case LinkContent::malformed:
      return TunnelEnd::malformed;
    case LinkContent::link_control:
    case LinkContent::pppoe:
      return TunnelEnd::control;
    case LinkContent::encrypted:
      return TunnelEnd::encrypted;
    case LinkContent::fragment:
      return TunnelEnd::fragment;
    case LinkContent::compressed:
      return TunnelEnd::unreadable;
    case LinkContent::too_many_headers:
      return TunnelEnd::too_deep;
    default:
      return TunnelEnd::not_ip;
  }
}

}  // namespace

Inside framed(LinkType type, TunnelBytes frame) noexcept {
  const auto payload = link_payload(type, frame);
  if (payload.content == LinkContent::ipv4) return ip(IpVersion::v4, payload.bytes);
  if (payload.content == LinkContent::ipv6) return ip(IpVersion::v6, payload.bytes);
  return nothing(end_for(payload.content));
}

Inside inside_gre(TunnelBytes bytes) noexcept {
  constexpr std::uint16_t has_checksum = 0x8000;
  constexpr std::uint16_t has_route = 0x4000;  // RFC 1701 only
  constexpr std::uint16_t has_key = 0x2000;
  constexpr std::uint16_t has_sequence = 0x1000;
  constexpr std::uint16_t has_acknowledgment = 0x0080;  // version 1 only
  constexpr std::uint16_t version_bits = 0x0007;
  if (bytes.size() < 4) return nothing(TunnelEnd::malformed);
  const auto flags = half_at(bytes, 0);
  const auto type = half_at(bytes, 2);
  const unsigned version = flags & version_bits;
  if (version > 1 || (flags & has_route) != 0) return nothing(TunnelEnd::unreadable);
  const bool sequence = (flags & has_sequence) != 0;
  const bool acknowledgment = version == 1 && (flags & has_acknowledgment) != 0;
  const unsigned words =
      1U + ((flags & has_checksum) != 0) + ((flags & has_key) != 0) + sequence + acknowledgment;
  if (bytes.size() < words * 4U) return nothing(TunnelEnd::malformed);
  if (version == 1 && !sequence) return nothing(TunnelEnd::control);  // PPTP: an acknowledgment alone
  return by_gre_type(type, bytes.subspan(words * 4U), sequence);
}

Inside inside_udp(TunnelBytes datagram) noexcept {
  if (datagram.size() < sizeof(UdpHeader)) return nothing(TunnelEnd::malformed);
  const auto from = half_at(datagram, offsetof(UdpHeader, source_port));
  const auto to = half_at(datagram, offsetof(UdpHeader, destination_port));
  const auto bytes = datagram.subspan(sizeof(UdpHeader));
  switch (to) {
    case tunnel_port::vxlan:
    case tunnel_port::vxlan_of_linux:
      return inside_vxlan(bytes);
    case tunnel_port::geneve:
      return inside_geneve(bytes);
    case tunnel_port::mpls:
      return framed(LinkType::mpls, bytes);
    case tunnel_port::gtp_user:
      return inside_gtp(bytes);
    default:
      return from == tunnel_port::gtp_user ? inside_gtp(bytes) : nothing(TunnelEnd::no_tunnel);
  }
}

}  // namespace vmlan::wire::tunnels
