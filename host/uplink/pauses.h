// When somebody who was not there is looked for again: soon at first, then ever more seldom.
//
// Threads: one.
#pragma once

#include <algorithm>

#include "arch/clock.h"

namespace vmlan::host {

class Pauses {
 public:
  static constexpr arch::Time shortest = std::chrono::milliseconds(100);
  static constexpr arch::Time longest = std::chrono::seconds(5);

  arch::Time next() const noexcept { return next_; }
  bool are_over(arch::Time now) const noexcept { return now >= next_; }
  // It has been tried in vain.
  void begin(arch::Time now) noexcept {
    next_ = now + pause_;
    pause_ = std::min(2 * pause_, longest);
  }
  // It was there, and has proved itself.
  void restart() noexcept { pause_ = shortest; }

 private:
  arch::Time pause_ = shortest;
  arch::Time next_{0};
};

}  // namespace vmlan::host
