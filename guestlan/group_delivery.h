// A group's frame to everybody on its lists, each once, within what a batch may cost.
//
// In a large group none of what a receiver needs is in a cache: its port, its queues, the state, the SBAL and
// the buffer, each found by the one before. So they are fetched for receivers further on, one step each,
// while the nearer ones are given theirs. Hints only.
//
// Threads: the base's. Inline: runs once per group frame. Included by forward*.cpp only.
#pragma once

#include "guestlan/lan.h"
#include "guestlan/port.h"

namespace vmlan::guestlan {

inline void foresee_receivers(const PortList& ports, std::size_t at) noexcept {
  constexpr std::size_t port_ahead = 15;
  constexpr std::size_t queues_ahead = 12;
  constexpr std::size_t state_ahead = 9;
  constexpr std::size_t sbal_ahead = 6;
  constexpr std::size_t buffer_ahead = 3;
  const auto queues_of = [&](std::size_t index) {
    return index < ports.size() ? ports[index]->queues() : nullptr;
  };
  if (at + port_ahead < ports.size()) ports[at + port_ahead]->prefetch();
  if (const auto* queues = queues_of(at + queues_ahead)) queues->prefetch();
  if (const auto* queues = queues_of(at + state_ahead)) queues->prefetch_state(0);
  if (const auto* queues = queues_of(at + sbal_ahead)) queues->prefetch_sbal(0);
  if (const auto* queues = queues_of(at + buffer_ahead)) queues->prefetch_buffer(0);
}

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
    const bool is_large = ports->size() >= large_group;
    for (std::size_t index = 0; index < ports->size(); ++index) {
      if (is_large) foresee_receivers(*ports, index);
      stopped = ++group_work_ > most_group_work;
      if (stopped) break;
      give_once((*ports)[index]);
    }
  }
  if (stopped) [[unlikely]]
    from.counters_.drop(Drop::too_many_copies, frame.packets());
  else if (receivers == 0)
    from.counters_.drop(reason, frame.packets());
}

}  // namespace vmlan::guestlan
