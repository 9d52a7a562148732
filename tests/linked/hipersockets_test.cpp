// HiperSockets between guests in emulators, over real sockets: nothing is lost while a receiver is merely
// slow, and one that has stopped holds nobody up for long. How long is the desk's clock's, which the tests
// move: real time has an end in them (15 s for one step) and decides nothing else.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "tests/linked/joined_guest.h"

namespace vmlan {
namespace {

using linked::iqd;
using linked::JoinedGuest;
using linked::RunningBase;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t large = 4000;
// More than all buffers between two guests hold: sockets, ours, and the receiver's ring.
constexpr unsigned many = 2500;

constexpr auto until_told = RunningBase::Patience::until_told;

// What arrives while the desk's patience passes, again and again.
std::optional<std::uint32_t> receive_in_the_end(RunningBase& base, JoinedGuest& guest) {
  constexpr unsigned most = 150;
  for (unsigned attempt = 0; attempt < most; ++attempt) {
    if (const auto number = guest.receive(milliseconds(100))) return number;
    base.pass(seconds(1));
  }
  return std::nullopt;
}

TEST(LinkedHiperSockets, NothingIsLostWhileAReceiverIsMerelySlow) {
  RunningBase base(until_told);
  JoinedGuest alice(base, "ALICE", 1, iqd);
  JoinedGuest bob(base, "BOB", 2, iqd);
  alice.bring_up();
  bob.bring_up();
  std::jthread slow([&bob] {
    for (unsigned number = 0; number < many; ++number) {
      if (number % 1000 == 100) std::this_thread::sleep_for(milliseconds(300));
      ASSERT_EQ(bob.receive(), number);
    }
  });
  for (unsigned number = 0; number < many; ++number) ASSERT_TRUE(alice.send(2, number, large));
  slow.join();
  EXPECT_EQ(alice.counters().tx_packets, many);
  EXPECT_EQ(alice.counters().tx_discarded(), 0U);
}

TEST(LinkedHiperSockets, AStoppedReceiverHoldsUpNoOtherPairAndItsSenderForABoundedTime) {
  RunningBase base(until_told);
  JoinedGuest alice(base, "ALICE", 1, iqd);
  JoinedGuest stopped(base, "STOPPED", 2, iqd);
  JoinedGuest carol(base, "CAROL", 3, iqd);
  JoinedGuest dave(base, "DAVE", 4, iqd);
  alice.bring_up();
  stopped.bring_up(JoinedGuest::fewest_buffers);
  carol.bring_up();
  dave.bring_up();
  std::jthread flood([&alice] {
    for (unsigned number = 0; number < many; ++number) ASSERT_TRUE(alice.send(2, number, large));
    ASSERT_TRUE(alice.send(3, 1'000'000));
  });
  for (unsigned number = 0; number < 200; ++number) {
    ASSERT_TRUE(dave.send(3, number));
    ASSERT_EQ(carol.receive(), number)
        << "time stands still: whoever waits for the stopped one waits for ever";
  }
  EXPECT_EQ(receive_in_the_end(base, carol), 1'000'000U) << "what was behind the stopped one's packets";
  flood.join();
}

TEST(LinkedHiperSockets, TwoStoppedReceiversThatSendToEachOtherDoNotHoldUpEachOtherForEver) {
  RunningBase base(until_told);
  JoinedGuest alice(base, "ALICE", 1, iqd);
  JoinedGuest bob(base, "BOB", 2, iqd);
  JoinedGuest carol(base, "CAROL", 3, iqd);
  alice.bring_up(JoinedGuest::fewest_buffers);
  bob.bring_up(JoinedGuest::fewest_buffers);
  carol.bring_up();
  const auto flood = [](JoinedGuest& from, std::uint8_t to) {
    for (unsigned number = 0; number < many; ++number) ASSERT_TRUE(from.send(to, number, large));
    ASSERT_TRUE(from.send(3, 1'000'000));
  };
  std::jthread first([&] { flood(alice, 2); });
  std::jthread second([&] { flood(bob, 1); });
  EXPECT_EQ(receive_in_the_end(base, carol), 1'000'000U);
  EXPECT_EQ(receive_in_the_end(base, carol), 1'000'000U);
  first.join();
  second.join();
}

// Measured too: exchanges a second of who broadcasts, beside a receiver that takes 400 KB every 2.3 s.
// Whoever waited for it would wait for ever, as time stands still.
TEST(LinkedHiperSockets, ABroadcastWaitsForNoSlowReceiver) {
  RunningBase base(until_told);
  JoinedGuest alice(base, "ALICE", 1, iqd);
  JoinedGuest slow(base, "SLOW", 2, iqd);
  JoinedGuest carol(base, "CAROL", 3, iqd);
  alice.bring_up();
  slow.bring_up(JoinedGuest::fewest_buffers);
  carol.bring_up();
  std::jthread takes_little([&slow](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (unsigned packet = 0; packet < 100; ++packet) slow.receive(milliseconds(0));
      for (unsigned part = 0; part < 23 && !stop.stop_requested(); ++part)
        std::this_thread::sleep_for(milliseconds(100));
    }
  });
  const auto begin = steady_clock::now();
  for (unsigned number = 0; number < many; ++number) {
    ASSERT_TRUE(alice.send(255, number, large));
    ASSERT_EQ(carol.receive(), number);
  }
  const std::chrono::duration<double> taken = steady_clock::now() - begin;
  RecordProperty("exchanges_per_second", std::to_string(many / taken.count()));
  const auto counters = alice.counters();
  EXPECT_EQ(counters.tx_packets, many);
  EXPECT_GT(counters.dropped[static_cast<std::size_t>(guestlan::Drop::no_empty_buffer)], 0U)
      << "what the slow one missed is counted";
}

}  // namespace
}  // namespace vmlan
