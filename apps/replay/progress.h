// One line that says how far a replay is, on a terminal only: rate, share, time left.
//
// Threads: the base's.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "apps/replay/trace_inputs.h"
#include "host/real_clock.h"

namespace vmlan::apps {

class ReplayRun;

class Progress {
 public:
  // `show`: in place of the line before, empty: nothing. No function: nobody looks.
  explicit Progress(std::function<void(std::string_view)> show) : show_(std::move(show)) {}

  // Often called; says something twice a second.
  void tell(const ReplayRun& run);
  // Of a reading before the replay: so many records of it.
  void tell_reading(const TraceInputs& inputs, std::uint64_t records);
  void clear();

 private:
  bool is_time();
  void show(std::string_view what, std::uint64_t records, std::string_view besides,
            const TraceInputs& inputs);

  std::function<void(std::string_view)> show_;
  host::RealClock clock_;
  arch::Time next_ = std::chrono::milliseconds(500);
  arch::Time began_{0};  // of what is told of now
  bool reads_ = false;
  bool shown_ = false;
};

}  // namespace vmlan::apps
