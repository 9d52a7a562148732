#include "host/real_clock.h"

namespace vmlan::host {

RealClock::RealClock() noexcept : start_(std::chrono::steady_clock::now()) {}

arch::Time RealClock::now() const {
  return std::chrono::duration_cast<arch::Time>(std::chrono::steady_clock::now() - start_);
}

std::chrono::system_clock::time_point RealClock::date() const { return std::chrono::system_clock::now(); }

}  // namespace vmlan::host
