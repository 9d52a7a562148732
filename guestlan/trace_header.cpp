#include "guestlan/trace_header.h"

#include "guestlan/packet_view.h"
#include "guestlan/port.h"
#include "wire/ethernet.h"

namespace vmlan::guestlan {

namespace {

// For what is neither of the two versions of IP: IEEE 802's number for local experiments.
constexpr std::uint16_t unknown_type = 0x88b5;

bool has_ethernet_header(const qdio::Frame& frame) noexcept {
  return frame.is_ethernet() || (frame.layer3.flags & wire::layer3_flag::passthru) != 0;
}

bool is_tagged_in_header(const qdio::Frame& frame) noexcept {
  return !frame.is_ethernet() && (frame.layer3.extended_flags & wire::layer3_extended::vlan_id) != 0;
}

wire::MacAddress group_address(const qdio::Frame& frame, wire::Cast cast, wire::IpVersion version) noexcept {
  wire::IpAddress group;
  if (cast == wire::Cast::multicast && destination_at(frame, 0, version, group))
    return wire::multicast_mac(group);
  return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
}

}  // namespace

wire::EthernetFront trace_header_of(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept {
  if (has_ethernet_header(frame)) return {};
  const bool v6 = (frame.layer3.flags & wire::layer3_flag::ipv6) != 0;
  const auto version = v6 ? wire::IpVersion::v6 : wire::IpVersion::v4;
  const Route route = lan.route(from, frame);
  wire::MacAddress to;
  if (route.kind == Route::Kind::station) to = route.station->station_mac();
  if (route.kind == Route::Kind::group) to = group_address(frame, route.cast, version);
  wire::IpAddress destination;
  const bool ip = destination_at(frame, 0, version, destination);
  const std::uint16_t type = !ip ? unknown_type : v6 ? wire::ether_type::ipv6 : wire::ether_type::ipv4;
  const auto tag = is_tagged_in_header(frame) ? std::optional(frame.layer3.vlan_id.value()) : std::nullopt;
  return {to, from.station_mac(), tag, type};
}

std::uint16_t traced_vlan_of(const qdio::Frame& frame) noexcept {
  constexpr std::uint16_t id_mask = 0x0fff;
  if (is_tagged_in_header(frame)) return frame.layer3.vlan_id.value() & id_mask;
  return has_ethernet_header(frame) ? vlan_of(frame) : 0;
}

}  // namespace vmlan::guestlan
