#include "cp/control_program.h"

#include <unordered_map>

#include "cp/logon.h"
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

// "#CP QUERY NIC" -> " QUERY NIC"; nothing = a line for whoever reads the console.
std::optional<std::string_view> after_cp_escape(std::string_view line) {
  constexpr std::string_view escape = "#CP";
  const auto text = trim(line);
  if (to_upper(text.substr(0, escape.size())) != escape) return std::nullopt;
  const auto rest = text.substr(escape.size());
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  return rest;
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

  void type(std::string_view console, const std::string& line) {
    auto* user = system.find(console);
    if (user == nullptr || !user->connected()) {
      set_return_code(console, logon_desk.type(console, line));
    } else if (const auto command = after_cp_escape(line)) {
      escape(*user, *command);
    } else if (user->in_cp_mode()) {
      carry_out(*user, line);
    } else {
      set_return_code(console, std::nullopt);
      user->type_ahead(line);
    }
    log_off_pending(system);
  }

  void set_return_code(std::string_view console, std::optional<int> code) {
    return_codes[std::string(console)] = code;
  }

  System system;
  LogonDesk logon_desk;
  std::unordered_map<std::string, std::optional<int>> return_codes;

 private:
  // #CP alone puts the console into CP READ; #CP command leaves the program running.
  void escape(VirtualMachine& user, std::string_view command) {
    if (!trim(command).empty()) return carry_out(user, command);
    set_return_code(user.userid(), 0);
    user.enter_cp_mode();
    system.tell(user.userid(), "CP");
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
  consoles_->type(console, printable(line));
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

std::optional<int> ControlProgram::last_return_code(std::string_view console) const {
  const auto found = consoles_->return_codes.find(std::string(console));
  return found == consoles_->return_codes.end() ? std::nullopt : found->second;
}

bool ControlProgram::run_turns() {
  auto& system = consoles_->system;
  bool ran = false;
  system.turns.begin_round(system.clock().now());
  while (auto* turn = system.turns.next()) {
    ran = turn->machine->run_turn() || ran;
    log_off_pending(system);
  }
  log_off_pending(system);  // of commands that were given outside of every turn
  return ran;
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

const Options& ControlProgram::options() const noexcept { return consoles_->system.options(); }

void ControlProgram::shut_down() {
  for (auto* user : users()) {
    if (user->userid() != operator_userid) log_off(consoles_->system, *user, "");
  }
}

}  // namespace vmlan::cp
