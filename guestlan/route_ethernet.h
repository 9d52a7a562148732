// The policy of a LAN with ETHERNET transport: who gets a frame, by its destination in the MAC table. The
// rows are in guestlan/route.h.
//
// Threads: the base's. Inline: runs once per packet. Included by forward.cpp only.
#pragma once

#include "guestlan/lan.h"
#include "guestlan/packet_view.h"

namespace vmlan::guestlan {

inline Route route_ethernet(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept {
  wire::MacAddress destination;
  if (!frame.is_ethernet() || !peek(frame, 0, &destination, sizeof(destination))) {
    return Route::drop(Drop::malformed);
  }
  Route route;
  route.kind = Route::Kind::group;
  route.vlan = vlan_of(frame);
  if (destination.is_broadcast()) {
    route.reason = Drop::no_receiver;
    route.members = &lan.active_ports();
    route.beyond = &lan.uplinks();
    return route;
  }
  route.others = &lan.promiscuous_ports();
  const PortList* ports = lan.find_mac(destination);
  if (destination.is_group()) {
    route.reason = Drop::no_receiver;
    route.members = ports;
    route.beyond = &lan.uplinks();
    return route;
  }
  Port* station = ports == nullptr ? lan.uplink() : ports->front();
  if (station == nullptr || (ports == nullptr && station == &from)) {
    route.reason = Drop::unknown_address;
  } else if (station == &from) {
    route.reason = Drop::own_address;
  } else if (route.vlan != 0 && !station->takes_vlan(route.vlan)) {
    route.reason = Drop::vlan_not_registered;
  } else {
    route.kind = Route::Kind::station;
    route.station = station;
  }
  return route;
}

}  // namespace vmlan::guestlan
