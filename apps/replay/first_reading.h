// A trace read before it is replayed: the same packets, in the same order, as those that the replay will
// send.
//
// Threads: the base's.
#pragma once

#include <functional>
#include <string>

#include "apps/replay/progress.h"
#include "apps/replay/replay.h"
#include "apps/replay/replay_record.h"

namespace vmlan::apps {

// `packet` is told of each, with the time of its record and whether it is the record's first. Empty: all was
// read, or Ctrl-C came; else the message why not.
std::string read_first(
    const ReplayOptions& options, Progress& progress,
    const std::function<void(const JudgedRecord& packet, arch::Time time, bool first)>& packet);

}  // namespace vmlan::apps
