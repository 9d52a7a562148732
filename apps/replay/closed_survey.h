// A first reading of the traces for --closed: what the applications of each TCP connection said, and when in
// the replay that will be.
//
// Threads: the base's.
#pragma once

#include <string>
#include <variant>

#include "apps/replay/progress.h"
#include "apps/replay/replay.h"
#include "apps/replay/tcp_conversations.h"

namespace vmlan::apps {

// The scripts (after Ctrl-C: of what was read); or the message why not.
std::variant<TcpScripts, std::string> survey_connections(const ReplayOptions& options, Progress& progress);

}  // namespace vmlan::apps
