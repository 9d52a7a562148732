// The closed loop of a replay: users' own stacks play the TCP connections of the trace, so that loss and
// delay have consequences, beside the packets of everything else.
//
// Owns: scripts and stacks. Threads: the base's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/replay/closed_stack.h"
#include "apps/replay/closed_tally.h"
#include "apps/replay/courier.h"
#include "apps/replay/members.h"
#include "apps/replay/post.h"

namespace vmlan::apps {

class ClosedLoop final : private ClosedAudience {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    std::uint32_t mtu = 1500;
    bool waits = false;  // there are links
  };
  ClosedLoop(TcpScripts scripts, const Settings& settings, Members& members, Post& post, Courier& courier,
             const arch::Clock& clock, arch::VirtualClock& moved);
  ~ClosedLoop() override;

  // Accounts are kept, too; before begin().
  void keep(Books& books) { books_.emplace(books); }
  // What is under way arrives, and nothing is done any more.
  void finish();

  // Users and their stacks; the replay begins at `began`. Why not; empty: done.
  std::string begin(arch::Time began);
  // A packet of the trace, each in its order: true: its connection is played.
  bool plays(const TracedSegment& segment);
  // A part of what happens up to and with `limit`, on the links of the open loop too; false: that was all.
  bool step(arch::Time limit);
  bool has_ended() const noexcept { return over_ == sides_; }
  // Until when it is worth waiting for what has not ended.
  arch::Time patience() const noexcept { return patience_; }

  ClosedTally tally() const;
  const TcpScripts& scripts() const noexcept { return scripts_; }

 private:
  struct Sides {
    unsigned ended = 0;
    unsigned failed = 0;
    arch::Time over{0};
  };
  static constexpr std::uint32_t nobody = Members::nobody;

  void is_over(std::uint32_t script, const ClosedPeer& peer) override;
  // The user that plays for the address; nobody: none can.
  std::uint32_t player(const StationKey& key, std::uint16_t vlan);
  bool cast(std::uint32_t script);
  arch::Time last_arrival() const;
  std::string make_stack(std::uint32_t user);

  TcpScripts scripts_;
  Settings settings_;
  std::optional<ClosedBooks> books_;
  Members& members_;
  Post& post_;
  Courier& courier_;
  const arch::Clock& clock_;
  arch::VirtualClock& moved_;
  TcpNumbers numbers_;                                 // of the second reading
  std::vector<std::optional<StationKey>> address_of_;  // by user: that of its stack
  std::vector<std::unique_ptr<ClosedStack>> stacks_;   // by user; nullptr: has none
  std::vector<Sides> sides_of_;                        // by script
  arch::Time began_{0};
  arch::Time patience_{0};
  std::uint64_t sides_ = 0;
  std::uint64_t over_ = 0;
  LatencyHistogram durations_;
  LatencyHistogram trace_durations_;
};

}  // namespace vmlan::apps
