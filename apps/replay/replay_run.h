// The pipeline of a replay as work of the event loop: read, judge, map, schedule, send. Verification is the
// post's, the report is made of what is in here when it has ended.
//
// Owns: the traces, the system, what is under way. Threads: the base's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/replay/books.h"
#include "apps/replay/closed_loop.h"
#include "apps/replay/courier.h"
#include "apps/replay/departures.h"
#include "apps/replay/members.h"
#include "apps/replay/memberships.h"
#include "apps/replay/post.h"
#include "apps/replay/readdressing.h"
#include "apps/replay/record_choice.h"
#include "apps/replay/replay.h"
#include "apps/replay/replay_tally.h"
#include "apps/replay/sorted_inputs.h"
#include "apps/replay/trace_inputs.h"
#include "host/event_loop.h"

namespace vmlan::apps {

class ReplayRun final : public host::Work, public host::EventSource {
 public:
  // `moved`: the clock, if it is a virtual one. `options` stay as long as this. `scripts`: of the connections
  // that users' stacks play (--closed).
  ReplayRun(const ReplayOptions& options, TraceInputs inputs, Mapping mapping, const arch::Clock& clock,
            arch::VirtualClock* moved, std::optional<TcpScripts> scripts = std::nullopt);
  ~ReplayRun() override;

  // Work
  After work(const host::Budget& budget) override;
  std::optional<arch::Time> deadline() const override;
  // EventSource: an input that has nothing yet.
  void tend(arch::Time /*now*/) override {}
  void add_to(std::vector<pollfd>& polled) override;
  void happened(std::span<const pollfd> polled) override;

  // The clock stands where the first packet leaves. Why not; empty: it has begun.
  std::string begin();
  // What is under way arrives now, whether or not there is more to read. At the end, in any case.
  void finish();

  Members& members() noexcept { return members_; }
  const Members& members() const noexcept { return members_; }
  const ReplayTally& tally() const noexcept { return tally_; }
  const Books* books() const noexcept { return books_ ? &*books_ : nullptr; }
  const TraceInputs& inputs() const noexcept { return inputs_; }
  const Courier& courier() const noexcept { return courier_; }
  arch::Time now() const { return clock_.now() - began_; }  // since begin()
  arch::Time began() const noexcept { return began_; }
  const Post& post() const noexcept { return post_; }
  // nullptr: there is none.
  const ClosedLoop* closed() const noexcept { return closed_.get(); }
  const Departures& departures() const noexcept { return departures_; }
  // Everything was read that was to be read.
  bool has_ended() const noexcept { return stage_ == Stage::ended; }
  // Why a further round could not be read; empty: all were that were asked for.
  const std::string& unread() const noexcept { return unread_; }
  // Why it can't go on; empty: it can.
  const std::string& failure() const noexcept { return members_.failure(); }

 private:
  enum class Stage : std::uint8_t {
    reads,
    waits_for_input,
    waits_for_time,  // of the record that is ready
    plays,           // the closed loop, up to that time
    drains,          // nothing more is read; packets are under way
    ended,
  };
  // false: nothing can be done now.
  bool step();
  void read_one();
  void take(const host::CaptureRecord& record);
  void send_ready();
  // Its connection is played by stacks.
  bool is_played(const JudgedRecord& judged);
  // Who sends it to whom; false: it is not sent, and has its name.
  bool address(const JudgedRecord& judged, Letter& letter);
  void note_groups(const JudgedRecord& judged, std::uint32_t user);
  void begin_again();
  bool is_real() const noexcept { return options_.clock == ClockKind::real; }

  const ReplayOptions& options_;
  const arch::Clock& clock_;
  TraceInputs inputs_;
  ReplayTally tally_;
  std::optional<Books> books_;
  Members members_;
  Post post_;
  Courier courier_;
  std::unique_ptr<ClosedLoop> closed_;
  Departures departures_;
  Judge judge_;
  RecordChoice choice_;
  SortedInputs source_;
  Readdressing readdressing_;
  Stage stage_ = Stage::reads;
  host::CaptureRecord record_;
  arch::Time began_{0};
  arch::Time due_{0};  // of what is ready
  unsigned round_ = 1;
  std::string unread_;
};

}  // namespace vmlan::apps
