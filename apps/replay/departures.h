// When each packet of a trace leaves, in time since the replay began.
//
// Times of a trace are anything: they go back, stand still, jump. A packet never leaves before one that
// stands in front of it: where the trace goes back, it leaves at once, late, and is counted. (Records that
// are only slightly out of order can be sorted before: apps/replay/sort_window.h.)
//
// Threads: any.
#pragma once

#include <cstdint>

#include "arch/clock.h"

namespace vmlan::apps {

struct Pace {
  enum class By : std::uint8_t {
    trace,    // its times, `speed` times as fast
    at_once,  // one after the other, no time between
    bits,     // `rate` bits of packets a second
    packets,  // `rate` packets a second
  };
  By by = By::trace;
  double speed = 1;  // above 0
  std::uint64_t rate = 0;

  bool keeps_times() const noexcept { return by == By::trace; }
};

class Departures {
 public:
  explicit Departures(const Pace& pace) : pace_(pace) {}

  // Of the packet at `trace_time` (since any beginning, the same for all). Times of a first packet are the
  // replay's beginning.
  arch::Time next(arch::Time trace_time, std::uint32_t bytes) noexcept;
  // The trace begins again, behind what has left.
  void begin_again() noexcept;

  // Packets whose own time was before that of one in front of them, and how far at most.
  std::uint64_t gone_back() const noexcept { return gone_back_; }
  arch::Time furthest_back() const noexcept { return furthest_back_; }
  // When the packet that next() was asked about last should have left.
  arch::Time own_time() const noexcept { return own_time_; }

 private:
  arch::Time by_trace(arch::Time trace_time) const noexcept;

  Pace pace_;
  bool started_ = false;
  arch::Time origin_{0};    // in the trace, of this round
  arch::Time begins_{0};    // of this round, in the replay
  arch::Time last_{0};      // departure
  arch::Time own_time_{0};  // of the last packet
  // What a rate has given so far, so that no rounding adds up.
  arch::Time rate_since_{0};
  std::uint64_t paid_ = 0;  // bits or packets since then
  std::uint64_t gone_back_ = 0;
  arch::Time furthest_back_{0};
};

}  // namespace vmlan::apps
