// How long packets were under way: a histogram that is small where there is little to tell.
//
// Buckets are 1/16 of a power of two wide, so that a percentile is right to 6 %; up to 16 ns they are exact.
// Threads: one.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "arch/clock.h"

namespace vmlan::apps {

class LatencyHistogram {
 public:
  void add(arch::Time latency, std::uint64_t packets = 1);
  void add(const LatencyHistogram& other);

  std::uint64_t count() const noexcept { return count_; }
  arch::Time least() const noexcept { return least_; }  // 0 if there is none
  arch::Time most() const noexcept { return most_; }
  arch::Time mean() const noexcept;
  // Of `share` (0 to 1) of all no more than this: the upper end of its bucket, at most most().
  arch::Time percentile(double share) const noexcept;

 private:
  using Bucket = std::pair<std::uint16_t, std::uint64_t>;
  static std::uint16_t bucket_of(std::uint64_t nanoseconds) noexcept;
  static std::uint64_t end_of(std::uint16_t bucket) noexcept;
  void count(std::uint16_t bucket, std::uint64_t packets);

  std::vector<Bucket> buckets_;  // in order
  std::uint64_t count_ = 0;
  arch::Time least_{0};
  arch::Time most_{0};
  double sum_ = 0;
};

}  // namespace vmlan::apps
