#include "apps/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "apps/replay/closed_survey.h"
#include "apps/replay/progress.h"
#include "apps/replay/replay_capture.h"
#include "apps/replay/replay_run.h"
#include "apps/replay/replay_survey.h"
#include "apps/replay/report_document.h"
#include "apps/replay/report_files.h"
#include "apps/replay/report_text.h"
#include "apps/replay/run_settings.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "host/event_loop.h"
#include "host/real_clock.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

// What is wrong before anything is sent.
struct Refused {
  ExitCode code;
  std::string message;
};

Refused unusable(const std::string& path, const std::string& why) {
  return {ExitCode::usage, format(Message::cannot_read_file, {path, why})};
}

std::variant<TraceInputs, Refused> open_inputs(const ReplayOptions& options) {
  auto opened = TraceInputs::open(options.traces, {options.follow});
  if (auto* inputs = std::get_if<TraceInputs>(&opened)) return std::move(*inputs);
  const auto& error = std::get<TraceInputs::Error>(opened);
  return Refused{ExitCode::usage, format(Message::cannot_read_trace, {error.path, error.message})};
}

std::variant<Mapping, Refused> read_mapping(const std::string& path) {
  if (path.empty()) return Mapping{};
  const auto text = read_file(path, largest_text_file);
  if (const auto* error = std::get_if<FileError>(&text)) return unusable(path, error->message);
  auto parsed = Mapping::parse(std::get<std::string>(text));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    return Refused{ExitCode::usage,
                   format(Message::replay_setting_wrong, {fmt::format("{}:{}", path, *wrong)})};
  }
  return std::get<Mapping>(std::move(parsed));
}

// CP commands, one a line, under the system's own identity.
std::optional<Refused> carry_out_commands(const std::string& path, cp::ControlProgram& system) {
  if (path.empty()) return std::nullopt;
  const auto read = read_file(path, largest_text_file);
  if (const auto* error = std::get_if<FileError>(&read)) return unusable(path, error->message);
  std::string_view text = std::get<std::string>(read);
  for (unsigned number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || line[begin] == '*' || line[begin] == '#') continue;
    const auto reply = system.command(line.substr(begin));
    if (reply.return_code == 0) continue;
    const auto said =
        reply.lines.empty() ? fmt::format("return code {}", reply.return_code) : reply.lines.front();
    return Refused{ExitCode::usage,
                   format(Message::replay_setting_wrong, {fmt::format("{}:{}: {}", path, number, said)})};
  }
  return std::nullopt;
}

bool is_whole(const TraceInputs& inputs, const Output& output) {
  bool whole = true;
  for (const auto& input : inputs.all()) {
    const auto& damage = input.reader.damage();
    if (damage.empty()) continue;
    whole = false;
    output.errors(format(Message::trace_damaged, {input.path, std::to_string(input.records + 1), damage}));
  }
  return whole;
}

// Tables are shown as far as a person reads them; files have all of them.
bool tell_tables(const ReplayRun& run, const ReplayOptions& options, bool partial,
                 const std::vector<std::string>& faults, const Output& output) {
  constexpr std::size_t most_rows = 40;
  const auto document = report_document(run, options, partial, faults);
  if (options.tables) {
    for (const char* name : document_tables) {
      output.transcript(fmt::format("Table: {}", name));
      for (const auto& line : text_of(without_details(table_of(document, name)), most_rows))
        output.transcript(line);
    }
  }
  const auto failures = write_reports(document, options);
  for (const auto& failure : failures) output.errors(failure);
  return failures.empty();
}

ExitCode tell(const ReplayRun& run, const ReplayOptions& options, bool partial, arch::Time real,
              const Output& output) {
  for (const auto& line : report_lines(run, options, partial, real)) output.transcript(line);
  bool good = is_whole(run.inputs(), output) && run.failure().empty() && run.unread().empty();
  if (!run.unread().empty()) output.errors(run.unread());
  const bool keeps_time = options.clock == ClockKind::virtual_time;
  auto by_lans = run.members().total();
  std::vector<std::string> faults;
  if (run.closed() != nullptr) {
    const auto played = run.closed()->tally();
    by_lans -= played.lan;
    faults = closed_faults(played, partial);
  }
  for (auto& fault : tally_faults(run.tally(), by_lans, keeps_time)) faults.push_back(std::move(fault));
  for (const auto& fault : faults) output.errors(format(Message::replay_fault, {fault}));
  if (!run.failure().empty()) output.errors(format(Message::replay_user_not_ready, {run.failure()}));
  if (wants_books(options) && !tell_tables(run, options, partial, faults, output)) good = false;
  if (partial) return ExitCode::interrupted;
  return good && faults.empty() ? ExitCode::success : ExitCode::failure;
}

