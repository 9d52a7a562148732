// One running system: the control program, CMS to IPL in its users, a clock, and the event loop under all of
// it.
//
// Whoever waits for something (a script, a console, the base of guests outside) waits here, and here only;
// what has been added to the loop is served meanwhile. Users run in turns, at most
// host::EventLoop::work_budget and one turn between two looks at the descriptors.
//
// Owns: all of it. Threads: the base's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "arch/clock.h"
#include "arch/leftovers.h"
#include "cp/control_program.h"
#include "host/event_loop.h"
#include "host/real_clock.h"

namespace vmlan::apps {

enum class ClockKind { real, virtual_time };

struct SystemOptions {
  ClockKind clock = ClockKind::virtual_time;
  std::uint64_t seed = 1;
  // Where MDISK ... HOST path begins if the path is relative.
  std::filesystem::path disk_folder;
  // Where TRSOURCE writes its files; nothing: nowhere.
  std::optional<std::filesystem::path> trace_folder = std::nullopt;
};

// Why the users stopped.
enum class Halt {
  condition_met,
  idle,         // all of them wait for a time, an interruption or input
  time_is_up,   // the limit came first
  for_ever,     // nobody waits for a time: what was waited for cannot happen
  interrupted,  // Ctrl-C
  never_idle,   // most_rounds at one instant
};

class RunningSystem {
 public:
  // More rounds than any real work takes without time passing: a file of 64 MB needs some ten thousand.
  static constexpr unsigned most_rounds = 5'000'000;

  RunningSystem(const SystemOptions& options, cp::ConsoleSink& consoles);

  cp::ControlProgram& control_program() noexcept { return control_program_; }
  arch::Time now() const { return clock().now(); }

  const arch::Clock& clock() const;
  // Sockets and the like are added to it.
  host::EventLoop& loop() noexcept { return loop_; }

  // Asked whenever an interruption has come: true = it has been dealt with and forgotten, and what is being
  // waited for goes on.
  void on_interruption(std::function<bool()> handler) { on_interruption_ = std::move(handler); }

  using Condition = std::function<bool()>;
  // Until nothing more can happen at this instant, which in real time is over after a while: idle,
  // interrupted or never_idle.
  Halt settle();
  // Until `condition` or one of the other reasons; time passes. It is asked after each round of turns and
  // each look at the descriptors, and must be quick.
  Halt run_until(const Condition& condition, std::optional<arch::Time> limit);
  // time_is_up: the time has passed. Never for_ever.
  Halt sleep(arch::Time time);
  // Until `descriptor` can be read or has ended: condition_met, else interrupted. `at_rest` is called
  // again and again, at least before each wait.
  Halt run_until_readable(int descriptor, const std::function<void()>& at_rest);

 private:
  class UserTurns;
  class Input;
  Halt run(UserTurns& turns, std::optional<arch::Time> end);

  host::RealClock real_clock_;
  arch::VirtualClock virtual_clock_;
  ClockKind clock_kind_;
  host::EventLoop loop_;
  arch::Leftovers leftovers_;
  std::function<bool()> on_interruption_;
  cp::ControlProgram control_program_;
};

}  // namespace vmlan::apps
