#include "apps/cli/program.h"

#include "apps/cli/command_line.h"
#include "apps/cli/help.h"
#include "apps/cli/line_input.h"
#include "apps/script/console_session.h"
#include "apps/script/script_runner.h"
#include "apps/serve/guest_door.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "apps/system/output.h"
#include "apps/system/trace_output.h"
#include "host/standard_streams.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

ExitCode carry_out(const HelpRequest& request) {
  print(request.topic.empty() ? general_help() : command_help(request.topic));
  return ExitCode::success;
}

ExitCode carry_out(const VersionRequest&) {
  print(version_text());
  return ExitCode::success;
}

ExitCode carry_out(const UsageError& error) {
  print_error(error.message);
  return ExitCode::usage;
}

ExitCode carry_out(const RunOptions& options) {
  if (options.clock == ClockKind::real) show_lines_at_once();
  host::catch_interruptions();
  return run_script(options, {print_line, print_error});
}

ExitCode carry_out(const ConsoleOptions& options) {
  std::string directory(starter_directory());
  if (!options.directory.empty()) {
    auto text = read_file(options.directory, largest_text_file);
    if (const auto* error = std::get_if<FileError>(&text)) {
      print_error(error->message);
      return ExitCode::usage;
    }
    directory = std::get<std::string>(std::move(text));
  }
  host::catch_interruptions();
  if (!options.socket.empty()) wait_for_no_reader();
  const auto source = standard_input();
  ConsoleSession session(
      *source,
      {ClockKind::real, options.seed, std::filesystem::path(options.directory).parent_path(), options.traces},
      options.timeout);
  if (const auto failure = session.load_directory(directory, options.directory)) {
    for (const std::string& detail : failure->details) print_error(detail);
    print_error(failure->message);
    return failure->exit_code;
  }
  if (options.socket.empty()) return session.run(options.userid);
  // Who reads what is shown may go, and the socket is to be taken along.
  host::ignore_closed_readers();
  const auto door = GuestDoor::open(session.system(), options.socket);
  if (const auto* error = std::get_if<std::string>(&door)) {
    print_error(format(Message::cannot_listen, {*error}));
    return ExitCode::failure;
  }
  return session.run(options.userid);
}

ExitCode carry_out(const TestOptions& options) {
  // Each line is seen when its test has ended, also behind a pipe.
  show_lines_at_once();
  host::catch_interruptions();
  return run_tests(options, {print_line, print_error});
}

ExitCode carry_out(const ReplayOptions& options) {
  host::catch_interruptions();
  return replay_trace(options, {print_line, print_error, progress_display()});
}

ExitCode carry_out(const SynthOptions& options) {
  host::catch_interruptions();
  host::ignore_closed_readers();
  return write_workload(options, print_error);
}

ExitCode carry_out(const CompareOptions& options) {
  return compare_replays(options, {print_line, print_error});
}

ExitCode carry_out(const ServeOptions& options) { return serve(options); }

ExitCode carry_out(const CommandOptions& options) { return send_command(options); }

ExitCode carry_out(const CaptureOptions& options) { return capture(options); }

ExitCode carry_out(const ExtcapOptions& options) { return answer_extcap(options); }

ExitCode carry_out(const HerculesCheckOptions& options) {
  host::catch_interruptions();
  return check_hercules(options, {print_line, print_error});
}

}  // namespace

ExitCode run_program(const std::vector<std::string>& arguments) {
  host::hold_standard_streams();
  const Request request = parse_command_line(arguments);
  ExitCode code = std::visit([](const auto& chosen) { return carry_out(chosen); }, request);
  if (!finish_traces()) {
    print_error(format(Message::traces_unfinished));
    if (code == ExitCode::success) code = ExitCode::failure;
  }
  constexpr int first_of_signals = 128;
  // What is a success all the same, such as the end of a server, stays one.
  if (host::interrupted() && code != ExitCode::success) {
    code = static_cast<ExitCode>(first_of_signals + host::interruption());
  }
  const std::string reason = lost_output();
  if (reason.empty()) return code;
  print_error(format(Message::cannot_write_output, {reason}));
  lost_output();
  return code == ExitCode::success ? ExitCode::failure : code;
}

}  // namespace vmlan::apps
