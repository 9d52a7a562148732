#include "apps/replay/sorted_inputs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;

// Microseconds since the first second, in the order in which they come out.
std::vector<std::int64_t> sorted(const std::vector<std::uint32_t>& times, arch::Time window,
                                 unsigned rounds = 1) {
  kit::PcapFile trace;
  for (const auto time : times) trace.add(kit::text_of(kit::from_hex("00")), 0, time);
  const kit::TemporaryFile file("vmlan-sorted", trace.bytes);
  SortedInputs source(window);
  std::vector<std::int64_t> order;
  host::CaptureRecord record;
  for (unsigned round = 0; round < rounds; ++round) {
    auto opened = TraceInputs::open({file.path()}, {});
    auto& inputs = std::get<TraceInputs>(opened);
    source.forget();
    order.clear();
    while (source.next(inputs, record) == TraceInputs::Next::record)
      order.push_back((record.time - 1000s).count() / 1000);
  }
  return order;
}

TEST(SortedInputs, WithoutAWindowRecordsStayAsTheyCome) {
  EXPECT_EQ(sorted({5, 3, 4}, 0us), (std::vector<std::int64_t>{5, 3, 4}));
}

TEST(SortedInputs, WhatGoesBackByNoMoreThanTheWindowIsPutInOrder) {
  EXPECT_EQ(sorted({10, 5, 20, 17, 30}, 5us), (std::vector<std::int64_t>{5, 10, 17, 20, 30}));
  EXPECT_EQ(sorted({10, 20, 5}, 5us), (std::vector<std::int64_t>{10, 5, 20})) << "too late for its place";
}

TEST(SortedInputs, ASecondRoundIsSortedAsTheFirst) {
  EXPECT_EQ(sorted({10, 5, 20, 17, 30}, 5us, 2), (std::vector<std::int64_t>{5, 10, 17, 20, 30}));
}

TEST(SortedInputs, RandomTimesComeOutInOrderIfTheWindowAllowsIt) {
  arch::Prng chance(9);
  std::vector<std::uint32_t> times;
  for (std::uint32_t i = 0; i < 5000; ++i)
    times.push_back(i * 10 + static_cast<std::uint32_t>(chance.next() % 1000));
  const auto order = sorted(times, 1ms);
  EXPECT_EQ(order.size(), times.size());
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

}  // namespace
}  // namespace vmlan::apps
