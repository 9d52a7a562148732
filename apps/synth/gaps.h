// When the packets of a workload leave: one behind the other at a mean rate.
//
// Units: nanoseconds since the workload's beginning, exact to 2^-20 of one, so that a rate that is no divisor
// of a second is met all the same. Threads: one.
#pragma once

#include <cstdint>

#include "apps/synth/chance.h"

namespace vmlan::apps {

class Gaps {
 public:
  enum class Kind : std::uint8_t {
    exponential,  // each packet by itself: a Poisson process
    constant,
    bursts,  // of 1 to 31 packets at eight times the rate, and a pause of exponential length behind each
  };
  static constexpr std::uint64_t fastest = 1'000'000'000;  // packets a second

  Gaps(Kind kind, std::uint64_t packets_per_second) noexcept;

  // Of the first packet 0, of every other one behind the one before it.
  arch::Time next(Chance& chance) noexcept;

 private:
  static constexpr unsigned fraction = 20;
  std::uint64_t gap(Chance& chance) noexcept;

  Kind kind_;
  std::uint64_t mean_;  // with `fraction`
  std::uint64_t pause_;
  std::uint32_t left_of_burst_ = 0;
  bool begun_ = false;
  std::uint64_t fine_ = 0;
  arch::Time time_{0};
};

}  // namespace vmlan::apps
