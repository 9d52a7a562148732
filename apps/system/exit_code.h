// What the shell sees of a run.
#pragma once

namespace vmlan::apps {

enum class ExitCode { success = 0, failure = 1, usage = 2 };

}  // namespace vmlan::apps
