#include "apps/synth/chance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "apps/synth/frame_sizes.h"
#include "apps/synth/gaps.h"

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;

TEST(Chance, ItsLogarithmIsThatOfALibrary) {
  // The same draws through the library's: what a Prng gives is known.
  Chance chance(7);
  arch::Prng draws(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto draw = static_cast<double>(draws.next() | 1U);
    const auto expected = -std::log(draw / 0x1p64);
    const auto got = static_cast<double>(chance.exponential()) / (1U << Chance::fraction);
    ASSERT_NEAR(got, expected, 3e-6) << draw;
  }
}

TEST(Chance, AShareIsHowOftenItHappens) {
  Chance chance(3);
  const Share share(0.034);
  int happened = 0;
  for (int i = 0; i < 100'000; ++i) happened += chance.happens(share) ? 1 : 0;
  EXPECT_NEAR(happened, 3400, 200);
  EXPECT_FALSE(chance.happens(Share()));
  EXPECT_TRUE(chance.happens(Share(1.0)));
  EXPECT_EQ(Share(0.25, 0.5).limit(), Share(0.5).limit());
  EXPECT_EQ(Share(0.5, 0.5).limit(), Share(1.0).limit());
}

FrameSizes sizes_of(std::string_view text) {
  auto parsed = FrameSizes::parse(text);
  const auto* wrong = std::get_if<std::string>(&parsed);
  EXPECT_EQ(wrong, nullptr) << text;
  return wrong == nullptr ? std::get<FrameSizes>(parsed) : FrameSizes::public_mix();
}

TEST(FrameSizes, AListHasItsSizesAsOftenAsItSays) {
  Chance chance(1);
  const auto sizes = sizes_of("64:7,594:4,1518");
  EXPECT_EQ(sizes.longest(), 1518U);
  int counts[3] = {};
  for (int i = 0; i < 12'000; ++i) {
    const auto size = sizes.draw(chance);
    ++counts[size == 64 ? 0 : size == 594 ? 1 : 2];
    ASSERT_TRUE(size == 64 || size == 594 || size == 1518) << size;
  }
  EXPECT_NEAR(counts[0], 7000, 300);
  EXPECT_NEAR(counts[1], 4000, 300);
  EXPECT_EQ(sizes_of("9018").draw(chance), 9018U);
}

TEST(FrameSizes, WhatIsNoSizeIsRefused) {
  for (const auto* text : {"", "63", "65509", "64:0", "64:", "64,", "64;65", "x", "64:1000001", "-64"})
    EXPECT_TRUE(std::holds_alternative<std::string>(FrameSizes::parse(text))) << text;
}

TEST(Gaps, TheMeanRateIsWhatWasAskedForWhateverTheGaps) {
  for (const auto kind : {Gaps::Kind::constant, Gaps::Kind::exponential, Gaps::Kind::bursts}) {
    Chance chance(5);
    Gaps gaps(kind, 3000);
    EXPECT_EQ(gaps.next(chance), 0ns);
    arch::Time last{0};
    for (int i = 0; i < 300'000; ++i) {
      const auto time = gaps.next(chance);
      ASSERT_GE(time, last);
      last = time;
    }
    const double seconds = std::chrono::duration<double>(last).count();
    EXPECT_NEAR(seconds, 100, kind == Gaps::Kind::constant ? 1e-3 : 2) << static_cast<int>(kind);
  }
}

TEST(Gaps, ABurstIsEightTimesAsFast) {
  Chance chance(5);
  Gaps gaps(Gaps::Kind::bursts, 1000);
  arch::Time last{0};
  int quick = 0;
  constexpr int packets = 10'000;
  for (int i = 0; i < packets; ++i) {
    const auto time = gaps.next(chance);
    quick += time - last == 125us || time - last == 124'999ns ? 1 : 0;
    last = time;
  }
  EXPECT_NEAR(quick, packets * 15 / 16, packets / 50);
}

}  // namespace
}  // namespace vmlan::apps
