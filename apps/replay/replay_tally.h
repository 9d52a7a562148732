// The books of a replay: every record ends in exactly one place, and what the users saw is held against what
// the LAN counted.
//
// Threads: the base's.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/replay/replay_record.h"
#include "guestlan/counters.h"

namespace vmlan::apps {

struct ReplayTally {
  std::uint64_t records = 0;
  std::array<std::uint64_t, not_sent_reasons> not_sent{};

  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t received = 0;  // by the right user, as sent, in order
  // Sent after their own time, because the trace goes back in time there; and by how much at most.
  std::uint64_t late = 0;
  arch::Time latest{0};
  // Where the LAN must have dropped the others, told by the destination address.
  std::array<std::uint64_t, guestlan::drop_reasons> dropped{};

  // Of the packets to send: those whose time in the trace is before that of one in front of them.
  std::uint64_t gone_back = 0;

  // None of these may happen.
  std::uint64_t refused = 0;     // the driver had no buffer
  std::uint64_t lost = 0;        // expected and never arrived
  std::uint64_t differing = 0;   // arrived, but not as sent or out of order
  std::uint64_t unexpected = 0;  // arrived at a user who was to get nothing

  void end(NotSent reason) noexcept { ++not_sent[static_cast<std::size_t>(reason)]; }
  void drop(guestlan::Drop reason) noexcept { ++dropped[static_cast<std::size_t>(reason)]; }
};

// The table of the report: "sent = received + dropped" and every name that is not zero.
std::vector<std::string> tally_lines(const ReplayTally& tally);

// What does not fit: sums that do not hold, packets that did not arrive as they should, counters of the LAN
// that say otherwise. Empty = all is well.
std::vector<std::string> tally_faults(const ReplayTally& tally, const guestlan::Counters& lan);

}  // namespace vmlan::apps
