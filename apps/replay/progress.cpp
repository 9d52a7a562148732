#include "apps/replay/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/replay/replay_run.h"

namespace vmlan::apps {

void Progress::tell(const ReplayRun& run) {
  constexpr arch::Time between = std::chrono::milliseconds(500);
  if (!show_) return;
  const auto now = clock_.now();
  if (now < next_) return;
  next_ = now + between;
  const double seconds = std::max(std::chrono::duration<double>(now).count(), 1e-3);
  const auto records = run.tally().records;
  auto line = fmt::format("{} records, {:.0f}/s, {} users", records, static_cast<double>(records) / seconds,
                          run.members().size());
  const double read = static_cast<double>(run.inputs().bytes_read());
  const double size = static_cast<double>(run.inputs().size());
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
