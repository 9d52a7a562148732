#include "apps/replay/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vmlan::apps {

namespace {

constexpr unsigned bits_of_part = 4;
constexpr std::uint64_t parts = std::uint64_t{1} << bits_of_part;

}  // namespace

std::uint16_t LatencyHistogram::bucket_of(std::uint64_t nanoseconds) noexcept {
  if (nanoseconds < parts) return static_cast<std::uint16_t>(nanoseconds);
  const auto exponent = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1;
  const auto part = nanoseconds >> (exponent - bits_of_part) & (parts - 1);
  return static_cast<std::uint16_t>((exponent - bits_of_part + 1) * parts + part);
}

std::uint64_t LatencyHistogram::end_of(std::uint16_t bucket) noexcept {
  if (bucket < parts) return bucket;
  const auto exponent = static_cast<unsigned>(bucket / parts) - 1;
  return ((parts + bucket % parts + 1) << exponent) - 1;
}

void LatencyHistogram::count(std::uint16_t bucket, std::uint64_t packets) {
  const auto place =
      std::lower_bound(buckets_.begin(), buckets_.end(), bucket,
                       [](const Bucket& known, std::uint16_t wanted) { return known.first < wanted; });
  if (place != buckets_.end() && place->first == bucket) {
    place->second += packets;
  } else {
    buckets_.insert(place, {bucket, packets});
  }
}

void LatencyHistogram::add(arch::Time latency, std::uint64_t packets) {
  const auto time = std::max(latency, arch::Time{0});
  count(bucket_of(static_cast<std::uint64_t>(time.count())), packets);
  least_ = count_ == 0 ? time : std::min(least_, time);
  most_ = std::max(most_, time);
  sum_ += static_cast<double>(time.count()) * static_cast<double>(packets);
  count_ += packets;
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  if (other.count_ == 0) return;
  for (const auto& [bucket, packets] : other.buckets_) count(bucket, packets);
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  most_ = std::max(most_, other.most_);
  sum_ += other.sum_;
  count_ += other.count_;
}

arch::Time LatencyHistogram::mean() const noexcept {
  return arch::Time(count_ == 0 ? 0 : std::llround(sum_ / static_cast<double>(count_)));
}

arch::Time LatencyHistogram::percentile(double share) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t below = 0;
  for (const auto& [bucket, count] : buckets_) {
    below += count;
    if (below >= wanted) return std::min(arch::Time(static_cast<std::int64_t>(end_of(bucket))), most_);
  }
  return most_;
}

}  // namespace vmlan::apps
