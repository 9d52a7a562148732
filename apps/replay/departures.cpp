#include "apps/replay/departures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vmlan::apps {

namespace {

__extension__ using WideUnits = unsigned __int128;

constexpr std::uint64_t units_per_second = 1'000'000'000;
constexpr auto latest = std::numeric_limits<std::int64_t>::max();

arch::Time plus(arch::Time time, arch::Time more) noexcept {
  std::int64_t sum = 0;
  return arch::Time(__builtin_add_overflow(time.count(), more.count(), &sum) ? latest : sum);
}

arch::Time at_rate(std::uint64_t units, std::uint64_t rate) noexcept {
  const WideUnits time = WideUnits{units} * units_per_second / rate;
  return arch::Time(time > static_cast<WideUnits>(latest) ? latest : static_cast<std::int64_t>(time));
}

}  // namespace

arch::Time Departures::by_trace(arch::Time trace_time) const noexcept {
  std::int64_t since = 0;
  if (__builtin_sub_overflow(trace_time.count(), origin_.count(), &since)) since = latest;
  if (pace_.speed != 1) {
    const double scaled = static_cast<double>(since) / pace_.speed;
    since = std::abs(scaled) < 9e18 ? std::llround(scaled) : scaled > 0 ? latest : -latest;
  }
  return plus(begins_, arch::Time(since));
}

arch::Time Departures::next(arch::Time trace_time, std::uint32_t bytes) noexcept {
  if (!started_) {
    started_ = true;
    origin_ = trace_time;
  }
  switch (pace_.by) {
    case Pace::By::trace:
      own_time_ = by_trace(trace_time);
      break;
    case Pace::By::at_once:
      own_time_ = last_;
      break;
    case Pace::By::bits:
    case Pace::By::packets:
      own_time_ = plus(rate_since_, at_rate(paid_, pace_.rate));
      paid_ += pace_.by == Pace::By::packets ? 1 : std::uint64_t{bytes} * 8;
      break;
  }
  if (own_time_ < last_) {
    ++gone_back_;
    furthest_back_ = std::max(furthest_back_, last_ - own_time_);
  }
  last_ = std::max(last_, own_time_);
  return last_;
}

void Departures::begin_again() noexcept {
  started_ = false;
  begins_ = last_;
}

}  // namespace vmlan::apps
