// `vmlan console`: a person at the consoles of a running system, in real time.
//
// What is typed goes to the current console; "NAME> text" types one line at another one; a line that begins
// with a dot is for the session itself or a statement of scripts. Lines of the current console are shown
// plainly, those of others behind their names.
//
// From a pipe it is a shell's program: each line waits for the one before, its end for the last command of
// every console, and what failed is told on standard error and by the exit code.
//
// Owns: the system. Threads: the base's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "apps/script/script_actions.h"
#include "apps/system/console_watch.h"
#include "apps/system/exit_code.h"
#include "apps/system/running_system.h"

namespace vmlan::apps {

struct ConsoleOptions {
  std::string userid;     // whose LOGON is typed at the start; empty = the operator's console
  std::string directory;  // path; empty = starter_directory()
  std::string socket;     // path, where guests from outside come in; empty: none do
  std::string traces;     // folder; empty = the current one
  std::uint64_t seed = 1;
  arch::Time timeout = default_timeout;  // of a command in a pipe, and of .WAIT
};

// Where the lines come from: a person's line editor, a pipe, a test.
class LineSource {
 public:
  virtual ~LineSource() = default;
  // The next line, without its end; nothing = end of input, or interrupted. Runs the system until there is
  // one.
  virtual std::optional<std::string> next(const std::string& prompt, RunningSystem& system) = 0;
  // The same, for a password: nothing appears of it, and nothing is kept.
  virtual std::optional<std::string> next_secret(const std::string& prompt, RunningSystem& system) {
    return next(prompt, system);
  }
  // The line came from next(), and may be offered again.
  virtual void remember(const std::string& /*line*/) {}
  // Shows a line of the system, also in the middle of the person's typing.
  virtual void show(std::string_view line) = 0;
  // Says what went wrong, about a line or at the end.
  virtual void complain(std::string_view message) { show(message); }

  enum class Typist {
    person,      // sees when to type, and what came of it
    pipe,        // each line waits until the one before has been dealt with; the end is told what failed
    start_lines  // the same, but what they have started runs on, and nobody asks what came of it
  };
  virtual Typist typist() const = 0;
  // Why the input could not be read to its end; empty = it could.
  virtual std::string trouble() const { return {}; }
};

// The directory of somebody who has none yet: ALICE and BOB.
std::string_view starter_directory() noexcept;

class ConsoleSession {
 public:
  ConsoleSession(LineSource& source, const SystemOptions& installation, arch::Time timeout = default_timeout);

  // What is wrong with the statements among lines that are to be typed: nothing is carried out.
  static std::vector<ScriptError> errors_of(std::span<const std::string> lines);
  std::optional<Failure> load_directory(std::string_view text, const std::string& name);
  RunningSystem& system() noexcept { return running_; }
  // Until .QUIT, the end of input or Ctrl-C while nothing runs; then everybody is logged off. A person's end
  // is a success, whatever went wrong before; a pipe's only if nothing did.
  ExitCode run(const std::string& userid);

 private:
  struct Command;
  static const Command* find_command(std::string_view name);

  // Ctrl-C: true = what runs at the console gets it, as an attention interruption; false = it is for the
  // session, which ends.
  bool attention();
  // A console whose command runs and which Ctrl-C means; empty: none.
  std::string running_console();

  // What is typed where, if the line begins with no dot.
  Typed target_of(const std::string& line) const;
  bool asks_for_password(const std::string& console) {
    return running_.control_program().asks_for_password(console);
  }
  // The next line is carried out; false = the session ends.
  bool proceed();
  bool proceed_with_password();
  void remember(const std::string& line);
  bool handle(const std::string& line);
  bool handle_dot(const std::string& line);
  // false = the console has not come to read it, and no later line makes sense.
  bool type(const std::string& console, const std::string& text);
  void perform_statement(const std::string& text);
  bool switch_console(std::string_view operand);
  bool show_help(std::string_view operand);
  bool quit(std::string_view operand);
  void report(const Failure& failure);
  void complain(unsigned line, std::string_view message);
  // The last commands of a pipe: waits for all of them.
  void finish();
  // A pipe's last command at the console has to have ended with return code 0, unless that was judged.
  void judge(const std::string& console);
  void judge_all();

  LineSource& source_;
  std::string current_ = "OPERATOR";
  std::string block_;                                      // a statement whose .END has not come yet
  unsigned line_ = 0;                                      // of the input, 1-based
  std::map<std::string, unsigned, std::less<>> unjudged_;  // a console's last command: its line
  std::string typed_at_;                                   // the console where something was typed last
  bool in_password_ = false;
  bool attention_given_ = false;  // and nothing else since then
  bool failed_ = false;
  bool given_up_ = false;  // a console has not come to read a pipe's line
  ConsoleWatch watch_;
  RunningSystem running_;
  ScriptActions actions_;
};

}  // namespace vmlan::apps
