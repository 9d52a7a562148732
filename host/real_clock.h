// The computer's own time. The only clock that moves by itself.
//
// Threads: any.
#pragma once

#include "arch/clock.h"

namespace vmlan::host {

// Time zero is when the clock was made.
class RealClock final : public arch::Clock {
 public:
  RealClock() noexcept;
  arch::Time now() const override;
  std::chrono::system_clock::time_point date() const override;

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace vmlan::host