// true: to its end; false: Ctrl-C, now or before.
bool carry_on(ReplayRun& run, host::EventLoop& loop, Progress& progress, const Output& output) {
  using Passed = host::EventLoop::Passed;
  bool warned = false;
  loop.add(run);
  Passed passed = Passed::again;
  while (passed == Passed::again || passed == Passed::time_is_up) {
    passed = loop.pass(run, std::nullopt);
    progress.tell(run);
    if (warned || !run.members().is_nearly_full()) continue;
    warned = true;
    output.errors(format(Message::replay_nearly_full,
                         {std::to_string(run.members().size()), std::to_string(run.members().most_users())}));
  }
  progress.clear();
  loop.remove(run);
  return passed != Passed::interrupted;
}

ExitCode replay_with(const ReplayOptions& options, TraceInputs inputs, Mapping mapping,
                     const Output& output) {
  const auto first = inputs.first_time();
  arch::VirtualClock virtual_clock(std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(first.value_or(arch::Time{0}))));
  host::RealClock real_clock;
  const bool real = options.clock == ClockKind::real;
  const arch::Clock& clock = real ? static_cast<const arch::Clock&>(real_clock) : virtual_clock;
  const host::RealClock stopwatch;

  std::unique_ptr<ReplayCapture> capture;
  if (!options.pcapng.empty()) {
    auto created = ReplayCapture::create(options.pcapng, clock);
    if (const auto* why = std::get_if<std::string>(&created)) {
      output.errors(format(Message::cannot_write_file, {options.pcapng, *why}));
      return ExitCode::usage;
    }
    capture = std::get<std::unique_ptr<ReplayCapture>>(std::move(created));
  }
  Progress progress(output.progress);
  std::optional<TcpScripts> scripts;
  if (options.closed) {
    auto surveyed = survey_connections(options, progress);
    if (const auto* why = std::get_if<std::string>(&surveyed)) {
      output.errors(*why);
      return ExitCode::usage;
    }
    scripts = std::get<TcpScripts>(std::move(surveyed));
  }
  ReplayRun run(options, std::move(inputs), std::move(mapping), clock, real ? nullptr : &virtual_clock,
                std::move(scripts));
  if (capture != nullptr) run.members().on_new_lan([&](guestlan::Lan& lan) { capture->watch(lan); });
  if (const auto refused = carry_out_commands(options.commands, run.members().system())) {
    output.errors(refused->message);
    return refused->code;
  }
  if (options.survey) {
    if (const auto why = log_on_first(run.members(), options, progress); !why.empty()) {
      output.errors(why);
      return ExitCode::usage;
    }
  }
  if (const auto why = run.begin(); !why.empty()) {
    output.errors(format(Message::replay_user_not_ready, {why}));
    return ExitCode::failure;
  }
  host::EventLoop loop = real ? host::EventLoop(clock) : host::EventLoop(virtual_clock);
  const bool finished = carry_on(run, loop, progress, output);
  bool written = true;
  run.finish();
  if (capture != nullptr) {
    if (const auto why = capture->finish(); !why.empty()) {
      output.errors(format(Message::cannot_write_file, {options.pcapng, why}));
      written = false;
    }
  }
  const auto code = tell(run, options, !finished, stopwatch.now(), output);
  return written || code != ExitCode::success ? code : ExitCode::failure;
}

}  // namespace

ExitCode replay_trace(const ReplayOptions& options, const Output& output) {
  const auto refuse = [&](const Refused& refused) {
    output.errors(refused.message);
    return refused.code;
  };
  if (const auto fault = RecordFilters::fault_of(options.filter); !fault.empty()) {
    return refuse({ExitCode::usage, format(Message::bad_filter, {options.filter, fault})});
  }
  auto mapping = read_mapping(options.mapping);
  if (const auto* refused = std::get_if<Refused>(&mapping)) return refuse(*refused);
  auto inputs = open_inputs(options);
  if (const auto* refused = std::get_if<Refused>(&inputs)) return refuse(*refused);
  return replay_with(options, std::get<TraceInputs>(std::move(inputs)), std::get<Mapping>(std::move(mapping)),
                     output);
}

}  // namespace vmlan::apps
