// Which records of a trace are wanted: --first, --from and --to, --filter. One place for the replay and for
// the readings before it, so that they speak of the same packets.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <optional>

#include "apps/replay/record_filters.h"
#include "apps/replay/replay.h"
#include "apps/replay/replay_record.h"

namespace vmlan::apps {

class RecordChoice {
 public:
  // `options` stay as long as this.
  explicit RecordChoice(const ReplayOptions& options) : options_(options), filters_(options.filter) {}

  // Of the trace, or of its next round, nothing more is to be read.
  bool is_over() const noexcept { return options_.first && records_ >= *options_.first; }
  // Each record in its order; why it is not wanted, nothing: it is.
  std::optional<NotSent> refuse(const host::CaptureRecord& record);
  void begin_again() noexcept;

 private:
  const ReplayOptions& options_;
  RecordFilters filters_;
  std::uint64_t records_ = 0;
  std::optional<arch::Time> first_time_;
};

}  // namespace vmlan::apps
