// A group's frame to everybody on its lists, each once, within what a batch may cost.
//
// Threads: the base's. Inline: runs once per group frame. Included by forward*.cpp only.
#pragma once

#include "guestlan/lan.h"
#include "guestlan/port.h"

namespace vmlan::guestlan {

// `give`: gives it to the port, or says why the port is not to have it. Nobody gets it: a drop under the
// route's reason, or under the last one of these.
template <class Give>
void Lan::deliver_to_group(Port& from, const Route& route, const qdio::Frame& frame, Give give) noexcept {
  const std::uint64_t work_of_copy = frame.packets() + frame.length / 1024;
  const std::uint64_t number = ++group_frames_;
  unsigned receivers = 0;
  Drop reason = route.reason;
  const auto give_once = [&](Port* port) noexcept {
    if (port == &from || port->given_ == number) return;
    port->given_ = number;
    if (route.if_broadcast_enabled && !port->broadcast_ && !port->is_uplink()) return;
    if (const auto refused = give(*port)) {
      reason = *refused;
      return;
    }
    ++receivers;
    group_work_ += work_of_copy;
  };
  bool stopped = false;
  for (const PortList* ports : {route.members, route.others, route.beyond}) {
    if (ports == nullptr) continue;
    for (Port* port : *ports) {
      stopped = ++group_work_ > most_group_work;
      if (stopped) break;
      give_once(port);
    }
  }
  if (stopped) [[unlikely]]
    from.counters_.drop(Drop::too_many_copies, frame.packets());
  else if (receivers == 0)
    from.counters_.drop(reason, frame.packets());
}

}  // namespace vmlan::guestlan
