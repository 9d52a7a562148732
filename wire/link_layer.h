// What lies below IP in a captured frame, and where the IP packet in it begins.
//
// Link types are those of the tcpdump project's list (LINKTYPE_*) as far as they carry IP. Parse only, no
// state; a frame is hostile: every access is bounded by its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vmlan::wire {

enum class LinkType : std::uint8_t {
  ethernet,
  raw_ip,           // no link header; the version is in the packet
  loopback,         // NULL, LOOP: four bytes of address family, in either byte order
  linux_cooked,     // SLL
  linux_cooked_v2,  // SLL2
  ppp,              // with or without the HDLC-like address and control bytes
  cisco_hdlc,
  unsupported,
};

enum class LinkContent : std::uint8_t {
  ipv4,
  ipv6,
  arp,
  ieee802_3,  // LLC: spanning tree, SNA, IS-IS...
  mpls,
  pppoe,
  eapol,
  lldp,
  link_control,  // PPP's own protocols, keep-alive messages
  other,         // another protocol number
  malformed,     // ends inside its link header
  unsupported,   // a link type that is not read here
};

struct LinkPayload {
  LinkContent content = LinkContent::malformed;
  std::span<const std::byte> bytes;  // after the link header and VLAN tags
};

LinkPayload link_payload(LinkType type, std::span<const std::byte> frame) noexcept;

}  // namespace vmlan::wire
