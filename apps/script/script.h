// A script (".vm"): what is typed at which console, in order. A transcript of a run is a script too.
//
//   * comment                          also blank lines
//   ALICE> QUERY NIC 0600              typed at ALICE's console
//   ALICE: Adapter 0600.P00 ...        what that console showed: not input
//   ...                                any number of such lines
//   .WAIT BOB                          a statement
//
// The whole text is judged before anything runs. &1 to &9 stand for the arguments after the script's name.
// The manual (docs/MANUAL.md, "Scripts") is the format's description for its users.
//
// Owns: values only. Threads: any.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "arch/clock.h"
#include "arch/types.h"

namespace vmlan::apps {

struct Comment {};
// A recorded answer; running the script prints the answer of now in its place.
struct Shown {};

struct Typed {
  std::string console;
  std::string text;
};

// A path as the script names it. One that came whole from the command line belongs to the caller's folder,
// any other to the script's.
struct HostPath {
  std::string name;
  bool from_caller = false;
};

struct LoadDirectoryFile {
  HostPath path;
};

struct LoadDirectoryText {
  std::string text;
  unsigned first_line = 0;  // of the text, in the script
};

struct DiskFile {
  std::string userid;
  arch::DeviceNumber device;
  std::string name;  // "FN FT"
};

struct WriteFile {
  DiskFile file;
  std::string contents;
};

struct PutFile {
  HostPath source;
  DiskFile file;
};

struct GetFile {
  DiskFile file;
  HostPath target;
};

// Until the console's last command has ended or, with text, until it shows a line that contains it.
struct WaitFor {
  std::string console;
  std::string text;
};

struct Sleep {
  arch::Time time{0};
};

struct SetTimeout {
  arch::Time time{0};
};

// Judged when the console's last command has ended: its return code, or a text among the lines it has shown
// since something was last typed there.
struct Expect {
  std::string console;
  std::variant<int, std::string> what = 0;
  bool negated = false;
};

// Whether a return code other than 0 that no Expect follows ends the run.
struct SetStrict {
  bool on = true;
};

// Answers that match are not compared (apps/transcripts/transcript.h).
struct Ignore {
  std::string pattern;
};

// Done when the script is read: the value of &1 (index 0) to &9 if the caller gave none.
struct SetDefault {
  std::size_t index = 0;
  std::string value;
};

using Action = std::variant<Comment, Shown, Typed, LoadDirectoryFile, LoadDirectoryText, WriteFile, PutFile,
                            GetFile, WaitFor, Sleep, SetTimeout, Expect, SetStrict, Ignore, SetDefault>;

struct Statement {
  unsigned line = 0;   // 1-based, of its first line
  std::string source;  // as it was written, several lines for a block up to its .END; no line end after it
  Action action;
};

struct ScriptError {
  unsigned line = 0;
  std::string message;
};

struct Script {
  std::vector<Statement> statements;
  std::vector<ScriptError> errors;
};

// Never fails: what is wrong is in `errors`.
Script parse_script(std::string_view text, const std::vector<std::string>& arguments);

// Upper case; empty = not a user id (1-8 of A-Z 0-9 $ # @ + - _).
std::string console_name(std::string_view word);

}  // namespace vmlan::apps
