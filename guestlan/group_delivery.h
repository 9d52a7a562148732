// A group's frame, or several, to everybody on its lists, each once, within what a batch may cost.
//
// In a large group none of what a receiver needs is in a cache: its port, its queues, the state, the SBAL and
// the buffer, each found by the one before. So they are fetched for receivers further on, one step each,
// while the nearer ones are given theirs. Hints only.
//
// Threads: the base's. Inline: runs once for each group frame, or several. Included by forward*.cpp only.
#pragma once

#include "guestlan/lan.h"
#include "guestlan/port.h"

namespace vmlan::guestlan {

// `frames` for each receiver, who takes the longer the more there are.
inline void foresee_receivers(const PortList& ports, std::size_t at, unsigned frames) noexcept {
  const std::size_t step = frames > 1 ? 1 : 3;
  const auto queues_of = [&](std::size_t index) {
    return index < ports.size() ? ports[index]->queues() : nullptr;
  };
  if (at + 5 * step < ports.size()) ports[at + 5 * step]->prefetch();
  if (const auto* queues = queues_of(at + 4 * step)) queues->prefetch();
  if (const auto* queues = queues_of(at + 3 * step)) queues->prefetch_state(0);
  if (const auto* queues = queues_of(at + 2 * step)) {
    for (unsigned frame = 0; frame < frames; ++frame) queues->prefetch_sbal(frame);
  }
  if (const auto* queues = queues_of(at + step)) {
    for (unsigned frame = 0; frame < frames; ++frame) queues->prefetch_buffer(frame);
  }
}

// What each receiver is given.
struct Lan::GroupGift {
  unsigned frames = 0;
  std::uint64_t packets = 0;
  std::uint64_t work = 0;  // of copying them

  void add(const qdio::Frame& frame) noexcept {
    ++frames;
    packets += frame.packets();
    work += frame.packets() + frame.length / 1024;
  }
};

// `give`: gives it to the port, or says why the port is not to have it. Nobody gets it: a drop under the
// route's reason, or under the last one of these.
template <class Give>
void Lan::deliver_to_group(Port& from, const Route& route, const GroupGift& gift, Give give) noexcept {
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
    group_work_ += gift.work;
  };
  bool stopped = false;
  for (const PortList* ports : {route.members, route.others, route.beyond}) {
    if (ports == nullptr) continue;
    const bool is_large = ports->size() >= large_group;
    for (std::size_t index = 0; index < ports->size(); ++index) {
      if (is_large) foresee_receivers(*ports, index, gift.frames);
      group_work_ += gift.frames;
      stopped = group_work_ > most_group_work;
      if (stopped) break;
      give_once((*ports)[index]);
    }
  }
  if (stopped) [[unlikely]]
    from.counters_.drop(Drop::too_many_copies, gift.packets);
  else if (receivers == 0)
    from.counters_.drop(reason, gift.packets);
}

}  // namespace vmlan::guestlan
