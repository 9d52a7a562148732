// The whole program behind main(): reads the command line and does what it says.
//
// Writes to standard output and standard error. Errors: numbered messages and the exit code.
#pragma once

#include <string>
#include <vector>

namespace vmlan::apps {

// What the shell sees.
enum class ExitCode { success = 0, failure = 1, usage = 2 };

ExitCode run_program(const std::vector<std::string>& arguments);

}  // namespace vmlan::apps
