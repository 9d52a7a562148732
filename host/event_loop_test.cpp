#include "host/event_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "host/descriptor.h"

namespace vmlan::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Passed = EventLoop::Passed;

// One end of a connected pair, and what it was told.
class End final : public EventSource {
 public:
  End() {
    std::array<int, 2> both{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both.data()), 0);
    mine = Descriptor(both[0]);
    other = Descriptor(both[1]);
  }
  void tend(arch::Time now) override {
    ++tended;
    if (due && now >= *due) due.reset();
  }
  std::optional<arch::Time> deadline() const override { return due; }
  void add_to(std::vector<pollfd>& polled) override { polled.push_back({mine.number(), events, 0}); }
  void happened(std::span<const pollfd> polled) override {
    ++told;
    last = polled[0].revents;
    char byte = 0;
    if ((last & POLLIN) != 0) read_bytes += static_cast<int>(::read(mine.number(), &byte, 1));
  }

  Descriptor mine;
  Descriptor other;
  short events = POLLIN;
  short last = 0;
  int told = 0;
  int tended = 0;
  int read_bytes = 0;
  std::optional<arch::Time> due;
};

// Never done.
class EndlessWork final : public Work {
 public:
  After work(const Budget& budget) override {
    while (!budget.is_over()) ++pieces;
    return After::more;
  }
  int pieces = 0;
};

TEST(EventLoop, VirtualTimePassesToWhateverComesFirst) {
  arch::VirtualClock clock;
  EventLoop loop(clock);
  End end;
  loop.add(end);
  end.due = seconds(5);
  EXPECT_EQ(loop.pass(seconds(9)), Passed::again);
  EXPECT_EQ(clock.now(), seconds(5));
  EXPECT_EQ(loop.pass(seconds(9)), Passed::again);
  EXPECT_EQ(clock.now(), seconds(9));
  EXPECT_EQ(loop.pass(seconds(9)), Passed::time_is_up);
  loop.remove(end);
}

TEST(EventLoop, WhatIsReadableComesBeforeTimePasses) {
  arch::VirtualClock clock;
  EventLoop loop(clock);
  End end;
  loop.add(end);
  ASSERT_EQ(::write(end.other.number(), "x", 1), 1);
  EXPECT_EQ(loop.pass(seconds(9)), Passed::again);
  EXPECT_EQ(end.read_bytes, 1);
  EXPECT_EQ(clock.now(), arch::Time{0});
}

TEST(EventLoop, NothingToWaitForIsSaid) {
  arch::VirtualClock clock;
  EventLoop loop(clock);
  EXPECT_EQ(loop.pass(seconds(1)), Passed::for_ever);
  End silent;
  silent.events = 0;
  loop.add(silent);
  EXPECT_EQ(loop.pass(seconds(1)), Passed::for_ever) << "a descriptor without events is none";
}

TEST(EventLoop, ADescriptorWithoutEventsDoesNotSpinWhenItsOtherEndCloses) {
  const RealClock clock;
  EventLoop loop(clock);
  End end;
  End awake;
  loop.add(end);
  loop.add(awake);
  end.events = 0;
  end.other.reset();
  int passes = 0;
  for (const auto until = clock.now() + milliseconds(50); clock.now() < until; ++passes) loop.pass(until);
  EXPECT_LE(passes, 3);
  EXPECT_EQ(end.told, 0);
}

TEST(EventLoop, EndlessWorkLetsDescriptorsInWithinItsBudget) {
  const RealClock clock;
  EventLoop loop(clock);
  End end;
  loop.add(end);
  EndlessWork work;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(::write(end.other.number(), "x", 1), 1);
    EXPECT_EQ(loop.pass(work, std::nullopt), Passed::again);
    EXPECT_EQ(end.read_bytes, i + 1) << "one pass brings it";
  }
  EXPECT_GT(work.pieces, 10);
  EXPECT_EQ(loop.pass(work, clock.now() - milliseconds(1)), Passed::time_is_up);
}

}  // namespace
}  // namespace vmlan::host
