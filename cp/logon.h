// From LOGON to LOGOFF: what a person sees on the way in and out, what the operator is told.
//
// Source: console logs of z/VM 6.3 (order and shape of the lines), CP Commands (LOGON, LOGOFF, DISCONNECT,
// XAUTOLOG, FORCE).
//
// Threads: the base's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cp/command.h"
#include "cp/user_entry.h"

namespace vmlan::cp {

// The operator's own console.
inline constexpr std::string_view operator_terminal = "GRAF  0009";

// A terminal for this user to come in at.
std::string terminal_for(System& system, std::string_view userid);

// How a user comes in.
struct LogonOptions {
  std::string terminal;      // empty = disconnected (XAUTOLOG)
  bool silent = false;       // no lines on its console
  bool run_commands = true;  // COMMAND and IPL statements
  bool no_ipl = false;       // but not IPL
  std::string ipl_system;    // instead of the directory's
};

// The user is not logged on. nullptr: the host has no storage for it.
VirtualMachine* log_on(System& system, std::shared_ptr<const UserEntry> entry, const LogonOptions& options);
// The way back to a disconnected machine, or (HERE) away from another terminal.
void reconnect(System& system, VirtualMachine& user);
void disconnect(System& system, VirtualMachine& user);
// The user's last lines, then its machine is gone. `by`: who forced it; empty = itself. Returns what the
// operator was told.
std::string log_off(System& system, VirtualMachine& user, std::string_view by);
// Carries out what LOGOFF and FORCE asked for; who forced somebody is told. Returns what the system itself
// has to be told.
std::vector<std::string> log_off_pending(System& system);
// Loads a system into the machine and starts it.
Reply load(System& system, VirtualMachine& user, std::string_view name, std::string_view parameters);

// "GRAF L0003 LOGON  AS  ALICE    USERS = 2": what the operator sees of it.
std::string operator_line(const System& system, const VirtualMachine& user, std::string_view event);
// The device part of QUERY NAMES: "DSC", "SYSC", "L0003".
std::string terminal_name(const VirtualMachine& user);

// Consoles nobody is logged on at.
class LogonDesk {
 public:
  explicit LogonDesk(System& system) noexcept : system_(system) {}
  struct Outcome {
    int code = 0;
    std::string userid;  // who has logged on with this line; empty = nobody
  };
  // A line typed there.
  Outcome type(std::string_view console, std::string_view line);
  bool waits_for_password(std::string_view console) const {
    return waiting_for_password_.find(console) != waiting_for_password_.end();
  }

 private:
  struct Attempt {
    std::string userid;
    std::string password;
    bool has_password = false;
    bool here = false;
    bool no_ipl = false;
  };

  Outcome log_on_as(std::string_view console, Words& words);
  Outcome judge(std::string_view console, const Attempt& attempt);
  Outcome come_back(std::string_view console, VirtualMachine& user, const Attempt& attempt);
  Outcome refuse(std::string_view console, std::string_view module, Message message,
                 std::initializer_list<std::string_view> values = {});

  System& system_;
  std::map<std::string, Attempt, std::less<>> waiting_for_password_;
};

}  // namespace vmlan::cp
