#include "apps/replay/record_choice.h"

namespace vmlan::apps {

std::optional<NotSent> RecordChoice::refuse(const host::CaptureRecord& record) {
  ++records_;
  if (!first_time_) first_time_ = record.time;
  const auto since = record.time - *first_time_;
  if ((options_.from && since < *options_.from) || (options_.to && since >= *options_.to)) {
    return NotSent::outside_window;
  }
  return filters_.pass(record) ? std::nullopt : std::optional(NotSent::filtered_out);
}

void RecordChoice::begin_again() noexcept {
  records_ = 0;
  first_time_.reset();
}

}  // namespace vmlan::apps
