// The one way to start a program of the host. It inherits three streams and nothing else: default signals, no
// other descriptor, its own folder, and of the environment what the caller hands on.
//
// Threads: any.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/descriptor.h"

namespace vmlan::host {

struct Program {
  // A path or a name on the PATH, and its operands.
  std::vector<std::string> command;
  // Where it begins.
  std::string folder;
  // What stands for its standard input, output and error.
  int input = -1;
  int output = -1;
  int error = -1;
  // It leads: a process group, that it can be ended with all it started; a session, that nobody's terminal is
  // its business.
  enum class Leads { group, session } leads = Leads::group;
  // Its environment, each "NAME=value".
  std::vector<std::string> environment;
};

// All of this process's.
std::vector<std::string> whole_environment();
// This process's variables of these names.
std::vector<std::string> environment_of(const std::vector<std::string>& names);

// Its process number; or "PROGRAM: reason".
std::variant<pid_t, std::string> spawn(const Program& program);

// Takes note of a child that has ended: no zombie is left. Its exit code, or -1 if a signal ended it;
// nothing: it still runs, or there is none.
std::optional<int> reap(pid_t process) noexcept;

// Nothing to read, nothing kept; an empty descriptor and errno.
Descriptor open_nothing() noexcept;

}  // namespace vmlan::host
