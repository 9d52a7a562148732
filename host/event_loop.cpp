#include "host/event_loop.h"

#include <algorithm>

namespace vmlan::host {

namespace {

class NoWork final : public Work {
 public:
  After work(const Budget&) override { return After::rest; }
};

std::optional<arch::Time> earlier(std::optional<arch::Time> a, std::optional<arch::Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

void EventLoop::remove(EventSource& source) { std::erase(sources_, &source); }

EventLoop::Passed EventLoop::pass(std::optional<arch::Time> until) {
  NoWork none;
  return pass(none, until);
}

EventLoop::Passed EventLoop::pass(Work& work, std::optional<arch::Time> until) {
  if (interrupted()) return Passed::interrupted;
  // What has become due by time may give the work something to do: in front of it, or it would be seen after
  // a wait.
  tend();
  const auto after = work.work(Budget(stopwatch_, work_budget));
  if (after == Work::After::stop) return Passed::stopped;
  const bool rests = after == Work::After::rest;
  if (until) {
    const auto now = clock_.now();
    if (now > *until || (rests && now == *until)) return Passed::time_is_up;
  }
  tend();
  gather();
  if (!rests) return look(arch::Time{0}) == Waited::interrupted ? Passed::interrupted : Passed::again;
  const auto deadline = next_deadline(work);
  if (!deadline && !any_events_) return Passed::for_ever;
  return wait_until(earlier(deadline, until));
}

EventLoop::Passed EventLoop::wait_until(std::optional<arch::Time> deadline) {
  std::optional<arch::Time> limit;
  if (deadline) limit = moved_ != nullptr ? arch::Time{0} : *deadline - clock_.now();
  const Waited waited = look(limit);
  if (waited == Waited::interrupted) return Passed::interrupted;
  if (waited == Waited::time_is_up && moved_ != nullptr && deadline) moved_->advance_to(*deadline);
  return Passed::again;
}

void EventLoop::tend() {
  const auto now = clock_.now();
  for (std::size_t index = 0; index < sources_.size(); ++index) sources_[index]->tend(now);
}

std::optional<arch::Time> EventLoop::next_deadline(const Work& work) const {
  auto next = work.deadline();
  for (const EventSource* source : sources_) next = earlier(next, source->deadline());
  return next;
}

void EventLoop::gather() {
  polled_.clear();
  ends_.clear();
  for (EventSource* source : sources_) {
    source->add_to(polled_);
    ends_.push_back(polled_.size());
  }
  any_events_ = false;
  for (pollfd& entry : polled_) {
    if (entry.events == 0) entry.fd = -1;
    any_events_ = any_events_ || entry.fd >= 0;
  }
}

Waited EventLoop::look(std::optional<arch::Time> limit) {
  const bool waits = !limit || *limit > arch::Time{0};
  if (!any_events_ && !waits) return interrupted() ? Waited::interrupted : Waited::time_is_up;
  const Waited waited = wait_any(polled_, limit);
  if (waited != Waited::readable) return waited;
  std::size_t begin = 0;
  // Copies, since what happens may add and remove sources; one that has gone is not told.
  const auto sources = sources_;
  for (std::size_t index = 0; index < sources.size(); ++index) {
    const auto part = std::span(polled_).subspan(begin, ends_[index] - begin);
    begin = ends_[index];
    const bool any = std::ranges::any_of(part, [](const pollfd& entry) { return entry.revents != 0; });
    const bool there = std::ranges::find(sources_, sources[index]) != sources_.end();
    if (any && there) sources[index]->happened(part);
  }
  tend();
  return waited;
}

}  // namespace vmlan::host
