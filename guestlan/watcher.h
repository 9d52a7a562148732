// Who watches a LAN: is shown every frame just before and just after the LAN has forwarded it. A LAN that
// nobody watches pays nothing (Lan::Path).
//
// What became of a frame it finds by comparing Counters before and after: what was dropped and why in the
// sender's, who received in those of the other ports. It must not change the LAN, nor watch or unwatch,
// while it is shown a frame.
//
// Threads: the base's.
#pragma once

#include <cstddef>
#include <span>

#include "qdio/queues/frame.h"

namespace vmlan::guestlan {

class Lan;
class Nic;
class Port;

class Watcher {
 public:
  virtual ~Watcher() = default;
  // false: after() need not come for this frame. It comes all the same if another watcher wants it.
  virtual bool before(const Port& from, const qdio::Frame& frame) noexcept = 0;
  virtual void after(const Port& from, const qdio::Frame& frame) noexcept = 0;
  // Asked after before() wanted no after(), of who watches alone: so many frames it need not be shown, but be
  // told of by their numbers; at most most_passed_over.
  static constexpr unsigned most_passed_over = 32;
  virtual unsigned passes_over() const noexcept { return 0; }
  // Before it is shown another frame or message, or a port leaves, or with Lan::tell_passed_over().
  virtual void passed_over(const Port& /*from*/, unsigned /*frames*/) noexcept {}
  // A message on a control channel of a NIC that is coupled: what its guest wrote, before the adapter hears
  // it, or what it shall read.
  virtual void control(const Nic& /*nic*/, bool /*to_guest*/,
                       std::span<const std::byte> /*message*/) noexcept {}
  // The port is on the LAN now: one of Lan::ports().
  virtual void joined(const Port& port) noexcept = 0;
  // The port has left the LAN, or goes: nothing may point to it any longer.
  virtual void left(const Port& port) noexcept = 0;
  // The LAN goes, and watches it no longer.
  virtual void ended(const Lan& lan) noexcept = 0;
};

}  // namespace vmlan::guestlan
