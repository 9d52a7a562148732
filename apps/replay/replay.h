// `vmlan replay`: traces sent again by as many users as they have stations, through the full path (driver,
// queues, SIGA, the LAN's table, input buffer, driver), each packet at its time and compared on arrival.
//
// The traces are read once, as they come: a user logs on when its address is first seen. Every record is
// received or ends under a name; the books of users, LAN and report have to agree.
//
// Owns: the system while it runs. Threads: the base's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/replay/courier.h"
#include "apps/replay/departures.h"
#include "apps/replay/replay_record.h"
#include "apps/script/script_runner.h"
#include "apps/system/exit_code.h"
#include "apps/system/running_system.h"

namespace vmlan::apps {

struct ReplayOptions {
  // --- What is read
  std::vector<std::string> traces;  // paths of pcap or pcapng files, compressed or not; "-": standard input
  bool follow = false;              // a file that still grows
  JudgeOptions judge;               // whole frames: a user for each MAC address
  std::string filter;               // in tcpdump's language; empty: everything
  std::optional<arch::Time> from;   // since the first record
  std::optional<arch::Time> to;
  std::optional<std::uint64_t> first;  // so many records
  unsigned loop = 1;                   // how often
  bool rewrite = false;                // each time with addresses of its own

  // --- Who
  std::optional<unsigned> max_users;  // nothing: what memory allows
  bool survey = false;                // users log on before the first packet, in the order of their addresses
  bool senders_only = false;          // whoever sends nothing is no user; needs the survey
  bool apart_by_vlan = false;
  std::string mapping;   // path of a file (apps/replay/mapping.h); empty: none
  std::string commands;  // path of a file of CP commands, carried out before; empty: none

  // --- When
  ClockKind clock = ClockKind::virtual_time;
  Pace pace;
  arch::Time sort_window{0};  // records that are out of order by no more than this are sorted; 0: none are
  CourierSettings links;

  // --- How
  // The users' own TCP/IP stacks play the TCP connections of the trace. Needs a virtual clock, IP packets,
  // one round, a trace that can be read twice, quick receivers.
  bool closed = false;
  // Packets that follow each other from one source at one time go out with one SIGA, so many at most.
  unsigned batch = 1;
  unsigned buffers = 8;  // input buffers of each user; a power of two from 8 to 128
  std::uint64_t seed = 1;
  bool rate = true;  // print the line that differs from run to run: real time

  // --- What is told; paths, empty: nothing
  bool tables = false;
  std::string json;
  std::string csv;  // a folder
  std::string html;
  std::string pcapng;
  arch::Time interval = std::chrono::seconds(1);
  std::string anonymise;  // the secret by which addresses are changed in reports; empty: they are not
};

// success: every packet arrived as it was sent or has its reason, and everything was read; failure: not so;
// usage: not a trace; interrupted: the report is about a part.
ExitCode replay_trace(const ReplayOptions& options, const Output& output);

}  // namespace vmlan::apps
