#include "apps/replay/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/replay/replay_run.h"

namespace vmlan::apps {

bool Progress::is_time() {
  constexpr arch::Time between = std::chrono::milliseconds(500);
  if (!show_) return false;
  const auto now = clock_.now();
  if (now < next_) return false;
  next_ = now + between;
  return true;
}

void Progress::tell(const ReplayRun& run) {
  if (std::exchange(reads_, false)) began_ = clock_.now();
  if (is_time()) show("", run.tally().records, fmt::format(", {} users", run.members().size()), run.inputs());
}

void Progress::tell_reading(const TraceInputs& inputs, std::uint64_t records) {
  if (!std::exchange(reads_, true) || records == 0) began_ = clock_.now();
  if (is_time()) show("reading first: ", records, "", inputs);
}

void Progress::show(std::string_view what, std::uint64_t records, std::string_view besides,
                    const TraceInputs& inputs) {
  const double seconds = std::max(std::chrono::duration<double>(clock_.now() - began_).count(), 1e-3);
  auto line =
      fmt::format("{}{} records, {:.0f}/s{}", what, records, static_cast<double>(records) / seconds, besides);
  const double read = static_cast<double>(inputs.bytes_read());
  const double size = static_cast<double>(inputs.size());
  if (size > 0 && read > 0) {
    const double share = std::min(read / size, 1.0);
    line += fmt::format(", {:.0f} %, {:.0f} s left", share * 100, seconds / share - seconds);
  }
  show_(line);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) show_("");
  shown_ = false;
}

}  // namespace vmlan::apps
