// What became of the connections that users' stacks played (--closed).
//
// Threads: the base's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/replay/account.h"
#include "apps/replay/latency.h"
#include "apps/replay/tcp_conversations.h"
#include "guestlan/counters.h"

namespace vmlan::apps {

struct ClosedTally {
  std::array<TcpRuleCount, tcp_rules> rules{};  // of all connections of the trace
  std::uint64_t gap_bytes = 0;                  // zeros in the streams of those that are played
  std::uint64_t stacks = 0;
  std::uint64_t connections = 0;  // played
  std::uint64_t ended = 0;        // all of their bytes verified, and closed as in the trace
  std::uint64_t bytes = 0;        // of their streams
  std::uint64_t written = 0;      // bytes that a stack has taken
  std::uint64_t verified = 0;     // bytes that arrived as they were written
  std::uint64_t wrong = 0;        // bytes that did not, or were too many
  std::uint64_t refused = 0;      // connections that were reset or given up before their end
  std::uint64_t segments = 0;     // with data, or SYN or FIN, that stacks sent
  std::uint64_t repeated = 0;     // of them those that had been sent before
  std::uint64_t queue_full = 0;   // packets, on links of the replay's own
  std::uint64_t lost_on_link = 0;
  std::uint64_t duplicated = 0;
  LatencyHistogram durations;        // from SYN to the last byte or FIN
  LatencyHistogram trace_durations;  // of the same connections
  guestlan::Counters lan;            // what the LANs have counted of these packets
  // The same packets in the tables, if there are any.
  std::optional<Account> packets;
  std::uint64_t waiting = 0;      // in receivers' buffers at the end
  std::uint64_t unexplained = 0;  // drops of LANs that are no packet's

  // What should have ended has ended, and every byte was right.
  bool is_good() const noexcept { return wrong == 0 && ended == connections; }
};

std::vector<std::string> closed_lines(const ClosedTally& tally);
// What went wrong; empty: nothing. `partial`: interrupted, so that nothing had to end.
std::vector<std::string> closed_faults(const ClosedTally& tally, bool partial);

}  // namespace vmlan::apps
