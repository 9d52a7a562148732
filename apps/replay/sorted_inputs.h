// The records of the inputs, put in order where their times go back by no more than a window: a record waits
// until one has been read that is later by more than that.
//
// Owns: records that wait. Threads: one. Memory: the records of one window, at most `most_waiting`; where
// that is not enough, the earliest leaves before its window is over, which is counted.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "apps/replay/trace_inputs.h"

namespace vmlan::apps {

class SortedInputs {
 public:
  static constexpr std::size_t most_waiting = 1'000'000;
  using Next = TraceInputs::Next;

  // No window: as they come, and nothing is copied.
  explicit SortedInputs(arch::Time window) : window_(window) {}

  // As TraceInputs::next().
  Next next(TraceInputs& inputs, host::CaptureRecord& record);
  // The inputs begin again: what waits of them is not wanted any more.
  void forget();
  std::uint64_t left_early() const noexcept { return left_early_; }

 private:
  struct Waiting {
    host::CaptureRecord record;  // its bytes are these
    std::vector<std::byte> bytes;
    std::uint64_t order = 0;
  };
  bool is_later(std::uint32_t a, std::uint32_t b) const noexcept;
  bool is_due() const noexcept;
  void keep(const host::CaptureRecord& record);
  void take_first(host::CaptureRecord& record);

  arch::Time window_;
  arch::Time newest_{0};
  std::vector<Waiting> places_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heap_;  // of places_, the earliest in front
  std::uint64_t order_ = 0;
  std::uint64_t left_early_ = 0;
  bool ended_ = false;
};

}  // namespace vmlan::apps
