#include "cp/control_program.h"

#include <unordered_map>

#include "cp/logical_lines.h"
#include "cp/logon.h"
#include "cp/passwords.h"
#include "cp/system.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

UserEntry operator_entry() {
  UserEntry entry;
  entry.userid = operator_userid;
  entry.rule = LogonRule::no_password;
  entry.classes = all_classes;
  return entry;
}

}  // namespace

// What the facade needs besides the system: consoles and their return codes.
class ControlProgram::Consoles {
 public:
  explicit Consoles(Options options) : system(std::move(options)), logon_desk(system) {
    system.directory.add(operator_entry());
    LogonOptions at_start;
    at_start.terminal = operator_terminal;
    at_start.run_commands = false;
    log_on(system, system.directory.find(operator_userid), at_start);
  }

  void type(std::string console, const std::string& typed) {
    return_codes.erase(console);
    system.cut_off.erase(console);
    if (asks_for_password(console)) return type_before_logon(console, {typed});
    for (const auto& line : logical_lines(typed, line_end(console))) type(console, line);
  }

  std::optional<char> line_end(std::string_view console) const {
    const auto* user = system.find(console);
    const bool logged_on = user != nullptr && user->connected();
    return logged_on ? user->line_end() : default_line_end;
  }

  bool asks_for_password(std::string_view console) const {
    const auto* user = system.find(console);
    const bool logged_on = user != nullptr && user->connected();
    return !logged_on && logon_desk.waits_for_password(console);
  }

  // Of one of the commands of what was typed: the first that failed counts for all of it.
  void set_return_code(std::string_view console, std::optional<int> code) {
    auto& kept = return_codes[std::string(console)];
    if (kept.value_or(0) == 0) kept = code;
  }

  System system;
  LogonDesk logon_desk;
  std::unordered_map<std::string, std::optional<int>> return_codes;
  bool ran_in_round = false;  // a machine, in this round so far

 private:
  // `console` is the user's afterwards, if the line was a LOGON that succeeded.
  void type(std::string& console, const LogicalLine& line) {
    auto* user = system.find(console);
    if (user == nullptr || !user->connected()) {
      type_before_logon(console, line);
    } else if (line.for_cp) {
      escape(*user, line.text);
    } else if (user->in_cp_mode()) {
      carry_out(*user, line.text);
    } else {
      set_return_code(console, std::nullopt);
      user->type_ahead(line.text);
    }
    log_off_pending(system);
  }

  void type_before_logon(std::string& console, const LogicalLine& line) {
    const auto outcome = logon_desk.type(console, line.text);
    const bool unanswered = asks_for_password(console);
    set_return_code(console, unanswered ? std::nullopt : std::optional<int>(outcome.code));
    if (!outcome.userid.empty()) {
      console = outcome.userid;
      return_codes[console] = outcome.code;
    }
    log_off_pending(system);
  }

  // #CP alone puts the console into CP READ; #CP command leaves the program running.
  void escape(VirtualMachine& user, std::string_view command) {
    carry_out(user, trim(command).empty() ? "CP" : command);
  }

  void carry_out(VirtualMachine& user, std::string_view command) {
    const std::string userid(user.userid());
    const auto reply = execute(system, user, command);
    set_return_code(userid, reply.code);
    for (const auto& line : reply.lines) system.tell(userid, line);
  }
};

ControlProgram::ControlProgram(Options options) : consoles_(std::make_unique<Consoles>(std::move(options))) {}

ControlProgram::~ControlProgram() = default;

std::vector<DirectoryError> ControlProgram::load_directory(std::string_view text,
                                                           std::string_view file_name) {
  return consoles_->system.directory.load(text, file_name);
}

void ControlProgram::type(std::string_view console, std::string_view line) {
  consoles_->type(std::string(console), printable(line));
}

bool ControlProgram::asks_for_password(std::string_view console) const {
  return consoles_->asks_for_password(console);
}

std::string ControlProgram::shown_line(std::string_view console, std::string_view line) const {
  if (asks_for_password(console)) return hide(line);
  const auto asks = [this](std::string_view userid) {
    const auto entry = consoles_->system.directory.find(userid);
    return entry && entry->rule == LogonRule::password;
  };
  return without_passwords(line, asks, consoles_->line_end(console));
}

