// The policy of a virtual switch, on top of its transport's table: may this port send this frame, and in
// which VLAN; may that one get it, and in which form.
//
// clang-format off
//   from      frame            VLAN              refused as
//   ACCESS    untagged         the port's        vlan_not_authorized without one
//   ACCESS    tagged           -                 vlan_not_authorized
//   TRUNK     tagged           the tag's         vlan_not_authorized if it has no right to it
//   TRUNK     untagged         the native one    vlan_not_authorized if there is none, or no right to it
//   uplink    tagged           the tag's         -
//   uplink    untagged         the native one    vlan_not_authorized if there is none
//   guest     any, on no port of a PORTBASED one  no_switch_port
//   guest     MAC protection: another's source   source_not_its_own
//   any       shorter than an Ethernet header    malformed
//
//   to        gets it                            form
//   ACCESS    if the VLAN is the port's          untagged
//   TRUNK     if it has a right to the VLAN      tagged, but for the native VLAN
//   uplink    always                             tagged, but for the native VLAN
//   guest     not from a guest if isolated       VEPA: the uplink gets it instead
//   guest     never without a port of a PORTBASED one
// clang-format on
//
// A tag of VLAN 0 is a priority only: the frame counts as untagged. A switch that is VLAN unaware lets tags
// pass. Threads: the base's. Inline: runs once per packet. Included by
// forward_switch.cpp, vlan_counters.cpp and trace_rights.cpp only.
#pragma once

#include "guestlan/lan.h"
#include "guestlan/packet_view.h"
#include "guestlan/untag.h"
#include "guestlan/vlan_tag.h"

namespace vmlan::guestlan {

struct Admission {
  bool admitted = false;
  Drop reason{};
  std::uint16_t vlan = 0;  // 0: the switch is not VLAN aware

  static Admission refused(Drop reason) noexcept { return {false, reason, 0}; }
  static Admission into(std::uint16_t vlan) noexcept { return {true, {}, vlan}; }
};

// Is the address it sends under its own? With IP transport a router's packets are others'; who has no address
// yet asks for one from the unspecified one.
inline bool owns_source(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept {
  if (frame.is_ethernet()) {
    wire::EthernetHeader header;
    return peek(frame, 0, &header, sizeof(header)) && header.source == from.station_mac();
  }
  DatagramPosition position;
  if (!ip_in_datagram(frame, position)) return true;  // no IP packet: nobody gets it
  // What is an Ethernet frame even so leaves through an uplink as it is.
  if ((frame.layer3.flags & wire::layer3_flag::passthru) != 0) {
    wire::EthernetHeader header;
    if (!peek(frame, 0, &header, sizeof(header)) || header.source != from.station_mac()) return false;
  }
  const auto [version, offset] = position;
  const auto& table = lan.ip_table();
  if (table.primary_router(version) == &from || table.secondary_router(version) == &from) return true;
  wire::IpAddress source;
  if (version == wire::IpVersion::v4) {
    wire::Ipv4Header header;
    if (!peek(frame, offset, &header, sizeof(header))) return false;
    source = wire::IpAddress::v4(header.source.data());
  } else {
    wire::Ipv6Header header;
    if (!peek(frame, offset, &header, sizeof(header))) return false;
    source = wire::IpAddress::v6(header.source.data());
  }
  const IpEntry* entry = table.find(source);
  if (entry != nullptr) return entry->type == EntryType::unicast && entry->port == &from;
  return source == wire::IpAddress::v4(0, 0, 0, 0) || source == wire::IpAddress{};
}

inline Admission admit(const Lan& lan, const Port& from, const qdio::Frame& frame,
                       std::optional<std::uint16_t> tag) noexcept {
  const LanRules& rules = lan.rules();
  if (frame.is_ethernet() && frame.length < sizeof(wire::EthernetHeader)) {
    return Admission::refused(Drop::malformed);
  }
  if (lan.protects(from) && !from.is_uplink() && !owns_source(lan, from, frame)) {
    return Admission::refused(Drop::source_not_its_own);
  }
  const PortRules* port = from.rules();
  if (rules.port_based && port == nullptr && !from.is_uplink()) {
    return Admission::refused(Drop::no_switch_port);
  }
  if (!rules.vlan_aware) return Admission::into(0);
  constexpr std::uint16_t id_mask = 0x0fff;
  const std::uint16_t tagged = tag.value_or(0) & id_mask;
  const auto refused = Admission::refused(Drop::vlan_not_authorized);
  if (from.is_uplink()) {
    const std::uint16_t vlan = tagged != 0 ? tagged : rules.native;
    return vlan == 0 ? refused : Admission::into(vlan);
  }
  if (port == nullptr || (tagged != 0 && !port->trunk)) return refused;
  const std::uint16_t vlan = tagged != 0 ? tagged : port->untagged;
  return vlan == 0 || !port->has(vlan) ? refused : Admission::into(vlan);
}

// The same of a frame as it was sent: the tag of a passthru frame may lie inside of it.
inline Admission admission_of(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept {
  if (frame.is_ethernet() || !is_tagged_inside(frame)) return admit(lan, from, frame, tag_of(frame));
  qdio::Frame untagged = frame;
  const qdio::Frame& judged = untag(untagged) ? untagged : frame;
  return admit(lan, from, judged, tag_of(judged));
}

// Does `to` get a frame of this VLAN with a tag? Without VLANs: as it was sent.
inline bool wants_tag(const Lan& lan, const Port& to, std::uint16_t vlan) noexcept {
  if (to.is_uplink()) return vlan != lan.rules().native;
  const PortRules* port = to.rules();
  return port != nullptr && port->trunk && vlan != port->untagged;
}

// Nothing: it may get it.
inline std::optional<Drop> refusal(const Lan& lan, const Port& from, const Port& to, std::uint16_t vlan,
                                   std::uint16_t tag) noexcept {
  const bool guests = !from.is_uplink() && !to.is_uplink();
  if (guests && lan.rules().guests_are_apart()) return Drop::isolated;
  if (to.is_uplink()) return std::nullopt;
  const PortRules* port = to.rules();
  if (lan.rules().port_based && port == nullptr) return Drop::no_switch_port;
  if (vlan == 0) {
    if (tag != 0 && !to.takes_vlan(tag)) return Drop::vlan_not_registered;
    return std::nullopt;
  }
  if (port == nullptr || !port->has(vlan)) return Drop::vlan_not_authorized;
  if (wants_tag(lan, to, vlan) && !to.takes_vlan(vlan)) return Drop::vlan_not_registered;
  return std::nullopt;
}

}  // namespace vmlan::guestlan
