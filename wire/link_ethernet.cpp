// Ethernet, its tags, and what its EtherTypes announce.
//
// Source: IEEE 802.3, 802.1Q (VLANs, provider backbones), 802.1AE; tags of switch chips: Linux,
// Documentation/networking/dsa.
#include "wire/ethernet.h"
#include "wire/link_steps.h"

namespace vmlan::wire::steps {

namespace {

constexpr std::size_t addresses_size = 12;

namespace announced {
constexpr std::uint16_t service_tag = 0x88a8;  // IEEE 802.1ad
constexpr std::uint16_t old_service_tag = 0x9100;
constexpr std::uint16_t older_service_tag = 0x9200;
constexpr std::uint16_t mpls = 0x8847;
constexpr std::uint16_t mpls_upstream = 0x8848;
constexpr std::uint16_t pppoe_discovery = 0x8863;
constexpr std::uint16_t pppoe_session = 0x8864;
constexpr std::uint16_t ppp = 0x880b;
constexpr std::uint16_t jumbo_llc = 0x8870;
constexpr std::uint16_t eapol = 0x888e;
constexpr std::uint16_t lldp = 0x88cc;
constexpr std::uint16_t mac_security = 0x88e5;
constexpr std::uint16_t service_header = 0x894f;  // RFC 8300
constexpr std::uint16_t backbone_tag = 0x88e7;    // IEEE 802.1ah: an Ethernet frame in an Ethernet frame
constexpr std::uint16_t port_extender_tag = 0x8926;
constexpr std::uint16_t cisco_metadata = 0x8909;
constexpr std::uint16_t arista_time = 0xd28b;
constexpr std::uint16_t bridged = 0x6558;  // transparent Ethernet bridging: a frame of its own
}  // namespace announced

// The addresses are taken off, then as much as the chip has put behind them.
Step behind_switch_tag(LinkPayload& frame, std::size_t tag_size) noexcept {
  if (frame.bytes.size() < addresses_size) return cut_in_header;
  keep_addresses(frame, 0, 6);
  return then(frame, addresses_size + tag_size, read_type_field);
}

// Marvell's four bytes stand for a VLAN tag: the first tells whether the frame had one.
void keep_tag_of_dsa(LinkPayload& frame, std::size_t offset) noexcept {
  constexpr unsigned tagged = 0x20;
  constexpr std::uint16_t canonical_bit = 0x1000;  // stands in the second byte there
  if (frame.bytes.size() < offset + 4 || (byte_at(frame.bytes, offset) & tagged) == 0) return;
  keep_tag(frame, static_cast<std::uint16_t>(half_at(frame.bytes, offset + 2) & ~canonical_bit));
}

// What is only authenticated can be read.
Step read_mac_security(LinkPayload& frame) noexcept {
  constexpr unsigned is_encrypted = 0x0c;  // encrypted, or its text changed
  constexpr unsigned has_channel = 0x20;
  constexpr std::size_t header_size = 6;
  constexpr std::size_t channel_size = 8;
  if (frame.bytes.empty()) return cut_in_header;
  const auto control = byte_at(frame.bytes, 0);
  if ((control & is_encrypted) != 0) return content(frame, LinkContent::encrypted);
  return then(frame, header_size + ((control & has_channel) != 0 ? channel_size : 0), read_type_field);
}

// Its length is in words; what follows has a number of its own.
Step read_service_header(LinkPayload& frame) noexcept {
  constexpr unsigned ipv4 = 1;
  constexpr unsigned ipv6 = 2;
  constexpr unsigned ethernet = 3;
  constexpr unsigned mpls = 5;
  if (frame.bytes.size() < 4) return cut_in_header;
  const std::size_t size = (byte_at(frame.bytes, 1) & 0x3fU) * 4U;
  const auto next = byte_at(frame.bytes, 3);
  if (size < 8 || !skip(frame, size)) return cut_in_header;
  switch (next) {
    case ipv4:
      return content(frame, LinkContent::ipv4);
    case ipv6:
      return content(frame, LinkContent::ipv6);
    case ethernet:
      return {read_ethernet};
    case mpls:
      return {read_mpls};
    default:
      return content(frame, LinkContent::other);
  }
}

// A switch's time stamp: its version tells whether it is one of 64 bits or 48.
Step read_arista_time(LinkPayload& frame) noexcept {
  constexpr unsigned is_short = 0x0020;
  if (frame.bytes.size() < 4) return cut_in_header;
  const bool of_48_bits = (half_at(frame.bytes, 2) & is_short) != 0;
  return then(frame, of_48_bits ? 10 : 12, read_type_field);
}

}  // namespace

bool is_vlan_type(std::uint16_t type) noexcept {
  return type == ether_type::vlan || type == announced::service_tag || type == announced::old_service_tag ||
         type == announced::older_service_tag;
}

Step by_ether_type(LinkPayload& frame, std::uint16_t type) {
  switch (type) {
    case ether_type::ipv4:
      return content(frame, LinkContent::ipv4);
    case ether_type::ipv6:
      return content(frame, LinkContent::ipv6);
    case ether_type::arp:
      return content(frame, LinkContent::arp);
    case announced::mpls:
    case announced::mpls_upstream:
      return {read_mpls};
    case announced::pppoe_discovery:
      return content(frame, LinkContent::pppoe);
    case announced::pppoe_session:
      return {read_pppoe};
    case announced::ppp:
      return {read_ppp};
    case announced::jumbo_llc:
      return {read_llc};
    case announced::eapol:
      return content(frame, LinkContent::eapol);
    case announced::lldp:
      return content(frame, LinkContent::lldp);
    case announced::mac_security:
      return read_mac_security(frame);
    case announced::service_header:
      return read_service_header(frame);
    case announced::backbone_tag:
      return then(frame, 4, read_ethernet);
    case announced::port_extender_tag:
      return then(frame, 4, read_type_field);
    case announced::cisco_metadata:
      return then(frame, 6, read_type_field);
    case announced::arista_time:
      return read_arista_time(frame);
    case announced::bridged:
      return {read_ethernet};
    default:
      return content(frame, LinkContent::other);
  }
}

Step read_type_field(LinkPayload& frame) {
  constexpr std::uint16_t first_type = 0x0600;  // below: a length (IEEE 802.3)
  for (;;) {
    if (frame.bytes.size() < 2) return cut_in_header;
    const auto type = half_at(frame.bytes, 0);
    frame.bytes = frame.bytes.subspan(2);
    if (type == ether_type::ipv4) return content(frame, LinkContent::ipv4);  // nearly always
    if (!is_vlan_type(type)) {
      if (type >= first_type) return by_ether_type(frame, type);
      if (type < frame.bytes.size()) frame.bytes = frame.bytes.first(type);
      return {read_llc};
    }
    if (frame.bytes.size() < tag_control_size) return cut_in_header;
    if (frame.vlans.count == VlanTags::most_read) return content(frame, LinkContent::too_many_headers);
    keep_tag(frame, half_at(frame.bytes, 0));
    frame.bytes = frame.bytes.subspan(tag_control_size);
  }
}

Step read_ethernet(LinkPayload& frame) {
  if (frame.bytes.size() < sizeof(EthernetHeader)) return cut_in_header;
  keep_addresses(frame, 0, 6);
  frame.bytes = frame.bytes.subspan(addresses_size);
  return read_type_field(frame);
}

Step read_switch_tag_dsa(LinkPayload& frame) {
  keep_tag_of_dsa(frame, addresses_size);
  return behind_switch_tag(frame, 4);
}

// An EtherType of its own and two empty bytes in front.
Step read_switch_tag_edsa(LinkPayload& frame) {
  keep_tag_of_dsa(frame, addresses_size + 4);
  return behind_switch_tag(frame, 8);
}

Step read_switch_tag_broadcom(LinkPayload& frame) { return behind_switch_tag(frame, 4); }

}  // namespace vmlan::wire::steps
