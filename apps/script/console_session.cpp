#include "apps/script/console_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "apps/script/script.h"
#include "apps/script/script_runner.h"
#include "apps/system/messages.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

constexpr std::string_view starter_text = R"(USER ALICE NOPASS 32M 64M G
 CONSOLE 009 3215 T
 MDISK 191 3390 T-DISK 10 MR
USER BOB NOPASS 32M 64M G
 CONSOLE 009 3215 T
 MDISK 191 3390 T-DISK 10 MR
)";

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

std::string_view behind_first_word(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ', first_word(text).size());
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

bool opens_block(const Script& script) {
  return script.errors.size() == 1 && script.errors[0].message == format(Message::end_missing);
}

}  // namespace

std::string_view starter_directory() noexcept { return starter_text; }

struct ConsoleSession::Command {
  std::string_view name;
  std::string_view help;
  // false = the session ends.
  bool (ConsoleSession::*run)(std::string_view operand);
};

const ConsoleSession::Command* ConsoleSession::find_command(std::string_view name) {
  static constexpr std::array commands{
      Command{"CONSOLE", ".CONSOLE NAME   from now on type at that console", &ConsoleSession::switch_console},
      Command{"HELP", ".HELP           this list", &ConsoleSession::show_help},
      Command{"QUIT", ".QUIT           log everybody off and end (so does the end of input)",
              &ConsoleSession::quit},
  };
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [name](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

std::vector<ScriptError> ConsoleSession::errors_of(std::span<const std::string> lines) {
  std::vector<ScriptError> errors;
  std::string block;
  unsigned first = 0;  // the block's line
  for (unsigned number = 1; number <= lines.size(); ++number) {
    const std::string_view text = without_blanks_before(lines[number - 1]);
    const bool begins = block.empty();
    if (begins &&
        (!text.starts_with('.') || find_command(console_name(first_word(text).substr(1))) != nullptr)) {
      continue;
    }
    if (begins) first = number;
    block += begins ? std::string(text) : lines[number - 1];
    block += '\n';
    // A line within a block ends it only with a dot.
    if (!text.starts_with('.')) continue;
    const Script script = parse_script(block, {});
    if (opens_block(script)) continue;
    for (const ScriptError& error : script.errors) errors.push_back({first + error.line - 1, error.message});
    block.clear();
  }
  if (!block.empty()) errors.push_back({first, format(Message::end_missing)});
  return errors;
}

ConsoleSession::ConsoleSession(LineSource& source, const SystemOptions& installation, arch::Time timeout)
    : source_(source),
      watch_(
          [this](std::string_view console, std::string_view text) {
            source_.show(console == current_ ? std::string(text) : console_line(console, text));
          },
          [this](std::string_view console, std::string_view userid) {
            if (console == current_) current_ = userid;
            unjudged_.insert_or_assign(std::string(userid), line_);
          }),
      running_(installation, watch_),
      actions_(running_, watch_, {"console", {}, timeout}) {}

std::optional<Failure> ConsoleSession::load_directory(std::string_view text, const std::string& name) {
  return apps::load_directory(running_.control_program(), text, name);
}

ExitCode ConsoleSession::run(const std::string& userid) {
  if (source_.typist() != LineSource::Typist::start_lines) {
    running_.on_interruption([this] { return attention(); });
  }
  bool goes_on = true;
  if (!userid.empty()) {
    current_ = userid;
    goes_on = type(current_, "LOGON " + userid);
  }
  while (goes_on) goes_on = proceed();
  if (const std::string why = source_.trouble(); !why.empty()) {
    complain(line_ + 1, format(Message::cannot_read_file, {"standard input", why}));
  }
  const bool pipe = source_.typist() == LineSource::Typist::pipe;
  if (pipe && !host::interrupted()) finish();
  running_.control_program().shut_down();
  if (pipe && attention_given_) return ExitCode::interrupted;
  return host::interrupted() || failed_ ? ExitCode::failure : ExitCode::success;
}

bool ConsoleSession::proceed() {
  const bool person = source_.typist() == LineSource::Typist::person;
  if (person && asks_for_password(typed_at_)) return proceed_with_password();
  const bool secret = block_.empty() && asks_for_password(current_);
  const std::string prompt = block_.empty() ? current_ + "> " : "...> ";
  const auto line = secret ? source_.next_secret(prompt, running_) : source_.next(prompt, running_);
  if (!line) return false;
  ++line_;
  remember(*line);
  if (person) attention_given_ = false;
  const bool goes_on = handle(*line);
  // What it interrupted was the line, a .WAIT for example, or the command that the line has just started.
  if (person && host::attention() && !attention()) host::forget_interruption();
  return goes_on;
}

// The person sees whose password it is, and may leave it at that with Ctrl-C.
bool ConsoleSession::proceed_with_password() {
  in_password_ = true;
  auto password = source_.next_secret(typed_at_ + "> ", running_);
  in_password_ = false;
  if (!password && !host::attention()) return false;
  if (!password) host::forget_interruption();
  return type(typed_at_, password.value_or(""));
}

void ConsoleSession::remember(const std::string& line) {
  if (!block_.empty()) return;
  const Typed typed = target_of(line);
  if (running_.control_program().shown_line(typed.console, typed.text) == typed.text) source_.remember(line);
}

std::string ConsoleSession::running_console() {
  const auto& system = running_.control_program();
  if (!system.can_read(current_)) return current_;
  if (source_.typist() == LineSource::Typist::person) return {};
  for (const std::string& console : watch_.consoles()) {
    if (!system.can_read(console)) return console;
  }
  return {};
}

bool ConsoleSession::attention() {
  if (!host::attention() || attention_given_ || in_password_) return false;
  const std::string console = running_console();
  if (console.empty()) return false;
  attention_given_ = true;
  host::forget_interruption();
  running_.control_program().type(console, "HX");
  return true;
}

void ConsoleSession::finish() {
  if (!block_.empty()) complain(line_, format(Message::end_missing));
  // Whoever has not come to read its line in time would not now.
  if (given_up_) return judge_all();
  if (const auto failure = actions_.finish()) report(*failure);
  judge_all();
}

void ConsoleSession::judge(const std::string& console) {
  const auto command = unjudged_.find(console);
  if (command == unjudged_.end()) return;
  const unsigned line = command->second;
  unjudged_.erase(command);
  if (const auto fault = actions_.fault_of(console)) complain(line, *fault);
}

void ConsoleSession::judge_all() {
  for (const auto& [console, line] : unjudged_) {
    if (asks_for_password(console)) complain(line, format(Message::logon_unfinished, {console}));
  }
  while (!unjudged_.empty()) judge(std::string(unjudged_.begin()->first));
}

Typed ConsoleSession::target_of(const std::string& line) const {
  const std::string_view text = without_blanks_before(line);
  const std::size_t mark = text.find('>');
  const std::string other =
      mark == std::string_view::npos ? std::string() : console_name(text.substr(0, mark));
  if (other.empty()) return {current_, line};
  const std::string_view typed = text.substr(mark + 1);
  return {other, std::string(typed.substr(typed.starts_with(' ') ? 1 : 0))};
}

bool ConsoleSession::handle(const std::string& line) {
  if (!block_.empty()) {
    perform_statement(block_ + line + "\n");
    return true;
  }
  const std::string_view text = without_blanks_before(line);
  // A password may begin with anything.
  if (text.starts_with('.') && !asks_for_password(current_)) return handle_dot(std::string(text));
  const Typed typed = target_of(line);
  return type(typed.console, typed.text);
}

bool ConsoleSession::handle_dot(const std::string& line) {
  const std::string name = console_name(first_word(line).substr(1));
  if (const Command* command = find_command(name)) {
    return (this->*command->run)(behind_first_word(line));
  }
  perform_statement(line + "\n");
  return true;
}

bool ConsoleSession::type(const std::string& console, const std::string& text) {
  const Typed typed{console, text};
  typed_at_ = console;
  if (source_.typist() != LineSource::Typist::person) {
    if (const auto failure = actions_.prepare(typed)) {
      report(*failure);
      given_up_ = source_.typist() == LineSource::Typist::pipe;
      return !given_up_;
    }
  }
  if (source_.typist() == LineSource::Typist::pipe) {
    judge(console);
    unjudged_.insert_or_assign(console, line_);
  }
  if (const auto failure = actions_.perform(typed)) report(*failure);
  return true;
}

void ConsoleSession::perform_statement(const std::string& text) {
  const Script script = parse_script(text, {});
  block_ = opens_block(script) ? text : std::string();
  if (!block_.empty()) return;
  for (const ScriptError& error : script.errors) complain(line_, error.message);
  if (!script.errors.empty()) return;
  for (const Statement& statement : script.statements) {
    const auto* expect = std::get_if<Expect>(&statement.action);
    if (expect != nullptr && std::holds_alternative<int>(expect->what)) unjudged_.erase(expect->console);
    auto failure = actions_.prepare(statement.action);
    if (!failure) failure = actions_.perform(statement.action);
    if (failure) return report(*failure);
  }
}

bool ConsoleSession::switch_console(std::string_view operand) {
  const std::string name = console_name(operand);
  if (name.empty()) {
    complain(line_, format(Message::not_a_userid, {operand}));
  } else {
    current_ = name;
  }
  return true;
}

bool ConsoleSession::show_help(std::string_view) {
  source_.show("What you type goes to the console the prompt names: HELP there lists its commands.");
  source_.show("NAME> text      type one line at another console");
  for (const std::string_view name : {"CONSOLE", "HELP", "QUIT"}) source_.show(find_command(name)->help);
  source_.show(
      "The statements of scripts work too: .PUT hostpath userid vdev FN FT, .GET, .WAIT, .SLEEP ...");
  return true;
}

bool ConsoleSession::quit(std::string_view) { return false; }

void ConsoleSession::report(const Failure& failure) {
  for (const std::string& detail : failure.details) source_.complain(detail);
  complain(line_, failure.message);
}

void ConsoleSession::complain(unsigned line, std::string_view message) {
  const bool pipe = source_.typist() == LineSource::Typist::pipe;
  source_.complain(pipe ? at_line("console", line, message) : std::string(message));
  failed_ = failed_ || pipe;
}

}  // namespace vmlan::apps
