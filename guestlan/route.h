// Where a frame goes: what a LAN's policy decides (Lan::route), and all that delivery is told. A decision
// only, made against the LAN's tables, with nothing changed or counted.
//
// Threads: the base's.
#pragma once

#include <cstdint>
#include <vector>

#include "guestlan/counters.h"
#include "wire/transport_header.h"

namespace vmlan::guestlan {

class Port;
using PortList = std::vector<Port*>;

// clang-format off
// Every frame has exactly one row:
//
//   policy    destination                             kind     gets it                             nobody there
//   IP        registered unicast address              station  its port, sniffers                  -
//   IP        its sender's                            drop                                         own_address
//   IP        group                                   group    members, multicast routers, uplink  no_receiver
//   IP        broadcast, limited or of a subnet       group    ports that enabled it, uplink       no_receiver
//   IP        other: next hop, routers, then uplink   station  that port, sniffers                 unknown_address
//   ETHERNET  registered unicast MAC                  station  its port, sniffers                  -
//   ETHERNET  its sender's                            group    sniffers                            own_address
//   ETHERNET  unicast MAC nobody has                  station  the uplink, sniffers                -
//   ETHERNET  the same, no uplink or from it          group    sniffers                            unknown_address
//   ETHERNET  group MAC                               group    members, sniffers, uplink           no_receiver
//   ETHERNET  broadcast                               group    all active ports, uplink            no_receiver
//
// Never the sender itself; nobody twice; with ETHERNET only ports that take the frame's VLAN
// (vlan_not_registered if that leaves nobody).
// clang-format on
struct Route {
  enum class Kind : std::uint8_t { drop, station, group };

  Kind kind = Kind::drop;
  Drop reason{};  // of a drop, or of a group in which nobody gets it
  wire::Cast cast = wire::Cast::unicast;
  std::uint16_t vlan = 0;  // only members that take it; 0: all
  Port* station = nullptr;
  const PortList* members = nullptr;
  const PortList* others = nullptr;  // besides: those who are not among the members
  const PortList* beyond = nullptr;  // and those who are on none of the two, whatever they take: the uplink

  static Route drop(Drop reason) noexcept {
    Route route;
    route.reason = reason;
    return route;
  }
};

}  // namespace vmlan::guestlan
