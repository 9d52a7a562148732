// The books of a replay: every record ends in exactly one place, and what the users saw is held against what
// the LANs counted.
//
// Threads: the base's.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/replay/latency.h"
#include "apps/replay/replay_record.h"
#include "guestlan/counters.h"
#include "host/trace/capture_reader.h"

namespace vmlan::apps {

struct ReplayTally {
  std::uint64_t records = 0;
  std::array<std::uint64_t, not_sent_reasons> not_sent{};
  std::array<std::uint64_t, host::time_flaws> time_flaws{};
  std::uint64_t padded = 0;    // records of which a part was made up (--pad)
  std::uint64_t segments = 0;  // packets beyond the first that records were cut into (--mtu)

  // Packets that left, each at its time.
  std::uint64_t left = 0;
  std::uint64_t left_bytes = 0;
  // After their own time, because the trace goes back in time there; and by how much at most.
  std::uint64_t late = 0;
  arch::Time latest{0};
  // Of the packets to send: those whose time in the trace is before that of one in front of them.
  std::uint64_t gone_back = 0;
  LatencyHistogram lateness;  // under a real clock

  // On links of the replay's own.
  std::uint64_t queue_full = 0;
  std::uint64_t lost_on_link = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t paused = 0;  // tries of senders whose HiperSockets receiver had no buffer

  std::uint64_t sent = 0;  // given to the driver
  std::uint64_t sent_bytes = 0;
  std::uint64_t group_copies = 0;  // of packets to groups, for every receiver beyond the first
  std::uint64_t received = 0;      // by the right user, as sent, in order
  std::uint64_t received_bytes = 0;
  // Where the LAN has dropped the others: told by the destination address, or by the LAN where it has rules.
  std::array<std::uint64_t, guestlan::drop_reasons> dropped{};

  // None of these may happen.
  std::uint64_t refused = 0;     // the driver had no buffer
  std::uint64_t lost = 0;        // expected, never arrived, and nobody says why
  std::uint64_t differing = 0;   // arrived, but not as sent or out of order
  std::uint64_t unexpected = 0;  // arrived at a user who was to get nothing
  std::uint64_t waiting = 0;     // never taken by its receiver

  void end(NotSent reason) noexcept { ++not_sent[static_cast<std::size_t>(reason)]; }
  void drop(guestlan::Drop reason, std::uint64_t packets = 1) noexcept {
    dropped[static_cast<std::size_t>(reason)] += packets;
  }
  void arrived_after(arch::Time latency) {
    if (latency <= arch::Time{0}) {
      ++at_once_;
    } else {
      latencies_.add(latency);
    }
  }
  // Of what was received.
  LatencyHistogram latency() const;

 private:
  std::uint64_t at_once_ = 0;
  LatencyHistogram latencies_;
};

std::uint64_t not_sent_at_all(const ReplayTally& tally) noexcept;
std::uint64_t dropped_by_lans(const ReplayTally& tally) noexcept;

// The table of the report: "records = received + dropped" and every name that is not zero.
std::vector<std::string> tally_lines(const ReplayTally& tally);

// What does not fit: sums that do not hold, packets that did not arrive as they should, counters of the LANs
// that say otherwise. Empty = all is well. `keeps_time`: the clock is virtual, so that nothing may be late.
std::vector<std::string> tally_faults(const ReplayTally& tally, const guestlan::Counters& lan,
                                      bool keeps_time);

}  // namespace vmlan::apps
