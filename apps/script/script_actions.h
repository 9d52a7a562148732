// What each statement of a script does to a running system; scripts and the console share it.
//
// Owns: nothing. Errors: numbered messages without file and line, which the caller knows. Threads: the
// base's.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/script/script.h"
#include "apps/system/console_watch.h"
#include "apps/system/exit_code.h"
#include "apps/system/running_system.h"

namespace vmlan::apps {

struct Failure {
  ExitCode exit_code = ExitCode::failure;
  std::string message;
  std::vector<std::string> details;  // complete lines, with file and line of their own
};

inline constexpr arch::Time default_timeout = std::chrono::seconds(60);

class ScriptActions {
 public:
  struct Options {
    std::string name;              // of the script, for errors inside its blocks
    std::filesystem::path folder;  // of the script
    arch::Time timeout = default_timeout;
    bool strict = false;
  };

  ScriptActions(RunningSystem& installation, ConsoleWatch& watch, Options options);

  // What has to be over before the statement is echoed and performed: a console's last command.
  std::optional<Failure> prepare(const Action& action);
  std::optional<Failure> perform(const Action& action);
  // Until the last command of every console has ended.
  std::optional<Failure> finish();

  // Of the console's last command, if that has ended and had one: CP's, or what CMS showed after it.
  std::optional<int> return_code(const std::string& console) const;
  // Why that is no success; nothing = it is one, or was none.
  std::optional<std::string> fault_of(const std::string& console) const;
  bool strict() const noexcept { return options_.strict; }

 private:
  std::optional<Failure> act(const Comment&) { return std::nullopt; }
  std::optional<Failure> act(const Shown&) { return std::nullopt; }
  std::optional<Failure> act(const SetDefault&) { return std::nullopt; }
  std::optional<Failure> act(const Ignore&) { return std::nullopt; }
  std::optional<Failure> act(const Typed& typed);
  std::optional<Failure> act(const LoadDirectoryFile& directory);
  std::optional<Failure> act(const LoadDirectoryText& directory);
  std::optional<Failure> act(const WriteFile& file);
  std::optional<Failure> act(const PutFile& put);
  std::optional<Failure> act(const GetFile& get);
  std::optional<Failure> act(const WaitFor& wait);
  std::optional<Failure> act(const Sleep& sleep);
  std::optional<Failure> act(const SetTimeout& timeout);
  std::optional<Failure> act(const Expect& expect);
  std::optional<Failure> act(const SetStrict& strict);

  bool exists(const std::string& console) const;
  std::optional<Failure> wait_until_read(const std::string& console);
  std::optional<Failure> wait_until_ended(const std::string& console);
  std::optional<Failure> wait_for(const std::string& console, const RunningSystem::Condition& condition);
  // The same, and that there is such a console: for statements, which may misspell it.
  std::optional<Failure> wait_until_there(const std::string& console);
  std::optional<Failure> expect_code(const Expect& expect, int code);
  std::optional<Failure> expect_text(const Expect& expect, const std::string& text);
  std::optional<Failure> write(const DiskFile& file, std::string_view contents);
  std::filesystem::path resolve(const HostPath& path) const;

  RunningSystem& running_;
  ConsoleWatch& watch_;
  Options options_;
};

// Loads a directory's text; what is wrong with it stands in the failure's details.
std::optional<Failure> load_directory(cp::ControlProgram& control_program, std::string_view text,
                                      const std::string& name, unsigned lines_before = 0);

}  // namespace vmlan::apps
