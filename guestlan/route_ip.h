// The policy of a LAN with IP transport: who gets a datagram, by its destination in the IP table. The rows
// are in guestlan/route.h.
//
// Threads: the base's. Inline: runs once per packet. Included by forward.cpp only.
#pragma once

#include "guestlan/lan.h"
#include "guestlan/packet_view.h"

namespace vmlan::guestlan {

// Not in the table: a group nobody joined, a broadcast, or a packet for somebody beyond the LAN, which goes
// to the driver's next hop or to the router the LAN knows.
inline Route route_unregistered(const Lan& lan, const Port& from, const wire::Layer3Header& header,
                                const wire::IpAddress& destination) noexcept {
  const wire::IpVersion version = destination.version();
  const IpTable& table = lan.ip_table();
  Route route;
  route.kind = Route::Kind::group;
  route.reason = Drop::no_receiver;
  route.beyond = &lan.uplinks();
  if (destination.is_multicast()) {
    route.cast = wire::Cast::multicast;
    route.others = &table.multicast_routers(version);
    return route;
  }
  const auto cast = static_cast<wire::Cast>(header.flags & wire::layer3_flag::cast_mask);
  if (destination.is_limited_broadcast() || cast == wire::Cast::broadcast) {
    route.cast = wire::Cast::broadcast;
    route.members = &lan.broadcast_ports();
    return route;
  }
  const auto& hop = header.next_hop;
  const auto next_hop =
      version == wire::IpVersion::v4 ? wire::IpAddress::v4(hop.data() + 12) : wire::IpAddress::v6(hop.data());
  const IpEntry* entry = next_hop == destination ? nullptr : table.find(next_hop);
  Port* port = entry != nullptr && entry->type == EntryType::unicast ? entry->port : nullptr;
  if (port == nullptr) port = table.primary_router(version);
  if (port == nullptr) port = table.secondary_router(version);
  if (port == nullptr || port == &from) port = lan.uplink();
  if (port == nullptr || port == &from) return Route::drop(Drop::unknown_address);
  route.kind = Route::Kind::station;
  route.beyond = nullptr;
  route.station = port;
  route.others = &lan.promiscuous_ports();
  return route;
}

inline Route route_ip(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept {
  if (frame.is_ethernet()) return Route::drop(Drop::not_ip);
  const wire::Layer3Header& header = frame.layer3;
  DatagramPosition position;
  if (!ip_in_datagram(frame, position)) return Route::drop(Drop::not_ip);
  wire::IpAddress destination;
  if (!destination_at(frame, position.offset, position.version, destination)) {
    return Route::drop(Drop::malformed);
  }

  const IpEntry* entry = lan.ip_table().find(destination);
  if (entry == nullptr) [[unlikely]]
    return route_unregistered(lan, from, header, destination);
  Route route;
  if (entry->type == EntryType::unicast) [[likely]] {
    if (entry->port == &from) return Route::drop(Drop::own_address);
    route.kind = Route::Kind::station;
    route.station = entry->port;
    route.others = &lan.promiscuous_ports();
    return route;
  }
  const bool broadcast = entry->type == EntryType::broadcast;
  route.kind = Route::Kind::group;
  route.reason = Drop::no_receiver;
  route.cast = broadcast ? wire::Cast::broadcast : wire::Cast::multicast;
  route.members = broadcast ? &lan.broadcast_ports() : &entry->group->members;
  if (!broadcast) route.others = &lan.ip_table().multicast_routers(position.version);
  route.beyond = &lan.uplinks();
  return route;
}

}  // namespace vmlan::guestlan
