// Who waits for whom, and never for longer than the patience.
#include "apps/serve/link_congestion.h"

#include <gtest/gtest.h>

#include <map>

namespace vmlan::apps {
namespace {

using host::ConnectionId;
using std::chrono::milliseconds;

constexpr ConnectionId from_alice = 1;
constexpr ConnectionId from_bob = 2;
constexpr ConnectionId carol = 3;
constexpr std::size_t too_much = Congestion::most_owed + 1;

class CongestionOfLinks : public testing::Test {
 protected:
  std::vector<ConnectionId> released(arch::Time now) {
    return congestion.take_released(now, [this](ConnectionId id) { return owed[id]; });
  }

  Congestion congestion;
  std::map<ConnectionId, std::size_t> owed;
};

TEST_F(CongestionOfLinks, NobodyWaitsAtFirst) {
  EXPECT_FALSE(congestion.waits(from_alice));
  EXPECT_FALSE(congestion.in_vain(from_bob));
  EXPECT_TRUE(released(milliseconds(0)).empty());
}

TEST_F(CongestionOfLinks, ASenderWaitsUntilItsReceiverOwesHalf) {
  owed[from_bob] = too_much;
  congestion.wait_for(from_bob, from_alice, milliseconds(10));
  EXPECT_TRUE(congestion.waits(from_alice));
  EXPECT_TRUE(released(milliseconds(20)).empty());
  owed[from_bob] = Congestion::most_owed / 2 + 1;
  EXPECT_TRUE(released(milliseconds(30)).empty());
  owed[from_bob] = Congestion::most_owed / 2;
  EXPECT_EQ(released(milliseconds(40)), std::vector{from_alice});
  EXPECT_FALSE(congestion.waits(from_alice));
}

TEST_F(CongestionOfLinks, NobodyWaitsLongerThanThePatienceAndThenNobodyWaitsAgain) {
  owed[from_bob] = too_much;
  congestion.wait_for(from_bob, from_alice, milliseconds(0));
  congestion.wait_for(from_bob, carol, Congestion::patience - milliseconds(1));
  EXPECT_TRUE(released(Congestion::patience - milliseconds(1)).empty());
  EXPECT_FALSE(congestion.in_vain(from_bob));
  EXPECT_EQ(released(Congestion::patience), (std::vector{from_alice, carol}))
      << "those who began first in front";
  EXPECT_TRUE(congestion.in_vain(from_bob));

  owed[from_bob] = Congestion::most_owed / 2;
  EXPECT_TRUE(released(Congestion::patience + milliseconds(1)).empty());
  EXPECT_FALSE(congestion.in_vain(from_bob)) << "it takes again";
}

TEST_F(CongestionOfLinks, TwoThatWaitForEachOtherAreBothReleased) {
  owed[from_alice] = owed[from_bob] = too_much;
  congestion.wait_for(from_bob, from_alice, milliseconds(0));
  congestion.wait_for(from_alice, from_bob, milliseconds(5));
  EXPECT_EQ(released(Congestion::patience), std::vector{from_alice});
  EXPECT_EQ(released(Congestion::patience + milliseconds(5)), std::vector{from_bob});
}

TEST_F(CongestionOfLinks, TheSenderOfAGroupWaitsForAllWhoAreFull) {
  owed[from_bob] = owed[carol] = too_much;
  congestion.wait_for(from_bob, from_alice, milliseconds(0));
  congestion.wait_for(carol, from_alice, milliseconds(0));
  owed[from_bob] = 0;
  EXPECT_TRUE(released(milliseconds(1)).empty());
  owed[carol] = 0;
  EXPECT_EQ(released(milliseconds(2)), std::vector{from_alice});
}

TEST_F(CongestionOfLinks, WhoIsGoneKeepsNobodyWaitingAndIsNotReleased) {
  owed[from_bob] = owed[carol] = too_much;
  congestion.wait_for(from_bob, from_alice, milliseconds(0));
  congestion.wait_for(carol, from_bob, milliseconds(0));
  congestion.forget(from_bob);
  EXPECT_EQ(released(milliseconds(1)), std::vector{from_alice});
  owed[carol] = 0;
  EXPECT_TRUE(released(milliseconds(2)).empty());
}

}  // namespace
}  // namespace vmlan::apps
