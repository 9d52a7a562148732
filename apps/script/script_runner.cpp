#include "apps/script/script_runner.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>
#include <span>

#include "apps/script/shown_source.h"
#include "apps/system/console_watch.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

// For each statement: it types a command whose return code an .EXPECT of the script judges.
std::vector<bool> judged_commands(std::span<const Statement> statements) {
  std::vector<bool> judged(statements.size());
  std::set<std::string, std::less<>> expected;
  for (std::size_t i = statements.size(); i-- > 0;) {
    if (const auto* expect = std::get_if<Expect>(&statements[i].action)) {
      if (std::holds_alternative<int>(expect->what)) expected.insert(expect->console);
    } else if (const auto* typed = std::get_if<Typed>(&statements[i].action)) {
      judged[i] = expected.erase(typed->console) != 0;
    }
  }
  return judged;
}

// Everything about one run but the script's text.
class Run {
 public:
  Run(const RunOptions& options, const Output& output)
      : options_(options),
        output_(output),
        watch_([this](std::string_view console,
                      std::string_view text) { output_.transcript(console_line(console, text)); },
               [this](std::string_view console, std::string_view userid) { follow(console, userid); }),
        running_({options.clock, options.seed, folder_of(directory_or_script(options)), options.traces},
                 watch_),
        actions_(running_, watch_,
                 {options.script, folder_of(options.script), options.timeout, options.strict}) {}

  ExitCode perform(std::span<const Statement> statements) {
    const ExitCode code = perform_all(statements);
    running_.control_program().shut_down();
    return code;
  }

  std::optional<Failure> load_directory(std::string_view text) {
    return apps::load_directory(running_.control_program(), text, options_.directory);
  }

 private:
  struct Command {
    unsigned line = 0;
    bool strict = false;
    bool judged = false;  // an .EXPECT of its return code follows
  };

  static std::string directory_or_script(const RunOptions& options) {
    return options.directory.empty() ? options.script : options.directory;
  }
  static std::filesystem::path folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path();
  }

  ExitCode perform_all(std::span<const Statement> statements) {
    const std::vector<bool> judged = judged_commands(statements);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      if (const auto failure = actions_.prepare(statement.action)) return report(*failure, statement.line);
      if (const auto code = judge_codes()) return *code;
      if (const auto* typed = std::get_if<Typed>(&statement.action)) {
        commands_.insert_or_assign(
            typed->console,
            Command{statement.line, actions_.strict() || still_strict(typed->console), judged[i]});
      }
      echo(statement);
      if (const auto failure = actions_.perform(statement.action)) return report(*failure, statement.line);
    }
    const unsigned last_line = statements.empty() ? 1 : statements.back().line;
    if (const auto failure = actions_.finish()) return report(*failure, last_line);
    if (const auto code = judge_codes()) return *code;
    return judge_logons().value_or(ExitCode::success);
  }

  // #CP and HX are typed while a command runs, and its code may still come.
  bool still_strict(const std::string& console) {
    const auto before = commands_.find(console);
    return before != commands_.end() && before->second.strict &&
           running_.control_program().command_runs(console);
  }

  // What stands behind a LOGON on its line is typed at the user's console.
  void follow(std::string_view console, std::string_view userid) {
    const auto logon = commands_.find(std::string(console));
    if (logon != commands_.end()) commands_.insert_or_assign(std::string(userid), logon->second);
  }

  // Whether a LOGON of a strict part has not got its password.
  std::optional<ExitCode> judge_logons() {
    for (const auto& [console, command] : commands_) {
      if (!command.strict || !running_.control_program().asks_for_password(console)) continue;
      return report({ExitCode::failure, format(Message::logon_unfinished, {console}), {}}, command.line);
    }
    return std::nullopt;
  }

  // Whether a command of a strict part has ended with a code that nobody expects.
  std::optional<ExitCode> judge_codes() {
    for (const auto& [console, command] : commands_) {
      const bool counts = command.strict && !command.judged;
      const auto fault = counts ? actions_.fault_of(console) : std::nullopt;
      if (fault) return report({ExitCode::failure, *fault, {}}, command.line);
    }
    return std::nullopt;
  }

  ExitCode report(const Failure& failure, unsigned line) {
    for (const std::string& detail : failure.details) output_.errors(detail);
    output_.errors(at_line(options_.script, line, failure.message));
    return failure.exit_code;
  }

  void echo(const Statement& statement) {
    if (!options_.echo || std::holds_alternative<Shown>(statement.action)) return;
    output_.transcript(shown_source(statement, &running_.control_program()));
  }

  const RunOptions& options_;
  const Output& output_;
  ConsoleWatch watch_;
  RunningSystem running_;
  ScriptActions actions_;
  std::map<std::string, Command> commands_;  // the last one of each console
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
