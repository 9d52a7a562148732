// Runs a script and prints its transcript, which is a script again: what was typed, as it was written, and
// what the consoles showed, each line with its console's name.
//
// Owns: nothing. Threads: the base's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/script/script.h"
#include "apps/script/script_actions.h"
#include "apps/system/exit_code.h"
#include "apps/system/running_system.h"

namespace vmlan::apps {

struct RunOptions {
  std::string script;                  // path
  std::vector<std::string> arguments;  // &1 to &9
  std::string directory;               // path; empty = the script brings its own
  ClockKind clock = ClockKind::virtual_time;
  std::string traces;  // folder; empty = the current one
  std::uint64_t seed = 1;
  arch::Time timeout = default_timeout;
  bool echo = true;
  bool strict = false;  // a return code other than 0 has to be expected
};

// Where lines go, without line ends.
struct Output {
  std::function<void(std::string_view)> transcript;
  std::function<void(std::string_view)> errors;
  // How far long work is: one line in place of the one before it, empty: none. Nothing where nobody looks.
  std::function<void(std::string_view)> progress = {};
};

// "ALICE: text", as a transcript has it.
std::string console_line(std::string_view console, std::string_view text);

ExitCode run_script(const RunOptions& options, const Output& output);

}  // namespace vmlan::apps
