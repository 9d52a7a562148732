#include "apps/system/running_system.h"

#include <algorithm>
#include <string>

#include "cms/shell/cms.h"
#include "host/folder_disk.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

namespace fs = std::filesystem;

// How often a busy system looks whether the person wants it to end.
constexpr unsigned rounds_between_looks = 256;

cp::Options control_program_options(const SystemOptions& options, const arch::Clock& clock,
                                    cp::ConsoleSink& consoles) {
  cp::Options result{clock, consoles, {}, {}};
  result.seed = options.seed;
  result.load_system = [](std::string_view name, std::string_view /*parameters*/,
                          arch::Machine& machine) -> std::unique_ptr<arch::Program> {
    return name == "CMS" ? cms::make_cms(machine) : nullptr;
  };
  result.host_disk = [folder = options.disk_folder](const std::string& path,
                                                    bool read_only) -> std::unique_ptr<arch::Minidisk> {
    return host::FolderDisk::open(folder / path, read_only);
  };
  return result;
}

}  // namespace

RunningSystem::RunningSystem(const SystemOptions& options, cp::ConsoleSink& consoles)
    : clock_kind_(options.clock), control_program_(control_program_options(options, clock(), consoles)) {}

const arch::Clock& RunningSystem::clock() const {
  if (clock_kind_ == ClockKind::real) return real_clock_;
  return virtual_clock_;
}

Halt RunningSystem::settle() { return settle(most_rounds); }

Halt RunningSystem::settle(unsigned rounds) {
  while (rounds > 0) {
    if (host::interrupted()) return Halt::interrupted;
    const unsigned slice = std::min(rounds, rounds_between_looks);
    if (control_program_.run_until_idle(slice) < slice) return Halt::idle;
    rounds -= slice;
  }
  return Halt::never_idle;
}

Halt RunningSystem::run_until(const std::function<bool()>& condition, arch::Time limit) {
  const arch::Time end = now() + limit;
  unsigned rounds = 0;
  while (!condition()) {
    if (host::interrupted()) return Halt::interrupted;
    if (now() > end) return Halt::time_is_up;
    if (control_program_.run_turns()) {
      if (++rounds == most_rounds) return Halt::never_idle;
      continue;
    }
    const auto next = control_program_.next_deadline();
    if (!next) return Halt::for_ever;
    if (*next > end) {
      pass_time_until(end);
      return host::interrupted() ? Halt::interrupted : Halt::time_is_up;
    }
    pass_time_until(*next);
    rounds = 0;
  }
  return Halt::condition_met;
}

Halt RunningSystem::sleep(arch::Time time) {
  const arch::Time end = now() + time;
  Halt halt = run_until([] { return false; }, time);
  if (halt != Halt::for_ever) return halt;
  pass_time_until(end);
  return host::interrupted() ? Halt::interrupted : Halt::time_is_up;
}

void RunningSystem::pass_time_until(arch::Time time) {
  virtual_clock_.advance_to(time);
  while (now() < time && !host::interrupted()) host::sleep_for(time - now());
}

}  // namespace vmlan::apps
