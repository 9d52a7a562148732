// `vmlan replay`: a trace sent again by as many users as it has source addresses, through the full path
// (driver, queues, SIGA, the LAN's table, input buffer, driver), in virtual time, each packet compared on
// arrival.
//
// The trace is read twice: for its source addresses first, each of which becomes a user with its own storage
// and NIC on one guest LAN; then to send. Every record of the trace is received or ends under a named reason.
//
// Owns: the system while it runs. Threads: the base's.
#pragma once

#include <string>

#include "apps/script/script_runner.h"
#include "apps/system/exit_code.h"

namespace vmlan::apps {

struct ReplayOptions {
  std::string trace;           // path of a pcap or pcapng file
  unsigned max_users = 65536;  // source addresses beyond that get no user
  unsigned batch =
      16;            // packets that follow each other from one source go out with one SIGA, so many at most
  bool rate = true;  // print the line that differs from run to run: real time
};

// success: every packet arrived as it was sent or has its reason; failure: one did not; usage: not a trace.
ExitCode replay_trace(const ReplayOptions& options, const Output& output);

}  // namespace vmlan::apps
