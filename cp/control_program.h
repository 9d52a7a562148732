// The control program, the base: users, their consoles and turns, the user directory, guest LANs.
//
// Everything happens inside type() and run_turns(), on one thread, and depends on nothing but the calls
// made and the clock: the same calls at the same times give the same lines.
//
//   cp::ControlProgram system({.clock = clock, .consoles = sink, ...});
//   system.load_directory(text, "USER DIRECT");
//   system.type("ALICE", "LOGON ALICE");
//   while (system.run_turns()) {}          // until nothing more can happen at this instant
//   clock.advance_to(*system.next_deadline());
//
// Owns: virtual machines, minidisks, LANs. Threads: one, the base's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "arch/clock.h"
#include "arch/leftovers.h"
#include "arch/machine.h"
#include "arch/minidisk.h"
#include "cp/console.h"
#include "cp/directory.h"
#include "cp/join.h"
#include "cp/port_groups.h"
#include "cp/uplinks.h"
#include "cp/user_entry.h"
#include "guestlan/lan_registry.h"
#include "guestlan/trace_sink.h"

namespace vmlan::cp {

class VirtualMachine;

struct Options {
  const arch::Clock& clock;
  ConsoleSink& consoles;
  // IPL name [PARM parameters]: the program, or nullptr = no such system. Its constructor only keeps the
  // machine: that is reset, and the program before it ended, after this call; run() comes later.
  std::function<std::unique_ptr<arch::Program>(std::string_view name, std::string_view parameters,
                                               arch::Machine&)>
      load_system;
  // MDISK vdev HOST path: nullptr = the host has no such folder.
  std::function<std::unique_ptr<arch::Minidisk>(const std::string& path, bool read_only)> host_disk;
  std::uint64_t seed = 1;
  std::string node = "VMLAN1";
  // TRSOURCE: where the frames of a trace go, or why they can't. nullptr = nowhere.
  std::function<std::variant<std::unique_ptr<guestlan::TraceSink>, std::string>(std::string_view traceid)>
      trace_sink{};
  // Where large files go that nobody needs any more; they outlive the system. nullptr = nowhere: at once.
  arch::Leftovers* leftovers = nullptr;
  // DEFINE UPLINK; nullptr = this system has no way out.
  Uplinks::Maker make_uplink = nullptr;
  // SET PORT GROUP, the same.
  PortGroups::Maker make_group = nullptr;
};

class ControlProgram {
 public:
  // OPERATOR, a user who may log off, is logged on from the start.
  explicit ControlProgram(Options options);
  ~ControlProgram();
  ControlProgram(const ControlProgram&) = delete;
  ControlProgram& operator=(const ControlProgram&) = delete;

  // All errors, in the order of the lines; if there is one, nothing is loaded.
  std::vector<DirectoryError> load_directory(std::string_view text, std::string_view file_name);

  // --- Consoles -----------------------------------------------------------------------------------
  // A line typed at a console. `console` is a user id, or any name before the logon. A CP command is
  // carried out before the return; a line for the user's program is queued for its turn.
  void type(std::string_view console, std::string_view line);
  // The console waits for its person: nobody logged on, CP READ, or VM READ with nothing typed ahead.
  bool can_read(std::string_view console) const;
  // Return code (message number, 0 = success) of the last line typed at the console if CP carried it out; of
  // a line with several commands, the first other than 0. Nothing if LOGON waits for a password, or if it
  // went to the user's program, whose own code is in what it writes: Ready(nnnnn);
  std::optional<int> last_return_code(std::string_view console) const;
  // What was typed for the user's program has not ended, whether or not the console can read: the user may be
  // disconnected, or stopped in CP READ.
  bool command_runs(std::string_view console) const;
  // The program was ended from outside meanwhile (FORCE, LOGOFF, SYSTEM RESET, IPL); until something is typed
  // there again.
  bool was_cut_off(std::string_view console) const;

  // LOGON has asked for a password there: the next line is one, and not to be seen.
  bool asks_for_password(std::string_view console) const;
  // A line that is going to be typed there, as it may be shown.
  std::string shown_line(std::string_view console, std::string_view line) const;

  // A command from outside, of a desk or a timer, under the system's own identity: user id SYSTEM, all
  // classes, no virtual machine. Nobody has to be logged on for it. Not to be called from a program's turn.
  arch::DiagnoseReply command(std::string_view line);

  // --- Turns --------------------------------------------------------------------------------------
  // One round: each machine with something to do gets one turn, in logon order. false: nothing ran.
  bool run_turns();
  // The same in parts: `enough` is asked after each turn. Once it says so the rest of the round is left to
  // the next call of this or run_turns(); what happens in between is seen by the turns that are left.
  enum class Round : std::uint8_t { nothing_ran, complete, unfinished };
  Round run_round(const std::function<bool()>& enough);
  // Rounds until nothing ran or `max_rounds` are used up; returns the rounds in which something ran.
  unsigned run_until_idle(unsigned max_rounds);
  // The earliest time a machine waits for; nothing = none waits for time.
  std::optional<arch::Time> next_deadline() const;

  // --- For the program around it --------------------------------------------------------------------
  // Logs a user on without directory text, password, console lines, COMMAND or IPL: NICs are created and
  // coupled as the entry says, the directory authorizing them. The user is disconnected. nullptr: already
  // logged on, not a valid user id, or the host has no storage. Give it a program with set_program().
  VirtualMachine* logon(UserEntry entry);
  // A guest in an emulator comes and goes (cp/join.h).
  Joined join(const JoinRequest& guest, qdio::ControlReplies& replies);
  void leave(std::string_view userid, arch::DeviceNumber nic, bool last);
  // nullptr = not logged on.
  VirtualMachine* find(std::string_view userid) const;
  // Logged on, in logon order.
  std::vector<VirtualMachine*> users() const;
  std::size_t user_count() const noexcept;
  // The disk behind a user's device, logged on or not (links are followed); nullptr = none.
  arch::Minidisk* minidisk(std::string_view userid, arch::DeviceNumber device);
  guestlan::LanRegistry& vmlan() noexcept;
  const guestlan::LanRegistry& vmlan() const noexcept;
  const Options& options() const noexcept;
  // Everybody but OPERATOR is logged off, in logon order.
  void shut_down();

 private:
  class Consoles;
  std::unique_ptr<Consoles> consoles_;
};

}  // namespace vmlan::cp
