#include "apps/system/running_system.h"

#include <string>
#include <utility>
#include <vector>

#include "apps/system/trace_output.h"
#include "apps/system/uplink_maker.h"
#include "cms/shell/cms.h"
#include "host/folder_disk.h"

namespace vmlan::apps {

namespace {

// In real time an instant passes whether or not everybody is idle.
constexpr arch::Time real_instant = std::chrono::milliseconds(100);

cp::Options control_program_options(const SystemOptions& options, const arch::Clock& clock,
                                    cp::ConsoleSink& consoles, arch::Leftovers& leftovers,
                                    host::EventLoop& loop) {
  cp::Options result{clock, consoles, {}, {}};
  result.seed = options.seed;
  result.leftovers = &leftovers;
  result.make_uplink = uplink_maker(loop, options.clock == ClockKind::real);
  result.make_group = group_maker(loop, clock);
  result.load_system = [](std::string_view name, std::string_view /*parameters*/,
                          arch::Machine& machine) -> std::unique_ptr<arch::Program> {
    return name == "CMS" ? cms::make_cms(machine) : nullptr;
  };
  result.host_disk = [folder = options.disk_folder, &leftovers](
                         const std::string& path, bool read_only) -> std::unique_ptr<arch::Minidisk> {
    return host::FolderDisk::open(folder / path, read_only, &leftovers);
  };
  if (options.trace_folder) {
    const bool time_passes = options.clock == ClockKind::real;
    const auto when_full =
        time_passes ? host::BackgroundFile::WhenFull::refuse : host::BackgroundFile::WhenFull::wait;
    result.trace_sink = [folder = *options.trace_folder, when_full](std::string_view traceid) {
      return open_trace_file(folder, traceid, when_full);
    };
  }
  return result;
}

}  // namespace

// The users' turns until a condition holds, nobody can go on, or there have been too many at one instant.
class RunningSystem::UserTurns final : public host::Work {
 public:
  UserTurns(RunningSystem& running, const Condition& condition, bool until_idle = false)
      : system_(running.control_program()),
        leftovers_(running.leftovers_),
        clock_(running.clock()),
        condition_(condition),
        until_idle_(until_idle),
        instant_(clock_.now()) {}

  After work(const host::Budget& budget) override {
    using Round = cp::ControlProgram::Round;
    if (!in_round_ && holds()) return stop(Halt::condition_met);
    leftovers_.give_back_part();
    if (std::exchange(instant_, clock_.now()) != clock_.now()) rounds_ = 0;
    for (;;) {
      const Round round = system_.run_round([&budget] { return budget.is_over(); });
      in_round_ = round == Round::unfinished;
      if (in_round_) return After::more;
      if (round == Round::nothing_ran) return until_idle_ ? stop(Halt::idle) : at_rest();
      if (++rounds_ == most_rounds) return stop(Halt::never_idle);
      if (holds()) return stop(Halt::condition_met);
      if (budget.is_over()) return After::more;
    }
  }
  std::optional<arch::Time> deadline() const override { return system_.next_deadline(); }
  Halt halt() const noexcept { return halt_; }

 private:
  After at_rest() const { return leftovers_.empty() ? After::rest : After::more; }
  bool holds() const { return condition_ && condition_(); }
  After stop(Halt halt) {
    halt_ = halt;
    return After::stop;
  }

  cp::ControlProgram& system_;
  arch::Leftovers& leftovers_;
  const arch::Clock& clock_;
  const Condition& condition_;
  bool until_idle_;
  arch::Time instant_;
  bool in_round_ = false;
  unsigned rounds_ = 0;
  Halt halt_ = Halt::condition_met;
};

// A descriptor somebody wants to read.
class RunningSystem::Input final : public host::EventSource {
 public:
  Input(host::EventLoop& loop, int descriptor, const std::function<void()>& at_rest)
      : loop_(loop), descriptor_(descriptor), at_rest_(at_rest) {
    loop_.add(*this);
  }
  ~Input() override { loop_.remove(*this); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  void tend(arch::Time) override { at_rest_(); }
  void add_to(std::vector<pollfd>& polled) override { polled.push_back({descriptor_, POLLIN, 0}); }
  void happened(std::span<const pollfd>) override { readable_ = true; }
  bool readable() const noexcept { return readable_; }

 private:
  host::EventLoop& loop_;
  int descriptor_;
  const std::function<void()>& at_rest_;
  bool readable_ = false;
};

RunningSystem::RunningSystem(const SystemOptions& options, cp::ConsoleSink& consoles)
    : clock_kind_(options.clock),
      loop_(options.clock == ClockKind::real ? host::EventLoop(real_clock_)
                                             : host::EventLoop(virtual_clock_)),
      control_program_(control_program_options(options, clock(), consoles, leftovers_, loop_)) {}

const arch::Clock& RunningSystem::clock() const {
  if (clock_kind_ == ClockKind::real) return real_clock_;
  return virtual_clock_;
}

Halt RunningSystem::run(UserTurns& turns, std::optional<arch::Time> end) {
  using Passed = host::EventLoop::Passed;
  for (;;) {
    switch (loop_.pass(turns, end)) {
      case Passed::again:
        break;
      case Passed::stopped:
        return turns.halt();
      case Passed::time_is_up:
        return Halt::time_is_up;
      case Passed::for_ever:
        return Halt::for_ever;
      case Passed::interrupted:
        if (on_interruption_ && on_interruption_()) break;
        return Halt::interrupted;
    }
  }
}

Halt RunningSystem::settle() {
  const Condition none;
  constexpr bool until_idle = true;
  UserTurns turns(*this, none, until_idle);
  if (clock_kind_ == ClockKind::virtual_time) return run(turns, std::nullopt);
  const Halt halt = run(turns, now() + real_instant);
  return halt == Halt::time_is_up ? Halt::idle : halt;
}

Halt RunningSystem::run_until(const Condition& condition, std::optional<arch::Time> limit) {
  UserTurns turns(*this, condition);
  return run(turns, limit ? std::optional(now() + *limit) : std::nullopt);
}

Halt RunningSystem::sleep(arch::Time time) {
  // Its end is a time somebody waits for, unlike that of a limit.
  class Alarm final : public host::EventSource {
   public:
    Alarm(host::EventLoop& loop, arch::Time end) : loop_(loop), end_(end) { loop_.add(*this); }
    ~Alarm() override { loop_.remove(*this); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    void tend(arch::Time) override {}
    std::optional<arch::Time> deadline() const override { return end_; }
    void add_to(std::vector<pollfd>&) override {}
    void happened(std::span<const pollfd>) override {}

   private:
    host::EventLoop& loop_;
    arch::Time end_;
  };
  const Condition none;
  const auto end = now() + time;
  const Alarm alarm(loop_, end);
  UserTurns turns(*this, none);
  return run(turns, end);
}

Halt RunningSystem::run_until_readable(int descriptor, const std::function<void()>& at_rest) {
  const Input input(loop_, descriptor, at_rest);
  const Condition readable = [&input] { return input.readable(); };
  return run_until(readable, std::nullopt);
}

}  // namespace vmlan::apps
