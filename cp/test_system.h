// For the tests of cp: a control program under a virtual clock, its consoles recorded, and programs that do
// what a test tells them.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cp/control_program.h"
#include "cp/virtual_machine.h"

namespace vmlan::cp {

using Lines = std::vector<std::string>;

// A user with a NIC on LAN1 of SYSTEM.
inline UserEntry user_with_nic(std::string userid) {
  UserEntry entry;
  entry.userid = std::move(userid);
  NicDefinition nic;
  nic.device = {0x0600};
  nic.kind = qdio::AdapterKind::osd;
  nic.lan_owner = "SYSTEM";
  nic.lan_name = "LAN1";
  entry.nics.push_back(std::move(nic));
  return entry;
}

class RecordedConsoles final : public ConsoleSink {
 public:
  void line(std::string_view console, std::string_view text) override {
    lines.push_back(fmt::format("{}: {}", console, text));
  }
  void moved(std::string_view console, std::string_view userid) override {
    lines.push_back(fmt::format("({} is now {})", console, userid));
  }
  // What was shown since the last call.
  Lines take() { return std::exchange(lines, {}); }

  Lines lines;
};

// Calls `turn` for each turn.
class TestProgram final : public arch::Program {
 public:
  explicit TestProgram(std::function<arch::Wait()> turn) : turn_(std::move(turn)) {}
  arch::Wait run() override { return turn_(); }
  void external_interrupt() override { ++external_interrupts; }

  int external_interrupts = 0;

 private:
  std::function<arch::Wait()> turn_;
};

// Reads its console and echoes what it read; "DIAG command" goes to CP by DIAGNOSE 8, "PARM" is what IPL
// named.
class EchoProgram final : public arch::Program {
 public:
  EchoProgram(arch::Machine& machine, std::string_view parameters)
      : machine_(machine), parameters_(parameters) {}
  arch::Wait run() override {
    while (const auto line = machine_.read_console()) answer(*line);
    return {std::nullopt, true};
  }
  void external_interrupt() override { machine_.write_console("interrupted"); }

 private:
  void answer(std::string_view line) {
    constexpr std::string_view diagnose = "DIAG ";
    if (line == "PARM") return machine_.write_console(fmt::format("loaded with '{}'", parameters_));
    if (line.substr(0, diagnose.size()) != diagnose) {
      machine_.write_console(fmt::format("read {}", line));
      return;
    }
    const auto reply = machine_.diagnose_8(line.substr(diagnose.size()));
    for (const auto& text : reply.lines) machine_.write_console(fmt::format("CP said {}", text));
    machine_.write_console(fmt::format("code {}", reply.return_code));
  }

  arch::Machine& machine_;
  std::string parameters_;
};

class TestSystem {
 public:
  explicit TestSystem(std::string_view directory = standard_directory)
      : cp({clock, consoles, &load, nullptr, 1, "TESTNODE"}) {
    for (const auto& error : cp.load_directory(directory, "USER DIRECT")) {
      consoles.line("DIRECTORY", to_string(error));
    }
  }

  // Types a line, lets everything happen that can, returns what was shown.
  Lines type(std::string_view console, std::string_view line) {
    consoles.take();
    cp.type(console, line);
    cp.run_until_idle(most_rounds);
    return consoles.take();
  }
  // The same, but only the lines of that console, without its name.
  Lines answer(std::string_view console, std::string_view line) {
    const auto prefix = fmt::format("{}: ", console);
    Lines own;
    for (const auto& shown : type(console, line)) {
      if (shown.compare(0, prefix.size(), prefix) == 0) own.push_back(shown.substr(prefix.size()));
    }
    return own;
  }
  int code(std::string_view console) const { return cp.last_return_code(console).value_or(-1); }
  void log_on(std::string_view userid) { type(userid, fmt::format("LOGON {}", userid)); }

  static constexpr unsigned most_rounds = 100;
  static constexpr std::string_view standard_directory =
      "USER ALICE NOPASS 32M 64M G\n"
      "USER BOB NOPASS 32M 64M G\n"
      "USER CAROL NOPASS 32M 64M BG\n"
      "USER DAVE SECRET 16M 16M G\n"
      "USER ROBOT AUTOONLY 16M 16M G\n"
      "  IPL ECHO\n"
      "USER NOBODY NOLOG 16M 16M G\n";

  arch::VirtualClock clock;
  RecordedConsoles consoles;
  ControlProgram cp;

 private:
  static std::unique_ptr<arch::Program> load(std::string_view name, std::string_view parameters,
                                             arch::Machine& machine) {
    if (name != "ECHO") return nullptr;
    return std::make_unique<EchoProgram>(machine, parameters);
  }
};

}  // namespace vmlan::cp
