// IEEE 802.2 LLC, SNAP, OSI's protocol identifiers, and the networks whose frames begin so.
//
// Source: RFC 1042, RFC 1390 (FDDI), RFC 2427 and 2684 (bridged frames), RFC 1201 (ARCNET).
#include "wire/ethernet.h"
#include "wire/link_steps.h"

namespace vmlan::wire::steps {

namespace {

using ThreeBytes = std::array<std::uint8_t, 3>;
constexpr ThreeBytes snap_service{0xaa, 0xaa, 0x03};
constexpr ThreeBytes ip_service{0x06, 0x06, 0x03};  // RFC 948, before SNAP was
constexpr ThreeBytes osi_service{0xfe, 0xfe, 0x03};
constexpr ThreeBytes ether_types{0x00, 0x00, 0x00};     // RFC 1042
constexpr ThreeBytes bridge_tunnel{0x00, 0x00, 0xf8};   // IEEE 802.1H
constexpr ThreeBytes bridged_frames{0x00, 0x80, 0xc2};  // IEEE 802.1's own
constexpr std::array<std::uint8_t, 1> osi_ipv4{0xcc};   // ISO/IEC TR 9577
constexpr std::array<std::uint8_t, 1> osi_ipv6{0x8e};

// Destination and source, then perhaps the ring's route, whose presence the source's first bit tells.
Step behind_ring_addresses(LinkPayload& frame, std::size_t control_size, bool may_have_route) noexcept {
  const std::size_t size = control_size + 12;
  if (frame.bytes.size() < size) return cut_in_header;
  keep_addresses(frame, control_size, control_size + 6);
  const bool routed = may_have_route && (byte_at(frame.bytes, control_size + 6) & 0x80U) != 0;
  frame.bytes = frame.bytes.subspan(size);
  if (!routed) return {read_llc};
  if (frame.bytes.empty()) return cut_in_header;
  return then(frame, byte_at(frame.bytes, 0) & 0x1fU, read_llc);
}

}  // namespace

Step read_llc(LinkPayload& frame) {
  if (begins_with(frame.bytes, snap_service)) return then(frame, snap_service.size(), read_snap);
  if (begins_with(frame.bytes, ip_service))
    return content_behind(frame, ip_service.size(), LinkContent::ipv4);
  if (begins_with(frame.bytes, osi_service)) {
    const auto behind = frame.bytes.subspan(osi_service.size());
    if (begins_with(behind, osi_ipv4)) return content_behind(frame, 4, LinkContent::ipv4);
    if (begins_with(behind, osi_ipv6)) return content_behind(frame, 4, LinkContent::ipv6);
  }
  return content(frame, LinkContent::ieee802_3);
}

// An organization and its number for what follows.
Step read_snap(LinkPayload& frame) {
  constexpr std::size_t header_size = 5;
  constexpr std::uint16_t ethernet_with_check = 0x0001;
  constexpr std::uint16_t ethernet_without = 0x0007;
  if (frame.bytes.size() < header_size) return content(frame, LinkContent::ieee802_3);
  const auto organization = frame.bytes;
  const auto type = half_at(frame.bytes, 3);
  frame.bytes = frame.bytes.subspan(header_size);
  if (begins_with(organization, ether_types) || begins_with(organization, bridge_tunnel)) {
    const auto step = by_ether_type(frame, type);
    const bool unknown = step.next == nullptr && frame.content == LinkContent::other;
    return unknown ? content(frame, LinkContent::ieee802_3) : step;
  }
  if (begins_with(organization, bridged_frames) && (type == ethernet_with_check || type == ethernet_without))
    return {read_ethernet};
  return content(frame, LinkContent::ieee802_3);
}

Step read_fddi(LinkPayload& frame) {
  constexpr unsigned class_and_format = 0x70;
  constexpr unsigned llc_format = 0x50;  // asynchronous or not, with addresses of 48 bits
  if (frame.bytes.empty()) return cut_in_header;
  if ((byte_at(frame.bytes, 0) & class_and_format) != llc_format)
    return content(frame, LinkContent::link_control);
  return behind_ring_addresses(frame, 1, false);
}

Step read_token_ring(LinkPayload& frame) {
  constexpr unsigned type_bits = 0xc0;
  constexpr unsigned llc_frame = 0x40;
  if (frame.bytes.size() < 2) return cut_in_header;
  if ((byte_at(frame.bytes, 1) & type_bits) != llc_frame) return content(frame, LinkContent::link_control);
  return behind_ring_addresses(frame, 2, true);
}

// Linux hands up a header without the packet's offset: addresses, two bytes of offset, then type, split flag
// and sequence (RFC 1201).
Step read_arcnet_linux(LinkPayload& frame) {
  constexpr std::size_t type_at = 4;
  constexpr std::size_t header_size = 8;
  constexpr std::size_t exception_size = 4;  // more in front of a packet of an awkward length
  constexpr unsigned ip = 212;
  constexpr unsigned old_ip = 240;  // RFC 1051: no split flag, no sequence
  constexpr unsigned arp = 213;
  constexpr unsigned exception = 0xff;
  if (frame.bytes.size() <= type_at) return cut_in_header;
  const auto type = byte_at(frame.bytes, type_at);
  if (type == old_ip) return content_behind(frame, type_at + 1, LinkContent::ipv4);
  if (frame.bytes.size() < header_size) return cut_in_header;
  const auto split = byte_at(frame.bytes, type_at + 1);
  if (type == arp) return content(frame, LinkContent::arp);
  if (type != ip) return content(frame, LinkContent::other);
  if (split == exception) return content_behind(frame, header_size + exception_size, LinkContent::ipv4);
  return split == 0 ? content_behind(frame, header_size, LinkContent::ipv4)
                    : content(frame, LinkContent::fragment);
}

// Flags, then the virtual channel.
Step read_sun_atm(LinkPayload& frame) {
  constexpr unsigned type_mask = 0x0f;
  constexpr unsigned llc_type = 2;
  if (frame.bytes.size() < 4) return cut_in_header;
  if ((byte_at(frame.bytes, 0) & type_mask) != llc_type) return content(frame, LinkContent::other);
  return then(frame, 4, read_llc);
}

Step read_ip_over_atm(LinkPayload& frame) {
  return begins_with(frame.bytes, snap_service) ? Step{read_llc} : Step{read_raw_ip};
}

}  // namespace vmlan::wire::steps
