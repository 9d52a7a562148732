// What the control program knows: users in logon order, the directory, disks, LANs,
// whose turn it is. Commands work on it; ControlProgram is its face to the outside.
//
// Owns: everything of the base. Threads: the base's.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "arch/heap_ahead.h"
#include "cp/control_program.h"
#include "cp/disks.h"
#include "cp/traces.h"
#include "cp/turns.h"
#include "cp/virtual_machine.h"

namespace vmlan::cp {

inline constexpr std::string_view operator_userid = "OPERATOR";
// Who acts when nobody of flesh and blood does. It has all classes and no virtual machine; no user has its
// name.
inline constexpr std::string_view system_userid = "SYSTEM";
inline constexpr std::string_view all_classes = "ABCDEFG";

class System {
 public:
  explicit System(Options options);
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  const Options& options() const noexcept { return options_; }
  const arch::Clock& clock() const noexcept { return options_.clock; }
  std::chrono::system_clock::time_point started_at() const noexcept { return started_at_; }

  arch::StoragePool storages;  // goes after the users
  Directory directory;
  DiskPool disks;
  guestlan::LanRegistry vmlan;
  Traces traces;  // goes before the LANs it watches
  Uplinks uplinks;
  PortGroups port_groups;  // goes before its members
  TurnQueue turns;

  // --- Users ------------------------------------------------------------------------------------------
  VirtualMachine* find(std::string_view userid) const;
  // By sequence number, so in logon order.
  const std::map<std::uint64_t, std::unique_ptr<VirtualMachine>>& users() const noexcept { return users_; }
  // Nobody of this name may be logged on. nullptr: the host has no storage.
  VirtualMachine* create(std::shared_ptr<const UserEntry> entry);
  void destroy(VirtualMachine& user);
  // "GRAF L0003": a terminal nobody has.
  std::string assign_terminal();

  // LOGOFF and FORCE end a user only after the command, or the user's own turn, is over. `by`: who forced
  // it, empty = the user itself.
  void schedule_logoff(const VirtualMachine& user, std::string_view by);
  bool logoff_pending(std::string_view userid) const;
  std::vector<std::pair<std::string, std::string>> take_pending_logoffs() {
    return std::move(pending_logoffs_);
  }

  // Users that have come in and whose COMMAND and IPL statements are still to be carried out; the last one's
  // are being carried out. They may log others on, for whom the others here then wait: a chain of them in a
  // directory may be as long as the directory.
  struct Starting {
    std::string userid;
    std::uint64_t sequence = 0;
    bool no_ipl = false;
    std::string ipl_system;
    std::size_t commands_done = 0;
  };
  std::deque<Starting> starting;

  // Whose program was ended from outside while it carried out what was typed; until something is typed again.
  std::set<std::string, std::less<>> cut_off;

  // --- Consoles ---------------------------------------------------------------------------------------
  void tell(std::string_view console, std::string_view line) { options_.consoles.line(console, line); }
  // While no operator is logged on, at the system's own console.
  void tell_operator(std::string_view line);
  // To somebody else than the one who gets the same line as a command's reply.
  void tell_operator_unless(std::string_view userid, std::string_view line);

  // --- NICs -------------------------------------------------------------------------------------------
  // A NIC leaves its LAN; the LAN may end with it. Tells nobody.
  void uncouple(guestlan::Nic& nic);

 private:
  Options options_;
  std::chrono::system_clock::time_point started_at_;
  arch::HeapAhead heap_;
  std::map<std::uint64_t, std::unique_ptr<VirtualMachine>> users_;
  std::unordered_map<std::string_view, VirtualMachine*> by_userid_;  // keys lie in the entries
  std::vector<std::pair<std::string, std::string>> pending_logoffs_;
  std::uint64_t next_sequence_ = 1;
  unsigned next_terminal_ = 3;
};

}  // namespace vmlan::cp
