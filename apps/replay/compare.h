// `vmlan replay compare A.json B.json`: what differs between two replays, by sum, user, flow and drop name;
// of several with different seeds on each side, whether the difference is larger than their spread.
//
// Threads: the base's.
#pragma once

#include <string>
#include <vector>

#include "apps/replay/report_document.h"
#include "apps/script/script_runner.h"
#include "apps/system/exit_code.h"

namespace vmlan::apps {

struct CompareOptions {
  // Paths of --json files. One against one, or, with `against`, all of `files` against all of those.
  std::vector<std::string> files;
  std::vector<std::string> against;
  unsigned most_rows = 20;  // of users and flows, those that differ most
};

// success: nothing differs; failure: something does; usage: a file is no such report, or they are not about
// the same trace.
ExitCode compare_replays(const CompareOptions& options, const Output& output);

// A figure of one side: over its files.
struct Spread {
  double mean = 0;
  double least = 0;
  double most = 0;
  std::size_t count = 0;
};
Spread spread_of(const std::vector<double>& values);
// The two sides' ranges do not touch. Of one file each: they differ.
bool is_apart(const Spread& a, const Spread& b) noexcept;

}  // namespace vmlan::apps
