#include "apps/script/script_runner.h"

#include <filesystem>
#include <span>

#include "apps/system/console_watch.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

// Everything about one run but the script's text.
class Run {
 public:
  Run(const RunOptions& options, const Output& output)
      : options_(options),
        output_(output),
        watch_([this](std::string_view console, std::string_view text) {
          output_.transcript(console_line(console, text));
        }),
        running_({options.clock, options.seed, folder_of(directory_or_script(options))}, watch_),
        actions_(running_, watch_, {options.script, folder_of(options.script), options.timeout}) {}

  ExitCode perform(std::span<const Statement> statements) {
    ExitCode code = ExitCode::success;
    for (const Statement& statement : statements) {
      if (const auto failure = step(statement)) {
        for (const std::string& detail : failure->details) output_.errors(detail);
        output_.errors(at_line(options_.script, statement.line, failure->message));
        code = failure->exit_code;
        break;
      }
    }
    running_.control_program().shut_down();
    return code;
  }

  std::optional<Failure> load_directory(std::string_view text) {
    return apps::load_directory(running_.control_program(), text, options_.directory);
  }

 private:
  static std::string directory_or_script(const RunOptions& options) {
    return options.directory.empty() ? options.script : options.directory;
  }
  static std::filesystem::path folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path();
  }

  std::optional<Failure> step(const Statement& statement) {
    if (auto failure = actions_.prepare(statement.action)) return failure;
    if (options_.echo && !std::holds_alternative<Shown>(statement.action)) {
      output_.transcript(statement.source);
    }
    return actions_.perform(statement.action);
  }

  const RunOptions& options_;
  const Output& output_;
  ConsoleWatch watch_;
  RunningSystem running_;
  ScriptActions actions_;
};

bool is_heading(const Action& action) {
  return std::holds_alternative<Comment>(action) || std::holds_alternative<SetDefault>(action);
}

}  // namespace

std::string console_line(std::string_view console, std::string_view text) {
  std::string line(console);
  line += text.empty() ? ":" : ": ";
  return line.append(text);
}

ExitCode run_script(const RunOptions& options, const Output& output) {
  const auto text = read_file(options.script, largest_text_file);
  if (const auto* error = std::get_if<FileError>(&text)) {
    output.errors(error->message);
    return ExitCode::usage;
  }
  const Script script = parse_script(std::get<std::string>(text), options.arguments);
  for (const ScriptError& error : script.errors) {
    output.errors(at_line(options.script, error.line, error.message));
  }
  if (!script.errors.empty()) return ExitCode::usage;

  // What a script says about itself comes before the first line of the operator's console.
  const std::span<const Statement> statements(script.statements);
  std::size_t heading = 0;
  while (heading < statements.size() && is_heading(statements[heading].action)) {
    if (options.echo) output.transcript(statements[heading].source);
    ++heading;
  }
  Run run(options, output);
  if (!options.directory.empty()) {
    const auto directory = read_file(options.directory, largest_text_file);
    if (const auto* error = std::get_if<FileError>(&directory)) {
      output.errors(error->message);
      return ExitCode::usage;
    }
    if (const auto failure = run.load_directory(std::get<std::string>(directory))) {
      for (const std::string& detail : failure->details) output.errors(detail);
      output.errors(failure->message);
      return failure->exit_code;
    }
  }
  return run.perform(statements.subspan(heading));
}

}  // namespace vmlan::apps
