// A trace whose reader does not keep up: what it misses is counted to the frame, while the LAN goes on
// without it.
#include <gtest/gtest.h>

#include <memory>

#include "arch/clock.h"
#include "guestlan/trace_lan.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/recorded_trace.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;

class TraceWithoutRoom : public ThreeLanUsers {
 protected:
  std::unique_ptr<LanTrace> trace_into(RecordedTrace& records, TraceChoice choice = {}) {
    auto trace = std::make_unique<LanTrace>(clock, std::move(choice), records, [](LanTrace::End /*why*/) {});
    trace->start(lan);
    return trace;
  }
  void send(LanUser& from, unsigned frames, kit::Bytes to) {
    for (unsigned frame = 0; frame < frames; ++frame) from.send(to);
  }

  arch::VirtualClock clock;
  RecordedTrace slow;
};

TEST_F(TraceWithoutRoom, EachSendersFramesAreCounted) {
  const auto trace = trace_into(slow);
  slow.room = false;
  send(alice, 100, bob_ip);
  send(bob, 1, carol_ip);
  send(alice, 3, carol_ip);
  trace->catch_up();
  EXPECT_EQ(slow.lost_of, (std::map<std::string, std::uint64_t>{{"ALICE.0600", 103}, {"BOB.0600", 1}}));
  EXPECT_TRUE(slow.lines.empty());
  EXPECT_EQ(alice.port().counters().tx_copies, 103U) << "the LAN is none the worse";
}

TEST_F(TraceWithoutRoom, WhatIsRecordedAndWhatIsLostIsAll) {
  const auto trace = trace_into(slow);
  arch::Prng chance(11);
  std::uint64_t sent = 0;
  for (unsigned turn = 0; turn < 300; ++turn) {
    slow.room = chance.below(3) == 0;
    LanUser& from = chance.below(2) == 0 ? alice : bob;
    const auto frames = static_cast<unsigned>(chance.below(70));
    send(from, frames, carol_ip);
    sent += frames;
    if (chance.below(4) != 0) continue;
    trace->catch_up();
    ASSERT_EQ(slow.lines.size() + slow.lost(), sent) << turn;
  }
  trace->stop();
  EXPECT_EQ(slow.lines.size() + slow.lost(), sent);
  EXPECT_GT(slow.lines.size(), 100U);
  EXPECT_GT(slow.lost(), 1000U);
}

TEST_F(TraceWithoutRoom, AnotherTraceSeesEachFrame) {
  const auto one = trace_into(slow);
  slow.room = false;
  send(alice, 5, bob_ip);
  RecordedTrace records;
  const auto other = trace_into(records);
  send(alice, 70, bob_ip);
  EXPECT_EQ(records.lines.size(), 70U);
  other->stop();
  send(alice, 7, bob_ip);
  one->stop();
  EXPECT_EQ(slow.lost(), 82U);
}

TEST_F(TraceWithoutRoom, ASenderThatLeavesIsCountedBefore) {
  const auto trace = trace_into(slow);
  slow.room = false;
  send(alice, 2, carol_ip);
  send(bob, 2, carol_ip);
  bob.nic.uncouple();
  EXPECT_EQ(slow.lost_of["BOB.0600"], 2U);
  send(alice, 40, carol_ip);
  trace->stop();
  EXPECT_EQ(slow.lost(), 44U);
}

TEST_F(TraceWithoutRoom, WhoBeginsAnewHasRoomAgain) {
  const auto trace = trace_into(slow);
  slow.room = false;
  send(alice, 2, bob_ip);
  trace->stop();
  slow.room = true;
  trace->start(lan);
  send(alice, 3, bob_ip);
  EXPECT_EQ(slow.lines.size(), 3U);
  EXPECT_EQ(slow.lost(), 2U);
}

// Whose VLAN is asked for is seen frame by frame.
TEST_F(TraceWithoutRoom, OfAVlanItsFramesOnlyAreLost) {
  TraceChoice choice;
  choice.vlans = {100};
  const auto trace = trace_into(slow, choice);
  slow.room = false;
  send(alice, 50, bob_ip);
  trace->catch_up();
  EXPECT_EQ(slow.lost(), 0U);
}

}  // namespace
}  // namespace vmlan::guestlan