arch::DiagnoseReply ControlProgram::command(std::string_view line) {
  auto& system = consoles_->system;
  auto reply = execute_for_system(system, printable(line));
  for (auto& answer : log_off_pending(system)) reply.lines.push_back(std::move(answer));
  return {reply.code, std::move(reply.lines)};
}

bool ControlProgram::can_read(std::string_view console) const {
  const auto* user = consoles_->system.find(console);
  if (user == nullptr || !user->connected()) return true;
  return user->in_cp_mode() || user->reads_console();
}

bool ControlProgram::command_runs(std::string_view console) const {
  const auto* user = consoles_->system.find(console);
  return user != nullptr && user->command_runs();
}

bool ControlProgram::was_cut_off(std::string_view console) const {
  return consoles_->system.cut_off.contains(console);
}

std::optional<int> ControlProgram::last_return_code(std::string_view console) const {
  const auto found = consoles_->return_codes.find(std::string(console));
  return found == consoles_->return_codes.end() ? std::nullopt : found->second;
}

bool ControlProgram::run_turns() { return run_round({}) == Round::complete; }

ControlProgram::Round ControlProgram::run_round(const std::function<bool()>& enough) {
  auto& system = consoles_->system;
  if (!system.turns.in_round()) {
    consoles_->ran_in_round = false;
    system.turns.begin_round(system.clock().now());
  }
  while (auto* turn = system.turns.next()) {
    consoles_->ran_in_round = turn->machine->run_turn() || consoles_->ran_in_round;
    log_off_pending(system);
    if (enough && enough()) return Round::unfinished;
  }
  log_off_pending(system);  // of commands that were given outside of every turn
  if (consoles_->ran_in_round) return Round::complete;
  system.storages.tend();
  return Round::nothing_ran;
}

unsigned ControlProgram::run_until_idle(unsigned max_rounds) {
  unsigned rounds = 0;
  while (rounds < max_rounds && run_turns()) ++rounds;
  return rounds;
}

std::optional<arch::Time> ControlProgram::next_deadline() const {
  return consoles_->system.turns.next_deadline();
}

VirtualMachine* ControlProgram::logon(UserEntry entry) {
  auto& system = consoles_->system;
  if (!valid_userid(entry.userid) || system.find(entry.userid) != nullptr) return nullptr;
  const std::string userid = entry.userid;
  system.directory.add(std::move(entry));
  LogonOptions options;
  options.silent = true;
  options.run_commands = false;
  return log_on(system, system.directory.find(userid), options);
}

Joined ControlProgram::join(const JoinRequest& guest, qdio::ControlReplies& replies) {
  return cp::join(consoles_->system, guest, replies);
}

void ControlProgram::leave(std::string_view userid, arch::DeviceNumber nic, bool last) {
  cp::leave(consoles_->system, userid, nic, last);
}

VirtualMachine* ControlProgram::find(std::string_view userid) const { return consoles_->system.find(userid); }

std::vector<VirtualMachine*> ControlProgram::users() const {
  std::vector<VirtualMachine*> users;
  for (const auto& [sequence, user] : consoles_->system.users()) users.push_back(user.get());
  return users;
}

std::size_t ControlProgram::user_count() const noexcept { return consoles_->system.users().size(); }

arch::Minidisk* ControlProgram::minidisk(std::string_view userid, arch::DeviceNumber device) {
  return consoles_->system.disks.find(userid, device, DiskPool::Rights::system);
}

guestlan::LanRegistry& ControlProgram::vmlan() noexcept { return consoles_->system.vmlan; }
const guestlan::LanRegistry& ControlProgram::vmlan() const noexcept { return consoles_->system.vmlan; }

const Options& ControlProgram::options() const noexcept { return consoles_->system.options(); }

void ControlProgram::shut_down() {
  for (auto* user : users()) {
    if (user->userid() != operator_userid) log_off(consoles_->system, *user, "");
  }
}

}  // namespace vmlan::cp
