#include "apps/synth/gaps.h"

namespace vmlan::apps {

namespace {

__extension__ using WideGap = unsigned __int128;

constexpr std::uint64_t nanoseconds_of_second = 1'000'000'000;
constexpr std::uint32_t mean_burst = 16;
constexpr std::uint64_t faster = 8;

std::uint64_t scaled(std::uint64_t mean, std::uint64_t exponential) noexcept {
  return static_cast<std::uint64_t>(WideGap{mean} * exponential >> Chance::fraction);
}

}  // namespace

// A burst of n packets and its pause take as long as n packets at the mean rate, on average.
Gaps::Gaps(Kind kind, std::uint64_t packets_per_second) noexcept
    : kind_(kind),
      mean_((nanoseconds_of_second << fraction) / packets_per_second),
      pause_(mean_ * mean_burst - (mean_burst - 1) * mean_ / faster) {}

std::uint64_t Gaps::gap(Chance& chance) noexcept {
  switch (kind_) {
    case Kind::constant:
      return mean_;
    case Kind::exponential:
      return scaled(mean_, chance.exponential());
    case Kind::bursts:
      if (left_of_burst_ > 0) {
        --left_of_burst_;
        return mean_ / faster;
      }
      left_of_burst_ = chance.below(2 * mean_burst - 1);
      return scaled(pause_, chance.exponential());
  }
  return mean_;
}

arch::Time Gaps::next(Chance& chance) noexcept {
  if (!begun_) {
    begun_ = true;
    return time_;
  }
  fine_ += gap(chance);
  time_ += arch::Time(static_cast<std::int64_t>(fine_ >> fraction));
  fine_ &= (std::uint64_t{1} << fraction) - 1;
  return time_;
}

}  // namespace vmlan::apps
