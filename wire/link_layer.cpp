#include "wire/link_layer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wire/ethernet.h"

namespace vmlan::wire {

namespace {

using Bytes = std::span<const std::byte>;

constexpr LinkPayload malformed{};

struct TypeName {
  std::uint16_t type;
  LinkContent content;
};

// IEEE 802 EtherTypes that are worth a name.
constexpr std::array ether_types{
    TypeName{ether_type::ipv4, LinkContent::ipv4}, TypeName{ether_type::ipv6, LinkContent::ipv6},
    TypeName{ether_type::arp, LinkContent::arp},   TypeName{0x8847, LinkContent::mpls},
    TypeName{0x8848, LinkContent::mpls},           TypeName{0x8863, LinkContent::pppoe},
    TypeName{0x8864, LinkContent::pppoe},          TypeName{0x888e, LinkContent::eapol},
    TypeName{0x88cc, LinkContent::lldp},
};

// PPP protocol numbers (RFC 1661, 1332, 5072); what begins with 8 or C controls the link.
constexpr std::array ppp_protocols{TypeName{0x0021, LinkContent::ipv4}, TypeName{0x0057, LinkContent::ipv6}};
constexpr std::uint16_t first_ppp_control_protocol = 0x8000;

template <std::size_t Size>
LinkContent lookup(const std::array<TypeName, Size>& table, std::uint16_t type,
                   LinkContent otherwise) noexcept {
  const auto found =
      std::find_if(table.begin(), table.end(), [type](const TypeName& row) { return row.type == type; });
  return found == table.end() ? otherwise : found->content;
}

// Requires offset + 2 <= bytes.size().
std::uint16_t half(Bytes bytes, std::size_t offset) noexcept {
  arch::be16 value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

bool is_vlan_tag(std::uint16_t type) noexcept {
  constexpr std::uint16_t service_tag = 0x88a8;  // IEEE 802.1ad
  constexpr std::uint16_t old_service_tag = 0x9100;
  return type == ether_type::vlan || type == service_tag || type == old_service_tag;
}

// LLC: only SNAP with the OUI of Ethernet (RFC 1042) can carry IP.
LinkPayload llc_payload(Bytes bytes) noexcept {
  constexpr std::array<std::uint8_t, 6> snap{0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
  const bool is_snap =
      bytes.size() >= snap.size() + 2 && std::memcmp(bytes.data(), snap.data(), snap.size()) == 0;
  if (!is_snap) return {LinkContent::ieee802_3, bytes};
  const auto content = lookup(ether_types, half(bytes, snap.size()), LinkContent::ieee802_3);
  return {content, bytes.subspan(snap.size() + 2)};
}

// From the type field on. Tags are taken off, as many as anybody stacks.
LinkPayload typed_payload(Bytes bytes) noexcept {
  constexpr unsigned most_tags = 8;
  constexpr std::size_t tag_size = 4;
  constexpr std::uint16_t first_type = 0x0600;  // below: a length (IEEE 802.3)
  for (unsigned tags = 0; tags <= most_tags; ++tags) {
    if (bytes.size() < 2) return malformed;
    const auto type = half(bytes, 0);
    if (!is_vlan_tag(type)) {
      bytes = bytes.subspan(2);
      if (type < first_type) return llc_payload(bytes.first(std::min<std::size_t>(type, bytes.size())));
      return {lookup(ether_types, type, LinkContent::other), bytes};
    }
    if (bytes.size() < tag_size) return malformed;
    bytes = bytes.subspan(tag_size);
  }
  return {LinkContent::other, bytes};
}

LinkPayload ethernet_payload(Bytes frame) noexcept {
  constexpr auto type_offset = offsetof(EthernetHeader, type);
  return frame.size() < sizeof(EthernetHeader) ? malformed : typed_payload(frame.subspan(type_offset));
}

LinkPayload raw_payload(Bytes frame) noexcept {
  if (frame.empty()) return malformed;
  const auto version = std::to_integer<unsigned>(frame[0]) >> 4U;
  if (version == 4) return {LinkContent::ipv4, frame};
  if (version == 6) return {LinkContent::ipv6, frame};
  return {LinkContent::other, frame};
}

LinkPayload loopback_payload(Bytes frame) noexcept {
  constexpr std::size_t family_size = 4;
  if (frame.size() < family_size) return malformed;
  // The family is in the byte order of the machine that captured; its value is small.
  const auto high = half(frame, 0);
  const auto low = half(frame, 2);
  const std::uint32_t family =
      high == 0 ? low : std::uint32_t{high} >> 8U | (std::uint32_t{high} & 0xffU) << 8U;
  constexpr std::uint32_t family_ipv4 = 2;
  constexpr std::array<std::uint32_t, 4> families_ipv6{10, 24, 28,
                                                       30};  // Linux, NetBSD and OpenBSD, FreeBSD, Darwin
  const auto bytes = frame.subspan(family_size);
  if (family == family_ipv4) return {LinkContent::ipv4, bytes};
  const bool ipv6 = std::find(families_ipv6.begin(), families_ipv6.end(), family) != families_ipv6.end();
  return {ipv6 ? LinkContent::ipv6 : LinkContent::other, bytes};
}

// The protocol field holds an EtherType, or a small number for frames without one.
LinkPayload cooked_payload(Bytes frame, std::size_t header_size, std::size_t protocol_offset) noexcept {
  if (frame.size() < header_size) return malformed;
  constexpr std::uint16_t protocol_llc = 0x0004;
  const auto protocol = half(frame, protocol_offset);
  const auto bytes = frame.subspan(header_size);
  if (protocol == protocol_llc) return llc_payload(bytes);
  if (!is_vlan_tag(protocol)) return {lookup(ether_types, protocol, LinkContent::other), bytes};
  constexpr std::size_t tag_control_size = 2;
  return bytes.size() < tag_control_size ? malformed : typed_payload(bytes.subspan(tag_control_size));
}

LinkPayload ppp_payload(Bytes frame) noexcept {
  constexpr std::uint16_t address_and_control = 0xff03;
  if (frame.size() >= 2 && half(frame, 0) == address_and_control) frame = frame.subspan(2);
  if (frame.empty()) return malformed;
  // An odd first byte is a protocol number compressed to one byte.
  std::uint16_t protocol = std::to_integer<std::uint16_t>(frame[0]);
  std::size_t size = 1;
  if (protocol % 2 == 0) {
    if (frame.size() < 2) return malformed;
    protocol = half(frame, 0);
    size = 2;
  }
  const auto otherwise =
      protocol >= first_ppp_control_protocol ? LinkContent::link_control : LinkContent::other;
  return {lookup(ppp_protocols, protocol, otherwise), frame.subspan(size)};
}

LinkPayload cisco_payload(Bytes frame) noexcept {
  constexpr std::size_t type_offset = 2;
  constexpr std::uint16_t keep_alive = 0x8035;
  if (frame.size() < type_offset + 2) return malformed;
  if (half(frame, type_offset) == keep_alive)
    return {LinkContent::link_control, frame.subspan(type_offset + 2)};
  return typed_payload(frame.subspan(type_offset));
}

}  // namespace

LinkPayload link_payload(LinkType type, Bytes frame) noexcept {
  constexpr std::size_t cooked_size = 16;
  constexpr std::size_t cooked_protocol = 14;
  constexpr std::size_t cooked_v2_size = 20;
  constexpr std::size_t cooked_v2_protocol = 0;
  switch (type) {
    case LinkType::ethernet:
      return ethernet_payload(frame);
    case LinkType::raw_ip:
      return raw_payload(frame);
    case LinkType::loopback:
      return loopback_payload(frame);
    case LinkType::linux_cooked:
      return cooked_payload(frame, cooked_size, cooked_protocol);
    case LinkType::linux_cooked_v2:
      return cooked_payload(frame, cooked_v2_size, cooked_v2_protocol);
    case LinkType::ppp:
      return ppp_payload(frame);
    case LinkType::cisco_hdlc:
      return cisco_payload(frame);
    case LinkType::unsupported:
      break;
  }
  return {LinkContent::unsupported, frame};
}

}  // namespace vmlan::wire
