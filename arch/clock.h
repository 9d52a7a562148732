// Time and chance as arguments: nothing below host/ asks the computer for either.
#pragma once

#include <chrono>
#include <cstdint>

namespace vmlan::arch {

// Since the system was IPLed (real clock: since an unspecified start); never runs backwards.
using Time = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  // Wall-clock time for messages and time stamps: seconds since 1970-01-01 00:00 UTC.
  virtual std::chrono::system_clock::time_point date() const = 0;
};

// Stands still until told: two runs of the same script see the same times.
class VirtualClock final : public Clock {
 public:
  // The date at time zero is arbitrary but fixed: 2002-03-29 09:00:00 UTC.
  explicit VirtualClock(std::chrono::system_clock::time_point start =
                            std::chrono::system_clock::time_point(std::chrono::seconds(1'017'392'400)))
      : start_(start) {}
  Time now() const override { return now_; }
  std::chrono::system_clock::time_point date() const override {
    return start_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(now_);
  }
  // Moves time forward to `time`; earlier times are ignored.
  void advance_to(Time time) noexcept {
    if (time > now_) now_ = time;
  }

 private:
  std::chrono::system_clock::time_point start_;
  Time now_{0};
};

// SplitMix64: a small seeded source of chance, the same on every platform.
class Prng {
 public:
  explicit constexpr Prng(std::uint64_t seed) noexcept : state_(seed) {}
  constexpr std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // 0 <= result < bound; bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace vmlan::arch
