// Interruptions once more, for a driver that may have missed that its output buffers are done.
//
// Linux' qeth turns interruptions off while it works through its input, and afterwards looks at its input
// again but not at its output. A PCI for output that comes in between is lost, and with it what is waiting in
// a half-filled buffer, until something else happens or a second is over. A real adapter is too slow to hit
// that moment; we are not (observed, Linux 6.1 qeth: a ping of 65507 bytes took up to a second).
//
// Input that comes afterwards makes the driver look at its output too. So a device whose output was completed
// is reminded a few times, later and later, until it was given input.
//
// Owns: when. Threads: one at a time.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "link/protocol.h"

namespace vmlan::hercules {

class Reminders {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void output_completed(unsigned device, Time now) noexcept { plan_[device] = {now + pauses[0], 0}; }
  void input_given(unsigned device) noexcept { plan_[device] = {}; }
  void forget() noexcept { plan_ = {}; }

  // Is one due? Plans the next one.
  bool due(unsigned device, Time now) noexcept {
    Plan& plan = plan_[device];
    if (plan.at == Time{} || now < plan.at) return false;
    ++plan.step;
    plan.at = plan.step < pauses.size() ? now + pauses[plan.step] : Time{};
    return true;
  }
  // When the next one is due, of all devices.
  std::optional<Time> next(unsigned devices) const noexcept {
    std::optional<Time> first;
    for (unsigned device = 0; device < devices; ++device) {
      const Time at = plan_[device].at;
      if (at != Time{} && (!first || at < *first)) first = at;
    }
    return first;
  }

 private:
  struct Plan {
    Time at{};  // zero: none
    std::size_t step = 0;
  };
  // The work in which a PCI was lost takes an emulated processor some milliseconds.
  static constexpr std::array<std::chrono::milliseconds, 4> pauses = {
      std::chrono::milliseconds{2}, std::chrono::milliseconds{6}, std::chrono::milliseconds{20},
      std::chrono::milliseconds{80}};

  std::array<Plan, link::max_devices> plan_{};
};

}  // namespace vmlan::hercules
