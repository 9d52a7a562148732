#include "apps/replay/departures.h"

#include <gtest/gtest.h>

#include <limits>

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;

Pace by(Pace::By what, std::uint64_t rate = 0) {
  Pace pace;
  pace.by = what;
  pace.rate = rate;
  return pace;
}

TEST(Departures, TheFirstPacketsTimeIsTheBeginning) {
  Departures departures(Pace{});
  EXPECT_EQ(departures.next(1000s, 60), 0s);
  EXPECT_EQ(departures.next(1000s + 5us, 60), 5us);
  EXPECT_EQ(departures.next(1003s, 60), 3s);
  EXPECT_EQ(departures.gone_back(), 0U);
}

TEST(Departures, WhatGoesBackLeavesAtOnceAndIsCounted) {
  Departures departures(Pace{});
  departures.next(10s, 60);
  departures.next(15s, 60);
  EXPECT_EQ(departures.next(12s, 60), 5s);
  EXPECT_EQ(departures.own_time(), arch::Time(2s));
  EXPECT_EQ(departures.next(14s, 60), 5s);
  EXPECT_EQ(departures.next(8s, 60), 5s);
  EXPECT_EQ(departures.next(16s, 60), 6s);
  EXPECT_EQ(departures.gone_back(), 3U);
  EXPECT_EQ(departures.furthest_back(), arch::Time(7s)) << "a time before the first one's";
}

TEST(Departures, ATraceCanBeSentFasterAndSlower) {
  Pace pace;
  pace.speed = 4;
  Departures fast(pace);
  fast.next(0s, 60);
  EXPECT_EQ(fast.next(2s, 60), 500ms);
  pace.speed = 0.5;
  Departures slow(pace);
  slow.next(0s, 60);
  EXPECT_EQ(slow.next(2s, 60), 4s);
}

TEST(Departures, ARateCountsBitsOrPackets) {
  Departures bits(by(Pace::By::bits, 1'000'000));
  EXPECT_EQ(bits.next(0s, 125), 0s);
  EXPECT_EQ(bits.next(0s, 250), 1ms);
  EXPECT_EQ(bits.next(0s, 125), 3ms);
  Departures packets(by(Pace::By::packets, 3));
  for (unsigned i = 0; i < 3000; ++i) packets.next(0s, 1);
  EXPECT_EQ(packets.next(0s, 1), 1000s) << "thirds of a second do not add up to less";
}

TEST(Departures, AtOnceMeansNoTime) {
  Departures departures(by(Pace::By::at_once));
  departures.next(5s, 60);
  EXPECT_EQ(departures.next(3s, 60), 0s);
  EXPECT_EQ(departures.next(500s, 60), 0s);
  EXPECT_EQ(departures.gone_back(), 0U);
}

TEST(Departures, ANewRoundBeginsBehindTheLast) {
  Departures departures(Pace{});
  departures.next(100s, 60);
  departures.next(103s, 60);
  departures.begin_again();
  EXPECT_EQ(departures.next(100s, 60), 3s);
  EXPECT_EQ(departures.next(103s, 60), 6s);
  EXPECT_EQ(departures.gone_back(), 0U);
}

TEST(Departures, TimesOfAnySizeAreNoTrouble) {
  const arch::Time latest(std::numeric_limits<std::int64_t>::max());
  const arch::Time earliest(std::numeric_limits<std::int64_t>::min());
  Pace pace;
  for (const double speed : {1.0, 1e-9, 1e9}) {
    pace.speed = speed;
    Departures departures(pace);
    departures.next(earliest, 60);
    const auto far = departures.next(latest, 60);
    EXPECT_GE(far, arch::Time(0));
    departures.begin_again();
    departures.next(0s, 60);
    EXPECT_GE(departures.next(latest, 60), far);
  }
}

}  // namespace
}  // namespace vmlan::apps
