#include "cp/turns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace vmlan::cp {
namespace {

using std::chrono::seconds;

struct Machines {
  Machines() {
    for (std::size_t i = 0; i < turns.size(); ++i) turns[i].sequence = i + 1;
  }
  // Sequence numbers in the order of their turns in one round.
  std::vector<std::uint64_t> round(arch::Time now = seconds(0)) {
    std::vector<std::uint64_t> order;
    queue.begin_round(now);
    while (const auto* turn = queue.next()) order.push_back(turn->sequence);
    return order;
  }
  TurnQueue queue;
  std::array<Turn, 8> turns;
};

using Order = std::vector<std::uint64_t>;

TEST(TurnQueue, TurnsComeInLogonOrderAndOncePerRound) {
  Machines machines;
  for (const unsigned i : {4U, 1U, 6U, 1U}) machines.queue.make_ready(machines.turns[i]);
  EXPECT_EQ(machines.round(), (Order{2, 5, 7}));
  EXPECT_EQ(machines.round(), Order{});
}

TEST(TurnQueue, WhoBecomesReadyInARoundRunsInItOnlyIfItsPlaceIsStillAhead) {
  Machines machines;
  machines.queue.make_ready(machines.turns[3]);
  machines.queue.begin_round(seconds(0));
  EXPECT_EQ(machines.queue.next()->sequence, 4U);
  for (const unsigned i : {5U, 3U, 1U}) machines.queue.make_ready(machines.turns[i]);
  EXPECT_EQ(machines.queue.next()->sequence, 6U);
  EXPECT_EQ(machines.queue.next(), nullptr);
  EXPECT_EQ(machines.round(), (Order{2, 4}));
}

TEST(TurnQueue, DeadlinesWakeInTheirRound) {
  Machines machines;
  machines.queue.set_deadline(machines.turns[2], seconds(5));
  machines.queue.set_deadline(machines.turns[0], seconds(7));
  machines.queue.set_deadline(machines.turns[1], seconds(5));
  EXPECT_EQ(machines.queue.next_deadline(), seconds(5));
  EXPECT_EQ(machines.round(seconds(4)), Order{});
  EXPECT_EQ(machines.round(seconds(5)), (Order{2, 3}));
  EXPECT_EQ(machines.queue.next_deadline(), seconds(7));
  machines.queue.set_deadline(machines.turns[0], std::nullopt);
  EXPECT_EQ(machines.queue.next_deadline(), std::nullopt);
}

TEST(TurnQueue, WhoLeavesGetsNoTurn) {
  Machines machines;
  for (auto& turn : machines.turns) {
    machines.queue.make_ready(turn);
    machines.queue.set_deadline(turn, seconds(1));
  }
  for (const unsigned i : {0U, 4U, 7U}) machines.queue.remove(machines.turns[i]);
  EXPECT_EQ(machines.round(seconds(2)), (Order{2, 3, 4, 6, 7}));
  EXPECT_EQ(machines.queue.next_deadline(), std::nullopt);
}

TEST(TurnQueue, AgreesWithASimpleModelOverRandomOperations) {
  arch::Prng chance(7);
  Machines machines;
  std::array<std::optional<arch::Time>, 8> deadlines;
  std::array<bool, 8> ready{};
  for (int step = 0; step < 5000; ++step) {
    const auto i = chance.below(8);
    auto& turn = machines.turns[i];
    switch (chance.below(4)) {
      case 0:
        machines.queue.make_ready(turn);
        ready[i] = true;
        break;
      case 1:
        deadlines[i] = seconds(chance.below(100));
        machines.queue.set_deadline(turn, deadlines[i]);
        break;
      case 2:
        machines.queue.remove(turn);
        deadlines[i].reset();
        ready[i] = false;
        break;
      default: {
        const arch::Time now = seconds(chance.below(100));
        Order expected;
        for (std::size_t k = 0; k < ready.size(); ++k) {
          if (deadlines[k] && *deadlines[k] <= now) {
            ready[k] = true;
            deadlines[k].reset();
          }
          if (ready[k]) expected.push_back(k + 1);
          ready[k] = false;
        }
        ASSERT_EQ(machines.round(now), expected);
      }
    }
    std::optional<arch::Time> earliest;
    for (const auto& deadline : deadlines) {
      if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
    }
    ASSERT_EQ(machines.queue.next_deadline(), earliest);
  }
}

}  // namespace
}  // namespace vmlan::cp
