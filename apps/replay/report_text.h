// The report of a replay for people: what was read, by whom it was sent, what became of it.
//
// Threads: the base's.
#pragma once

#include <string>
#include <vector>

#include "apps/replay/replay_run.h"

namespace vmlan::apps {

// `partial`: it was interrupted.
std::vector<std::string> report_lines(const ReplayRun& run, const ReplayOptions& options, bool partial,
                                      arch::Time real_time);
// "12.5 us"
std::string shown_time(arch::Time time);

}  // namespace vmlan::apps
