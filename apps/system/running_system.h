// One running system: the control program, CMS to IPL in its users, a clock, and the passing of time.
//
// Under the virtual clock time passes only here, from one thing somebody waits for to the next; under the
// real clock this is where the process sleeps.
//
// Owns: all of it. Threads: the base's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "arch/clock.h"
#include "cp/control_program.h"
#include "host/real_clock.h"

namespace vmlan::apps {

enum class ClockKind { real, virtual_time };

struct SystemOptions {
  ClockKind clock = ClockKind::virtual_time;
  std::uint64_t seed = 1;
  // Where MDISK ... HOST path begins if the path is relative.
  std::filesystem::path disk_folder;
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

  // Until nothing more can happen at this instant: idle, interrupted or never_idle.
  Halt settle();
  // As settle(), but after `rounds` also never_idle: for somebody who looks elsewhere in between.
  Halt settle(unsigned rounds);
  // Until `condition` or one of the other reasons; time passes.
  Halt run_until(const std::function<bool()>& condition, arch::Time limit);
  // time_is_up: the time has passed. Never for_ever.
  Halt sleep(arch::Time time);

 private:
  const arch::Clock& clock() const;
  void pass_time_until(arch::Time time);

  host::RealClock real_clock_;
  arch::VirtualClock virtual_clock_;
  ClockKind clock_kind_;
  cp::ControlProgram control_program_;
};

}  // namespace vmlan::apps
