#include "cp/logon.h"

#include <fmt/format.h>

#include "cp/nic_actions.h"
#include "cp/product.h"
#include "cp/system.h"
#include "cp/time_text.h"

namespace vmlan::cp {
namespace {

void say(System& system, const VirtualMachine& user, const Reply& reply) {
  for (const auto& line : reply.lines) system.tell(user.userid(), line);
}

// NICDEF and SPECIAL, LINK and MDISK: what can't be had is said and the logon goes on.
void bring_up_devices(System& system, VirtualMachine& user, bool silent) {
  for (const auto& definition : user.entry().nics) {
    const auto reply = bring_up_nic(system, user, definition);
    if (!silent) say(system, user, reply);
  }
  if (silent) return;
  for (const auto& link : user.entry().links) {
    const auto owner = to_string(link.owner_device);
    if (!system.directory.find(link.owner)) {
      system.tell(user.userid(), format(Message::not_in_directory, "LNM", {link.owner}));
    } else if (system.disks.find(user.userid(), link.device, DiskPool::Rights::user) == nullptr) {
      system.tell(user.userid(), format(Message::link_not_in_directory, "LNM", {link.owner, owner}));
    }
  }
  for (const auto& disk : user.entry().disks) {
    if (system.disks.find(user.userid(), disk.device, DiskPool::Rights::user) != nullptr) continue;
    system.tell(user.userid(),
                format(Message::no_such_host_folder, "LGN", {to_string(disk.device), disk.host_path}));
  }
}

void greet(System& system, const VirtualMachine& user, std::string_view event) {
  const auto userid = user.userid();
  system.tell(userid, fmt::format("{}, Service Level {} (64-bit),", product_level, service_level));
  system.tell(userid, product_foundation);
  system.tell(userid, "There is no logmsg data");
  system.tell(userid, "FILES:   NO RDR,   NO PRT,   NO PUN");
  system.tell(userid, fmt::format("{} AT {}", event, long_date(system.clock().date())));
}

std::string replace_userid(std::string command, std::string_view userid) {
  constexpr std::string_view variable = "&USERID";
  for (auto at = to_upper(command).find(variable); at != std::string::npos;
       at = to_upper(command).find(variable, at + userid.size())) {
    command.replace(at, variable.size(), userid);
  }
  return command;
}

void ipl(System& system, VirtualMachine& user, const System::Starting& options) {
  const auto& entry = user.entry();
  if (options.no_ipl || system.logoff_pending(entry.userid)) return;
  if (!options.ipl_system.empty()) return say(system, user, load(system, user, options.ipl_system, ""));
  if (entry.ipl_system.empty()) return;
  say(system, user, load(system, user, entry.ipl_system, entry.ipl_parameters));
}

// One COMMAND of the user who logged on last, or after the last of them the IPL.
void proceed(System& system) {
  System::Starting& last = system.starting.back();
  VirtualMachine* user = system.find(last.userid);
  if (user == nullptr || user->sequence() != last.sequence) return system.starting.pop_back();
  const auto& entry = user->entry();
  if (last.commands_done < entry.commands.size()) {
    const std::string& command = entry.commands[last.commands_done++];
    return say(system, *user,
               execute_directory_command(system, *user, replace_userid(command, entry.userid)));
  }
  const System::Starting options = last;
  system.starting.pop_back();
  ipl(system, *user, options);
}

// A COMMAND may log on another user: its own COMMANDs and its IPL come before the next COMMAND here.
void start(System& system, const VirtualMachine& user, const LogonOptions& options) {
  system.starting.push_back(
      {std::string(user.userid()), user.sequence(), options.no_ipl, options.ipl_system});
  if (system.starting.size() > 1) return;
  // Each user is logged on once: the directory is the bound.
  while (!system.starting.empty()) proceed(system);
}

}  // namespace

std::string terminal_for(System& system, std::string_view userid) {
  return userid == operator_userid ? std::string(operator_terminal) : system.assign_terminal();
}

VirtualMachine* log_on(System& system, std::shared_ptr<const UserEntry> entry, const LogonOptions& options) {
  VirtualMachine* user = system.create(std::move(entry));
  if (user == nullptr) return nullptr;
  if (!options.terminal.empty()) user->connect(options.terminal);
  bring_up_devices(system, *user, options.silent);
  if (!options.silent) {
    greet(system, *user, "LOGON");
    if (user->connected()) system.tell_operator(operator_line(system, *user, "LOGON  AS "));
  }
  if (options.run_commands) start(system, *user, options);
  return user;
}

void reconnect(System& system, VirtualMachine& user) {
  user.connect(terminal_for(system, user.userid()));
  greet(system, user, "RECONNECTED");
  system.tell_operator(operator_line(system, user, "RECONNECT"));
  user.enter_cp_mode();
}

void disconnect(System& system, VirtualMachine& user) {
  system.tell(user.userid(), fmt::format("DISCONNECT AT {}", long_date(system.clock().date())));
  system.tell_operator(operator_line(system, user, "DISCONNECT"));
  user.disconnect();
  // A disconnected machine runs on: there is nobody who could type BEGIN.
  user.leave_cp_mode();
}

std::string log_off(System& system, VirtualMachine& user, std::string_view by) {
  const std::string userid(user.userid());
  const auto now = system.clock().now();
  system.tell(userid, usage(now - user.logged_on_at(), user.processor_time()));
  const auto suffix = by.empty() ? std::string() : fmt::format(" BY {}", by);
  system.tell(userid, fmt::format("LOGOFF AT {}{}", long_date(system.clock().date()), suffix));
  const auto terminal = user.connected() ? user.terminal() : std::string("USER DSC  ");
  system.destroy(user);
  const auto forced = by.empty() ? std::string() : fmt::format("    FORCED BY {}", by);
  auto line =
      fmt::format("{} LOGOFF AS  {:<8} USERS = {}{}", terminal, userid, system.users().size(), forced);
  system.tell_operator(line);
  return line;
}

std::vector<std::string> log_off_pending(System& system) {
  std::vector<std::string> answers;
  for (const auto& [userid, by] : system.take_pending_logoffs()) {
    auto* user = system.find(userid);
    if (user == nullptr) continue;
    auto line = log_off(system, *user, by);
    if (by == system_userid) {
      answers.push_back(std::move(line));
    } else if (by != operator_userid && system.find(by) != nullptr) {
      system.tell(by, line);
    }
  }
  return answers;
}

Reply load(System& system, VirtualMachine& user, std::string_view name, std::string_view parameters) {
  // The program is made first: a wrong name must not cost the user the program that runs.
  auto program =
      system.options().load_system ? system.options().load_system(name, parameters, user) : nullptr;
  if (!program) return error(Message::no_such_system, "NSS", {name});
  user.reset_devices();
  user.set_program(std::move(program));
  user.leave_cp_mode();
  return {};
}

std::string operator_line(const System& system, const VirtualMachine& user, std::string_view event) {
  const auto terminal = user.connected() ? user.terminal() : std::string("USER DSC  ");
  return fmt::format("{} {} {:<8} USERS = {}", terminal, event, user.userid(), system.users().size());
}

std::string terminal_name(const VirtualMachine& user) {
  if (!user.connected()) return "DSC";
  if (user.terminal() == operator_terminal) return "SYSC";
  return user.terminal().substr(user.terminal().find(' ') + 1);
}

}  // namespace vmlan::cp
