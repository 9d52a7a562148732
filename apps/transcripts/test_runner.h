// `vmlan test FILE...`: runs transcripts, each in a process of its own, and compares what they print with
// what they recorded.
//
// Owns: the processes; they end with it. Threads: the base's.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "apps/script/script_runner.h"
#include "apps/system/exit_code.h"

namespace vmlan::apps {

struct TestOptions {
  std::vector<std::string> files;  // scripts, and folders of *.vm
  std::string program;             // that knows `run`; empty = this one
  std::string junit;               // path; empty = no report
  std::string directory;
  ClockKind clock = ClockKind::virtual_time;
  std::uint64_t seed = 1;
  arch::Time timeout = default_timeout;
  arch::Time limit = std::chrono::seconds(120);  // of real time, for one run
  unsigned jobs = 0;                             // at once; 0 = one for each processor
  bool strict = false;
  bool twice = false;   // and the two runs have to print the same
  bool update = false;  // the answers of now go into the files
};

// Prints TAP.
ExitCode run_tests(const TestOptions& options, const Output& output);

}  // namespace vmlan::apps
