#include "guestlan/trace_header.h"

#include <cstring>

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

TraceHeader trace_header_of(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept {
  TraceHeader result;
  if (has_ethernet_header(frame)) return result;
  const bool v6 = (frame.layer3.flags & wire::layer3_flag::ipv6) != 0;
  const auto version = v6 ? wire::IpVersion::v6 : wire::IpVersion::v4;
  const Route route = lan.route(from, frame);
  wire::EthernetHeader header{};
  header.source = from.station_mac();
  if (route.kind == Route::Kind::station) header.destination = route.station->station_mac();
  if (route.kind == Route::Kind::group) header.destination = group_address(frame, route.cast, version);
  wire::IpAddress destination;
  const bool ip = destination_at(frame, 0, version, destination);
  header.type = !ip ? unknown_type : v6 ? wire::ether_type::ipv6 : wire::ether_type::ipv4;

  constexpr std::size_t addresses = offsetof(wire::EthernetHeader, type);
  std::memcpy(result.bytes.data(), &header, addresses);
  result.length = addresses;
  if (is_tagged_in_header(frame)) {
    const std::array<arch::be16, 2> tag{arch::be16{wire::ether_type::vlan}, frame.layer3.vlan_id};
    std::memcpy(&result.bytes[result.length], tag.data(), sizeof(tag));
    result.length += sizeof(tag);
  }
  std::memcpy(&result.bytes[result.length], &header.type, sizeof(header.type));
  result.length += sizeof(header.type);
  return result;
}

std::uint16_t traced_vlan_of(const qdio::Frame& frame) noexcept {
  constexpr std::uint16_t id_mask = 0x0fff;
  if (is_tagged_in_header(frame)) return frame.layer3.vlan_id.value() & id_mask;
  return has_ethernet_header(frame) ? vlan_of(frame) : 0;
}

}  // namespace vmlan::guestlan
