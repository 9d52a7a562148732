// How link headers are taken off: step by step, each reader takes its own header off the front and names
// the reader of what follows, or the content that has been found. For the files link_*.cpp of this folder.
//
// A step that finds its header cut ends without a content: LinkContent::malformed stands.
#pragma once

#include <cstring>
#include <utility>

#include "arch/big_endian.h"
#include "wire/link_layer.h"

namespace vmlan::wire::steps {

using Bytes = std::span<const std::byte>;

struct Step {
  using Reader = Step (*)(LinkPayload& frame);
  Reader next = nullptr;  // none: the content of the frame is settled
};

inline constexpr Step cut_in_header{};
inline constexpr std::size_t tag_control_size = 2;  // behind the type of a VLAN tag

inline Step content(LinkPayload& frame, LinkContent found) noexcept {
  frame.content = found;
  return {};
}
inline bool skip(LinkPayload& frame, std::size_t size) noexcept {
  if (frame.bytes.size() < size) return false;
  frame.bytes = frame.bytes.subspan(size);
  return true;
}
inline Step then(LinkPayload& frame, std::size_t header_size, Step::Reader next) noexcept {
  return skip(frame, header_size) ? Step{next} : cut_in_header;
}
inline Step content_behind(LinkPayload& frame, std::size_t header_size, LinkContent found) noexcept {
  return skip(frame, header_size) ? content(frame, found) : cut_in_header;
}

// Require that the bytes are there.
inline unsigned byte_at(Bytes bytes, std::size_t offset) noexcept {
  return std::to_integer<unsigned>(bytes[offset]);
}
inline std::uint16_t half_at(Bytes bytes, std::size_t offset) noexcept {
  arch::be16 value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}
inline std::uint32_t word_at(Bytes bytes, std::size_t offset) noexcept {
  arch::be32 value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}
inline std::uint16_t little_half_at(Bytes bytes, std::size_t offset) noexcept {
  return static_cast<std::uint16_t>(byte_at(bytes, offset) | byte_at(bytes, offset + 1) << 8U);
}
inline std::uint32_t little_word_at(Bytes bytes, std::size_t offset) noexcept {
  return little_half_at(bytes, offset) | std::uint32_t{little_half_at(bytes, offset + 2)} << 16U;
}
inline MacAddress mac_at(Bytes bytes, std::size_t offset) noexcept {
  MacAddress mac;
  std::memcpy(mac.bytes.data(), bytes.data() + offset, mac.bytes.size());
  return mac;
}
template <std::size_t Size>
bool begins_with(Bytes bytes, const std::array<std::uint8_t, Size>& front) noexcept {
  return bytes.size() >= Size && std::memcmp(bytes.data(), front.data(), Size) == 0;
}

// The outermost header's stay.
inline void keep_addresses(LinkPayload& frame, std::size_t destination, std::size_t source) noexcept {
  if (!frame.destination) frame.destination = mac_at(frame.bytes, destination);
  if (!frame.source) frame.source = mac_at(frame.bytes, source);
}
inline void keep_tag(LinkPayload& frame, std::uint16_t tag) noexcept {
  if (frame.vlans.count < VlanTags::most_kept) frame.vlans.tags[frame.vlans.count] = tag;
  ++frame.vlans.count;
}

// link_ethernet.cpp: what has an EtherType in front, or becomes Ethernet.
Step read_ethernet(LinkPayload& frame);
// From the type field on.
Step read_type_field(LinkPayload& frame);
// What an EtherType announces; it has been taken off.
Step by_ether_type(LinkPayload& frame, std::uint16_t type);
bool is_vlan_type(std::uint16_t type) noexcept;
Step read_switch_tag_dsa(LinkPayload& frame);
Step read_switch_tag_edsa(LinkPayload& frame);
Step read_switch_tag_broadcom(LinkPayload& frame);

// link_llc.cpp: IEEE 802.2 LLC and the networks with nothing else in front.
Step read_llc(LinkPayload& frame);
Step read_snap(LinkPayload& frame);
Step read_fddi(LinkPayload& frame);
Step read_token_ring(LinkPayload& frame);
Step read_arcnet_linux(LinkPayload& frame);
Step read_sun_atm(LinkPayload& frame);
Step read_ip_over_atm(LinkPayload& frame);

// link_serial.cpp: lines between two stations, and label switching.
Step read_ppp(LinkPayload& frame);
Step read_ppp_directed(LinkPayload& frame);
Step read_pppoe(LinkPayload& frame);
Step read_cisco_hdlc(LinkPayload& frame);
Step read_frame_relay(LinkPayload& frame);
Step read_mpls(LinkPayload& frame);
Step read_slip(LinkPayload& frame);

// link_wireless.cpp: IEEE 802.11 and what receivers write in front of it.
Step read_wireless(LinkPayload& frame);
Step read_radiotap(LinkPayload& frame);
Step read_avs(LinkPayload& frame);
Step read_prism(LinkPayload& frame);

// link_records.cpp: what a system's own tracing writes in front of a packet.
Step read_raw_ip(LinkPayload& frame);
Step read_loopback(LinkPayload& frame);
Step read_linux_cooked(LinkPayload& frame);
Step read_linux_cooked_v2(LinkPayload& frame);
Step read_nflog(LinkPayload& frame);
Step read_ppi(LinkPayload& frame);
Step read_packet_tap(LinkPayload& frame);
Step read_openbsd_enc(LinkPayload& frame);
Step read_packet_filter_log(LinkPayload& frame);
Step read_erf(LinkPayload& frame);
Step read_juniper_ethernet(LinkPayload& frame);

}  // namespace vmlan::wire::steps
