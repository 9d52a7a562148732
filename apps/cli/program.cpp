#include "apps/cli/program.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "apps/cli/command_line.h"
#include "apps/cli/help.h"
#include "apps/cli/line_input.h"
#include "apps/script/console_session.h"
#include "apps/script/script_runner.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

void print_line(std::string_view line) { fmt::print("{}\n", line); }

// After everything that was printed before it.
void print_error(std::string_view line) {
  std::fflush(stdout);
  fmt::print(stderr, "vmlan: {}\n", line);
}

ExitCode carry_out(const HelpRequest& request) {
  fmt::print("{}", request.topic.empty() ? general_help() : command_help(request.topic));
  return ExitCode::success;
}

ExitCode carry_out(const VersionRequest&) {
  fmt::print("{}", version_text());
  return ExitCode::success;
}

ExitCode carry_out(const UsageError& error) {
  print_error(error.message);
  return ExitCode::usage;
}

ExitCode carry_out(const RunOptions& options) {
  // In real time each line is seen when it is shown, also behind a pipe.
  if (options.clock == ClockKind::real) std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
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
  const auto source = standard_input();
  ConsoleSession session(
      *source, {ClockKind::real, options.seed, std::filesystem::path(options.directory).parent_path()});
  if (const auto failure = session.load_directory(directory, options.directory)) {
    for (const std::string& detail : failure->details) print_error(detail);
    print_error(failure->message);
    return failure->exit_code;
  }
  return session.run(options.userid);
}

ExitCode carry_out(const ReplayOptions& options) {
  host::catch_interruptions();
  return replay_trace(options, {print_line, print_error});
}

ExitCode carry_out(const ServeOptions& options) { return serve(options); }

ExitCode carry_out(const CommandOptions& options) { return send_command(options); }

ExitCode carry_out(const HerculesCheckOptions& options) {
  host::catch_interruptions();
  return check_hercules(options, {print_line, print_error});
}

}  // namespace

ExitCode run_program(const std::vector<std::string>& arguments) {
  try {
    const Request request = parse_command_line(arguments);
    const ExitCode code = std::visit([](const auto& chosen) { return carry_out(chosen); }, request);
    if (std::fflush(stdout) == 0) return code;
    throw std::system_error(errno, std::generic_category());
  } catch (const std::system_error& error) {
    // fmt::print could not write: the disk is full, or the descriptor is closed.
    print_error(format(Message::cannot_write_output, {error.code().message()}));
    return ExitCode::failure;
  }
}

}  // namespace vmlan::apps
