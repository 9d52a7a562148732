// The whole program behind main(): reads the command line and does what it says.
//
// Writes to standard output and standard error. Errors: numbered messages and the exit code.
#pragma once

#include <string>
#include <vector>

#include "apps/system/exit_code.h"

namespace vmlan::apps {

ExitCode run_program(const std::vector<std::string>& arguments);

}  // namespace vmlan::apps
