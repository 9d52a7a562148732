#include "cms/shell/command.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace vmlan::cms {
namespace {

Outcome pass_to_cp(Session& session, std::string_view command) {
  const arch::DiagnoseReply reply = session.machine.diagnose_8(command);
  for (const std::string& line : reply.lines) session.machine.write_console(line);
  return reply.return_code;
}

std::array<std::span<const Command>, 5> tables() {
  return {file_commands(), disk_commands(), network_commands(), interface_commands(), system_commands()};
}

// CP alone puts the console into CP READ: the command ends when BEGIN lets the machine go on.
class InCpRead final : public Activity {
 public:
  explicit InCpRead(const arch::Clock& clock) : now_(clock.now()) {}
  std::optional<int> poll() override {
    return std::exchange(called_, true) ? std::optional(0) : std::nullopt;
  }
  std::optional<arch::Time> deadline() const override { return now_; }
  void interrupt() override { called_ = true; }

 private:
  arch::Time now_;
  bool called_ = false;
};

Outcome run_cp(Session& session, std::string_view operands) {
  if (!operands.empty()) return pass_to_cp(session, operands);
  const Outcome outcome = pass_to_cp(session, "CP");
  if (outcome.return_code != 0) return outcome.return_code;
  return std::unique_ptr<Activity>(std::make_unique<InCpRead>(session.machine.clock()));
}

// What neither knows has a return code of its own.
Outcome run_as_cp_command(Session& session, std::string_view line) {
  constexpr int unknown_to_cp = 1;
  constexpr int unknown = -3;
  const arch::DiagnoseReply reply = session.machine.diagnose_8(line);
  if (reply.return_code == unknown_to_cp) return session.fail(unknown, "Unknown CP/CMS command");
  for (const std::string& text : reply.lines) session.machine.write_console(text);
  return reply.return_code;
}

void list_commands(Session& session) {
  session.say("Commands of CMS; everything else goes to CP. HELP command tells more.");
  for (const auto table : tables()) {
    for (const Command& command : table) {
      session.say("{:<9} {}", to_upper(command.name), command.help);
    }
  }
}

Outcome run_help(Session& session, std::string_view text) {
  Operands operands(text);
  if (operands.empty()) {
    list_commands(session);
    return 0;
  }
  const std::string word = operands.take();
  const Command* command = find_command(word);
  if (command == nullptr) {
    const Outcome outcome = pass_to_cp(session, "HELP " + word);
    if (outcome.return_code == 0) return 0;
    return session.fail(28, "DMSHLP254E HELP cannot find the information for {}", word);
  }
  session.say("{} {}", command->name, command->syntax);
  session.say("  {}", command->help);
  return 0;
}

// Typed while nothing runs, it has nothing to halt.
Outcome run_hx(Session&, std::string_view) { return 0; }

constexpr std::array<Command, 3> commands_for_the_system{{
    {"CP", "[command]", "passes a command to CP; alone, stops here until BEGIN", run_cp},
    {"Help", "[command]", "lists the commands, or tells one command's operands", run_help},
    {"HX", "", "ends the command that is running", run_hx},
}};

}  // namespace

std::span<const Command> system_commands() { return commands_for_the_system; }

const Command* find_command(std::string_view word) {
  for (const auto table : tables()) {
    for (const Command& command : table) {
      if (matches(word, command.name)) return &command;
    }
  }
  return nullptr;
}

Outcome run_command(Session& session, std::string_view line) {
  line = trim(line);
  if (line.empty()) return 0;
  const auto end = std::min(line.find_first_of(" ("), line.size());
  const Command* command = find_command(to_upper(line.substr(0, end)));
  if (command == nullptr) return run_as_cp_command(session, line);
  return command->run(session, trim(line.substr(end)));
}

}  // namespace vmlan::cms
