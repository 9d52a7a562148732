// `vmlan synth`: a made-up workload as a pcap file.
//
// It is written as it is made: memory is the conversations' and one buffer's. Threads: the base's.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apps/synth/workload.h"
#include "apps/system/exit_code.h"

namespace vmlan::apps {

struct SynthOptions {
  std::string output = "-";   // standard output
  bool microseconds = false;  // a file of those, whose times lose what is finer
  WorkloadOptions workload;
};

// As long as its times can be written: they begin on 29 March 2002 at 09:00 UTC, and end in 2106.
inline constexpr std::uint64_t longest_workload = 3'000'000'000;  // seconds

ExitCode write_workload(const SynthOptions& options, const std::function<void(std::string_view)>& errors);

}  // namespace vmlan::apps
