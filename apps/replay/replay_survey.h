// A first reading of the traces for those who want all users logged on before the first packet: in the order
// of their addresses, so that their numbers and MAC addresses do not depend on who speaks first.
//
// Threads: the base's.
#pragma once

#include <string>

#include "apps/replay/members.h"
#include "apps/replay/progress.h"
#include "apps/replay/replay.h"

namespace vmlan::apps {

// Empty: done, or Ctrl-C came; else the message why not.
std::string log_on_first(Members& members, const ReplayOptions& options, Progress& progress);

}  // namespace vmlan::apps
