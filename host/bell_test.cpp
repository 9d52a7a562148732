// A sleeper wakes for its bell and its socket, and for nothing it did not ask for.
#include "host/bell.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

namespace vmlan::host {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto for_ever = 20s;
constexpr auto moment = 30ms;

class ABell : public ::testing::Test {
 protected:
  ABell() {
    EXPECT_TRUE(bell.open());
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    near_end = Descriptor(ends[0]);
    far_end = Descriptor(ends[1]);
  }
  bool sleeps(Bell::Watched watched) const {
    const auto begin = Clock::now();
    bell.wait(watched, moment);
    return Clock::now() - begin >= moment;
  }
  bool wakes(Bell::Watched watched) const {
    const auto begin = Clock::now();
    bell.wait(watched, for_ever);
    return Clock::now() - begin < for_ever / 2;
  }

  Bell bell;
  Descriptor near_end;
  Descriptor far_end;
};

TEST_F(ABell, WakesOnceForAllRingsBeforeIt) {
  bell.ring();
  bell.ring();
  EXPECT_TRUE(wakes({}));
  EXPECT_TRUE(sleeps({}));
}

TEST_F(ABell, WakesForWhatTheSocketIsWantedFor) {
  EXPECT_TRUE(wakes({near_end.number(), false, true}));
  EXPECT_TRUE(sleeps({near_end.number(), true, false}));
  ASSERT_EQ(::send(far_end.number(), "x", 1, 0), 1);
  EXPECT_TRUE(wakes({near_end.number(), true, false}));
  EXPECT_TRUE(sleeps({near_end.number(), false, false}));
}

TEST_F(ABell, DoesNotSpinOverAnEndThatNobodyAskedFor) {
  far_end.reset();
  EXPECT_TRUE(sleeps({near_end.number(), false, false}));
  EXPECT_TRUE(wakes({near_end.number(), true, false}));
}

}  // namespace
}  // namespace vmlan::host
