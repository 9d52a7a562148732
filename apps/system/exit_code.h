// What the shell sees of a run. One that a signal has ended has 128 and the signal's number, as in shells.
#pragma once

namespace vmlan::apps {

enum class ExitCode { success = 0, failure = 1, usage = 2, interrupted = 130 };

}  // namespace vmlan::apps
