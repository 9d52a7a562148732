#include "apps/replay/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace vmlan::apps {
namespace {

TEST(LatencyHistogram, OfNothingIsZero) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.percentile(0.99), arch::Time{0});
  EXPECT_EQ(histogram.mean(), arch::Time{0});
}

TEST(LatencyHistogram, PercentilesAreRightToSixPercent) {
  LatencyHistogram histogram;
  std::vector<std::int64_t> all;
  arch::Prng chance(3);
  for (unsigned i = 0; i < 20'000; ++i) {
    const auto time = static_cast<std::int64_t>(chance.next() >> (chance.next() % 62 + 2));
    all.push_back(time);
    histogram.add(arch::Time(time));
  }
  std::sort(all.begin(), all.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto exact = all[static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size()))) - 1];
    const auto told = histogram.percentile(share).count();
    EXPECT_GE(told, exact) << share;
    EXPECT_LE(static_cast<double>(told), static_cast<double>(exact) * 1.0625 + 1) << share;
  }
  EXPECT_EQ(histogram.least().count(), all.front());
  EXPECT_EQ(histogram.most().count(), all.back());
}

TEST(LatencyHistogram, SumsAreAsIfOneHadSeenAll) {
  LatencyHistogram first;
  LatencyHistogram second;
  LatencyHistogram both;
  for (int i = 0; i < 100; ++i) {
    first.add(arch::Time(i * i));
    second.add(arch::Time(i * 1000));
    both.add(arch::Time(i * i));
    both.add(arch::Time(i * 1000));
  }
  first.add(second);
  for (const double share : {0.1, 0.5, 0.99}) EXPECT_EQ(first.percentile(share), both.percentile(share));
  EXPECT_EQ(first.mean(), both.mean());
  EXPECT_EQ(first.least(), both.least());
}

}  // namespace
}  // namespace vmlan::apps
