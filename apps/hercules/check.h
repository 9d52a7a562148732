// `vmlan hercules check`: does the Hercules of this machine take the module, and what has its configuration
// to say?
//
// One line for each finding; those of what is wrong say what to do. Threads: the base's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/script/script_runner.h"
#include "apps/system/exit_code.h"
#include "arch/clock.h"

namespace vmlan::apps {

struct HerculesCheckOptions {
  std::string hercules = "hercules";  // a path, or a name on the PATH
  std::string module;  // path; empty = where Hercules looks, then where vmlan is installed or built
  std::string socket;  // of the system; empty = host::default_socket_path()
  arch::Time patience = std::chrono::seconds(20);  // with the emulator\'s start
};

// Where hdtvnic.so lies beside a `vmlan` in `folder`: in a build tree, and below the same prefix.
std::vector<std::filesystem::path> module_places(const std::filesystem::path& folder);

// success: it fits. Findings go to output.transcript, what is wrong to output.errors.
ExitCode check_hercules(const HerculesCheckOptions& options, const Output& output);

}  // namespace vmlan::apps
