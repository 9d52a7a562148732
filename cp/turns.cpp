#include "cp/turns.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vmlan::cp {
namespace {

bool later_logon(const Turn* a, const Turn* b) noexcept { return a->sequence > b->sequence; }

bool earlier(const Turn& a, const Turn& b) noexcept {
  return std::tie(a.deadline, a.sequence) < std::tie(b.deadline, b.sequence);
}

void forget(std::vector<Turn*>& queue, const Turn& turn) {
  queue.erase(std::remove(queue.begin(), queue.end(), &turn), queue.end());
}

}  // namespace

void TurnQueue::make_ready(Turn& turn) {
  if (turn.ready) return;
  turn.ready = true;
  if (in_round_ && turn.sequence > passed_) {
    this_round_.push_back(&turn);
    std::push_heap(this_round_.begin(), this_round_.end(), later_logon);
  } else {
    next_round_.push_back(&turn);
  }
}

void TurnQueue::set_deadline(Turn& turn, std::optional<arch::Time> deadline) {
  if (!deadline) return erase_timer(turn);
  turn.deadline = *deadline;
  if (turn.timer_slot == Turn::no_slot) {
    timers_.push_back(&turn);
    turn.timer_slot = timers_.size() - 1;
  }
  sift(turn.timer_slot);
}

void TurnQueue::remove(Turn& turn) {
  erase_timer(turn);
  if (!turn.ready) return;
  forget(next_round_, turn);
  forget(this_round_, turn);
  std::make_heap(this_round_.begin(), this_round_.end(), later_logon);
  turn.ready = false;
}

void TurnQueue::begin_round(arch::Time now) {
  while (!timers_.empty() && timers_.front()->deadline <= now) {
    Turn& turn = *timers_.front();
    erase_timer(turn);
    make_ready(turn);
  }
  std::swap(this_round_, next_round_);
  std::make_heap(this_round_.begin(), this_round_.end(), later_logon);
  passed_ = 0;
  in_round_ = true;
}

Turn* TurnQueue::next() {
  if (this_round_.empty()) {
    in_round_ = false;
    return nullptr;
  }
  std::pop_heap(this_round_.begin(), this_round_.end(), later_logon);
  Turn* turn = this_round_.back();
  this_round_.pop_back();
  turn->ready = false;
  passed_ = turn->sequence;
  return turn;
}

std::optional<arch::Time> TurnQueue::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.front()->deadline;
}

void TurnQueue::place(std::size_t slot, Turn& turn) noexcept {
  timers_[slot] = &turn;
  turn.timer_slot = slot;
}

// Moves the entry at `slot` up or down to where it belongs.
void TurnQueue::sift(std::size_t slot) noexcept {
  Turn& turn = *timers_[slot];
  while (slot > 0 && earlier(turn, *timers_[(slot - 1) / 2])) {
    place(slot, *timers_[(slot - 1) / 2]);
    slot = (slot - 1) / 2;
  }
  for (std::size_t child = 2 * slot + 1; child < timers_.size(); child = 2 * slot + 1) {
    if (child + 1 < timers_.size() && earlier(*timers_[child + 1], *timers_[child])) ++child;
    if (!earlier(*timers_[child], turn)) break;
    place(slot, *timers_[child]);
    slot = child;
  }
  place(slot, turn);
}

void TurnQueue::erase_timer(Turn& turn) noexcept {
  const auto slot = turn.timer_slot;
  if (slot == Turn::no_slot) return;
  turn.timer_slot = Turn::no_slot;
  Turn* last = timers_.back();
  timers_.pop_back();
  if (last == &turn) return;
  place(slot, *last);
  sift(slot);
}

}  // namespace vmlan::cp
