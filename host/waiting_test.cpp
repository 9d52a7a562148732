// Where the process stands still, and what ends that: readiness, time, and a person's Ctrl-C.
#include "host/waiting.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "host/descriptor.h"

namespace vmlan::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr auto much_too_long = seconds(20);

// What the process does about signals is as before when a test has ended.
class Waiting : public ::testing::Test {
 protected:
  Waiting() {
    for (std::size_t at = 0; at < signals.size(); ++at) ::sigaction(signals[at], nullptr, &before_[at]);
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  ~Waiting() override {
    forget_interruption();
    for (std::size_t at = 0; at < signals.size(); ++at) ::sigaction(signals[at], &before_[at], nullptr);
  }
  void put(std::string_view text) const {
    ASSERT_EQ(::write(in.number(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // SIGALRM in 50 ms, which does `then`.
  static void alarm(void (*then)(int)) {
    ::signal(SIGALRM, then);
    itimerval soon{};
    soon.it_value.tv_usec = 50'000;
    ASSERT_EQ(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
  }
  static void nothing(int) {}
  static void interrupt(int) { ::raise(SIGINT); }

  static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM};
  Descriptor out;
  Descriptor in;

 private:
  std::array<struct sigaction, signals.size()> before_{};
};

TEST_F(Waiting, EachOfThreeSignalsSetsTheMarkAndOnlyOneIsAttention) {
  catch_interruptions();
  EXPECT_FALSE(interrupted());
  EXPECT_EQ(interruption(), 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ::raise(signal);
    EXPECT_TRUE(interrupted());
    EXPECT_EQ(interruption(), signal);
    EXPECT_EQ(attention(), signal == SIGINT);
    forget_interruption();
    EXPECT_FALSE(interrupted());
    EXPECT_FALSE(attention());
  }
}

TEST_F(Waiting, ASignalThatIsHeldBackIsKnownToCome) {
  catch_interruptions();
  sigset_t held;
  sigset_t before;
  sigemptyset(&held);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, signal);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ::sigprocmask(SIG_BLOCK, &held, &before);
    EXPECT_FALSE(interruption_comes());
    ::raise(signal);
    EXPECT_TRUE(interruption_comes());
    EXPECT_FALSE(interrupted());
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    EXPECT_TRUE(interrupted());
    EXPECT_TRUE(interruption_comes());
    forget_interruption();
  }
}

TEST_F(Waiting, UnderNohupTheTerminalsEndIsNone) {
  ::signal(SIGHUP, SIG_IGN);
  catch_interruptions();
  ::raise(SIGHUP);
  EXPECT_FALSE(interrupted());
}

TEST_F(Waiting, ASecondSignalEndsTheProcessAtOnce) {
  const auto twice = [](int first, int second) {
    catch_interruptions();
    ::raise(first);
    ::raise(second);
    ::_exit(0);
  };
  EXPECT_EXIT(twice(SIGINT, SIGTERM), testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(twice(SIGTERM, SIGINT), testing::KilledBySignal(SIGINT), "");
  const auto forgotten = [] {
    catch_interruptions();
    ::raise(SIGINT);
    forget_interruption();
    ::raise(SIGINT);
    ::_exit(7);
  };
  EXPECT_EXIT(forgotten(), testing::ExitedWithCode(7), "");
}

TEST_F(Waiting, AReaderThatHasGoneIsAnErrorAndNotTheEnd) {
  ignore_closed_readers();
  out.reset();
  EXPECT_EQ(::write(in.number(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
}

TEST_F(Waiting, EndsWhenSomethingCanBeReadOrTheTimeIsUp) {
  EXPECT_EQ(wait_readable(out.number(), arch::Time{0}), Waited::time_is_up);
  EXPECT_EQ(wait_readable(out.number(), milliseconds(-5)), Waited::time_is_up);
  const auto begin = SteadyClock::now();
  EXPECT_EQ(wait_readable(out.number(), milliseconds(1200)), Waited::time_is_up);
  const auto taken = SteadyClock::now() - begin;
  EXPECT_GE(taken, milliseconds(1200));
  EXPECT_LT(taken, much_too_long);
  put("x");
  EXPECT_EQ(wait_readable(out.number(), std::nullopt), Waited::readable);
  EXPECT_EQ(wait_readable(out.number(), much_too_long), Waited::readable);
}

TEST_F(Waiting, AnEndCanBeReadToo) {
  in.reset();
  EXPECT_EQ(wait_readable(out.number(), much_too_long), Waited::readable);
}

TEST_F(Waiting, ForSeveralTellsWhichOne) {
  put("x");
  std::array<pollfd, 2> polled{{{in.number(), POLLIN, 0}, {out.number(), POLLIN, 0}}};
  EXPECT_EQ(wait_any(polled, much_too_long), Waited::readable);
  EXPECT_EQ(polled[0].revents, 0);
  EXPECT_EQ(polled[1].revents, POLLIN);
}

TEST_F(Waiting, AMarkThatIsSetEndsItAtOnce) {
  catch_interruptions();
  ::raise(SIGTERM);
  put("x");
  EXPECT_EQ(wait_readable(out.number(), much_too_long), Waited::interrupted);
  EXPECT_EQ(sleep_for(much_too_long), Waited::interrupted);
}

TEST_F(Waiting, ASignalEndsItInTheMiddle) {
  catch_interruptions();
  const auto begin = SteadyClock::now();
  alarm(interrupt);
  EXPECT_EQ(wait_readable(out.number(), much_too_long), Waited::interrupted);
  EXPECT_LT(SteadyClock::now() - begin, much_too_long / 2);
}

TEST_F(Waiting, AnotherSignalIsNoInterruption) {
  catch_interruptions();
  alarm(nothing);
  EXPECT_EQ(sleep_for(much_too_long), Waited::time_is_up) << "early";
}

TEST_F(Waiting, SignalsComeAsBeforeAfterwards) {
  sigset_t none;
  sigset_t then;
  ::sigprocmask(SIG_SETMASK, nullptr, &none);
  sleep_for(arch::Time{1});
  ::sigprocmask(SIG_SETMASK, nullptr, &then);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) EXPECT_EQ(::sigismember(&then, signal), 0);
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &one, nullptr);
  sleep_for(arch::Time{1});
  ::sigprocmask(SIG_SETMASK, nullptr, &then);
  EXPECT_EQ(::sigismember(&then, SIGTERM), 1) << "nor is one let in that was kept out";
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

TEST_F(Waiting, WhatIsThereIsReadInParts) {
  put(std::string(5000, 'x'));
  EXPECT_EQ(read_some(out.number()), std::string(4096, 'x'));
  EXPECT_EQ(read_some(out.number()), std::string(904, 'x'));
  in.reset();
  EXPECT_EQ(read_some(out.number()), std::nullopt);
  EXPECT_EQ(read_some(-1), std::nullopt);
}

TEST_F(Waiting, APersonSitsAtATerminalAndNotAtAPipe) {
  EXPECT_FALSE(is_terminal(out.number()));
  const Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_EQ(::unlockpt(master.number()), 0);
  const Descriptor terminal(::open(::ptsname(master.number()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_TRUE(is_terminal(terminal.number()));
}

}  // namespace
}  // namespace vmlan::host
