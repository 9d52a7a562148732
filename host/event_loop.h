// Where the process waits, and the only place: for descriptors, for times, and between two pieces of work.
//
// A pass does what is due: pieces of the work until a budget is used up, then one look at all descriptors.
// While work is left the look does not wait; so nobody at a descriptor waits longer than the budget and one
// piece of the work. Two ways to wait: under the real clock time passes by itself; a virtual clock is moved
// on to the next time that somebody waits for as soon as there is nothing else to do.
//
// Owns: nothing of what is added to it. Threads: one.
#pragma once

#include <poll.h>

#include <optional>
#include <span>
#include <vector>

#include "arch/clock.h"
#include "host/real_clock.h"
#include "host/waiting.h"

namespace vmlan::host {

// Something with descriptors, or with things to do at a time.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // What is due, and chores that other parts of a pass have left. Before and after each look.
  virtual void tend(arch::Time now) = 0;
  // When tend() has something to do if nothing else happens; nothing: never.
  virtual std::optional<arch::Time> deadline() const { return std::nullopt; }
  // Adds its descriptors and the events (poll(2)) it waits for. One without events is not looked at: poll(2)
  // would report its closed end again and again.
  virtual void add_to(std::vector<pollfd>& polled) = 0;
  // The entries it added, in that order, with what happened. Not called if nothing did.
  virtual void happened(std::span<const pollfd> polled) = 0;
};

// How long work may go on before the descriptors are looked at again.
class Budget {
 public:
  Budget(const RealClock& stopwatch, arch::Time time) : stopwatch_(stopwatch), end_(stopwatch.now() + time) {}
  bool is_over() const { return stopwatch_.now() >= end_; }

 private:
  const RealClock& stopwatch_;
  arch::Time end_;
};

// What is done between two looks.
class Work {
 public:
  enum class After {
    rest,  // nothing to do before its deadline or an event
    more,
    stop,  // the pass is to end here
  };
  virtual ~Work() = default;
  // Asks the budget after each piece.
  virtual After work(const Budget& budget) = 0;
  virtual std::optional<arch::Time> deadline() const { return std::nullopt; }
};

class EventLoop {
 public:
  static constexpr arch::Time work_budget = std::chrono::microseconds(200);

  explicit EventLoop(const arch::Clock& clock) : clock_(clock) {}
  // The loop moves it.
  explicit EventLoop(arch::VirtualClock& clock) : clock_(clock), moved_(&clock) {}
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void add(EventSource& source) { sources_.push_back(&source); }
  void remove(EventSource& source);

  enum class Passed {
    again,        // something happened, or may now
    stopped,      // by the work; the descriptors were not looked at
    time_is_up,   // `until` has come and no work is left
    for_ever,     // there is nothing to wait for
    interrupted,  // a signal that host::catch_interruptions() has caught
  };
  // One pass, which does not wait beyond `until`.
  Passed pass(Work& work, std::optional<arch::Time> until);
  // The same without work.
  Passed pass(std::optional<arch::Time> until);

 private:
  void tend();
  std::optional<arch::Time> next_deadline(const Work& work) const;
  // Looks at the descriptors, for at most `limit`.
  Waited look(std::optional<arch::Time> limit);
  Passed wait_until(std::optional<arch::Time> deadline);
  void gather();

  const arch::Clock& clock_;
  arch::VirtualClock* moved_ = nullptr;
  RealClock stopwatch_;
  std::vector<EventSource*> sources_;
  std::vector<pollfd> polled_;
  std::vector<std::size_t> ends_;  // of each source's part of polled_
  bool any_events_ = false;
};

}  // namespace vmlan::host
