#include "apps/replay/sorted_inputs.h"

#include <algorithm>

namespace vmlan::apps {

bool SortedInputs::is_later(std::uint32_t a, std::uint32_t b) const noexcept {
  const Waiting& first = places_[a];
  const Waiting& second = places_[b];
  if (first.record.time != second.record.time) return first.record.time > second.record.time;
  return first.order > second.order;
}

bool SortedInputs::is_due() const noexcept {
  if (heap_.empty()) return false;
  return ended_ || heap_.size() >= most_waiting || newest_ - places_[heap_.front()].record.time > window_;
}

void SortedInputs::keep(const host::CaptureRecord& record) {
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(places_.size());
    places_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  Waiting& waiting = places_[place];
  waiting.bytes.assign(record.bytes.begin(), record.bytes.end());
  waiting.record = record;
  waiting.record.bytes = waiting.bytes;
  waiting.order = order_++;
  newest_ = std::max(newest_, record.time);
  heap_.push_back(place);
  std::push_heap(heap_.begin(), heap_.end(), [this](auto a, auto b) { return is_later(a, b); });
}

void SortedInputs::take_first(host::CaptureRecord& record) {
  if (!ended_ && heap_.size() >= most_waiting) ++left_early_;
  std::pop_heap(heap_.begin(), heap_.end(), [this](auto a, auto b) { return is_later(a, b); });
  const auto place = heap_.back();
  heap_.pop_back();
  // Its bytes stay until the next record is kept there.
  free_.push_back(place);
  record = places_[place].record;
}

void SortedInputs::forget() {
  free_.insert(free_.end(), heap_.begin(), heap_.end());
  heap_.clear();
  newest_ = arch::Time{0};
  ended_ = false;
}

SortedInputs::Next SortedInputs::next(TraceInputs& inputs, host::CaptureRecord& record) {
  if (window_ == arch::Time{0}) return inputs.next(record);
  while (!is_due()) {
    if (ended_) return Next::end;
    const auto read = inputs.next(record);
    if (read == Next::record) {
      keep(record);
    } else if (read == Next::end) {
      ended_ = true;
    } else {
      return read;
    }
  }
  take_first(record);
  return Next::record;
}

}  // namespace vmlan::apps
