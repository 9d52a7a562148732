// What lies below IP in a captured frame, and where the IP packet in it begins.
//
// Link types are those of the tcpdump project's list (LINKTYPE_*) as far as they carry IP. Parse only, no
// state, no allocation; a frame is hostile: every access is bounded by its length, and `most_link_headers`
// bounds how many headers are taken off.
//
// Source: the tcpdump project's list; each reader (wire/link_*.cpp) names the standard of its headers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/mac_address.h"

namespace vmlan::wire {

enum class LinkType : std::uint8_t {
  ethernet,
  raw_ip,           // no link header; the version is in the packet
  loopback,         // NULL, LOOP: four bytes of address family, in either byte order
  linux_cooked,     // SLL
  linux_cooked_v2,  // SLL2
  ppp,              // with or without the HDLC-like address and control bytes, or Cisco's HDLC
  ppp_directed,     // behind a byte that tells the direction
  pppoe,
  cisco_hdlc,
  cisco_hdlc_directed,
  frame_relay,
  frame_relay_directed,
  mpls,
  slip,
  fddi,
  token_ring,
  arcnet_linux,
  llc,  // ATM's AAL5 as of RFC 2684
  sun_atm,
  ip_over_atm,  // Linux's CLIP: LLC or an IP packet at once
  ip_over_fibre_channel,
  ip_over_firewire,
  ip_over_infiniband,
  wireless,  // IEEE 802.11 without a header of the receiver
  radiotap,
  ppi,
  avs,
  prism,
  nflog,
  ipnet,        // Solaris
  openbsd_enc,  // what its IPsec has decrypted
  packet_filter_log,
  packet_tap,  // Apple's
  erf,         // Endace's record
  juniper_ethernet,
  switch_tag_dsa,  // Ethernet with the tag by which a switch chip tells its port, Marvell's and Broadcom's
  switch_tag_edsa,
  switch_tag_broadcom,
  switch_tag_broadcom_in_front,
  hilscher,  // netANALYZER
  hilscher_transparent,
  unsupported,
};

enum class LinkContent : std::uint8_t {
  ipv4,
  ipv6,
  arp,
  ieee802_3,  // LLC: spanning tree, SNA, IS-IS...
  mpls,       // a pseudowire of something that is not Ethernet
  pppoe,      // its discovery
  eapol,
  lldp,
  link_control,         // PPP's own protocols, keep-alive messages, the rings' tokens
  wireless_management,  // IEEE 802.11: beacons...
  wireless_control,     // acknowledgments...
  wireless_no_data,     // data frames without data: power saving
  encrypted,            // IEEE 802.11's protected frames, MACsec, PPP's encryption
  compressed,           // PPP's compression of headers or data
  fragment,             // of a frame
  bad_frame_check,      // the receiver says that it got the frame damaged
  too_many_headers,
  other,        // another protocol number
  malformed,    // ends inside its link header
  unsupported,  // a link type that is not read here
};

// VLAN tags of whatever TPID (IEEE 802.1Q, 802.1ad, the older 9100 and 9200), outermost first.
struct VlanTags {
  static constexpr std::uint8_t most_kept = 2;
  static constexpr std::uint8_t most_read = 8;  // in one frame
  static constexpr std::uint16_t id_mask = 0x0fff;

  std::array<std::uint16_t, most_kept> tags{};  // priority and VLAN id, as in the frame
  std::uint8_t count = 0;                       // of all, kept or not

  std::uint16_t outer_id() const noexcept { return tags[0] & id_mask; }  // 0: none, or a priority only
  bool operator==(const VlanTags&) const = default;
};

struct LinkPayload {
  LinkContent content = LinkContent::malformed;
  std::span<const std::byte> bytes;  // after the link headers and VLAN tags
  VlanTags vlans;
  // Of the outermost header that has them. IEEE 802.11: of the stations, not of access points on the way.
  std::optional<MacAddress> destination;
  std::optional<MacAddress> source;
};

inline constexpr unsigned most_link_headers = 16;

// Of an aggregate of IEEE 802.11 (A-MSDU) the first frame.
LinkPayload link_payload(LinkType type, std::span<const std::byte> frame) noexcept;

}  // namespace vmlan::wire
