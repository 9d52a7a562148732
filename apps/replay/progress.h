// One line that says how far a replay is, on a terminal only: rate, share, time left.
//
// Threads: the base's.
#pragma once

#include <functional>
#include <string_view>

#include "host/real_clock.h"

namespace vmlan::apps {

class ReplayRun;

class Progress {
 public:
  // `show`: in place of the line before, empty: nothing. No function: nobody looks.
  explicit Progress(std::function<void(std::string_view)> show) : show_(std::move(show)) {}

  // Often called; says something twice a second.
  void tell(const ReplayRun& run);
  void clear();

 private:
  std::function<void(std::string_view)> show_;
  host::RealClock clock_;
  arch::Time next_ = std::chrono::milliseconds(500);
  bool shown_ = false;
};

}  // namespace vmlan::apps
