// A command as a row of a table: its name, who may use it, what it does, what HELP says about it.
//
// A new command is one row and one function. A row with a table of its own (QUERY, SET, DEFINE, DETACH)
// looks its next word up there.
//
// Threads: the base's.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cp/messages.h"
#include "cp/words.h"

namespace vmlan::cp {

class System;
class VirtualMachine;

// What a command answers: the lines its issuer sees, and the return code a program gets.
struct Reply {
  int code = 0;
  std::vector<std::string> lines;

  Reply() = default;
  explicit Reply(std::string line) { lines.push_back(std::move(line)); }
};

// An error reply.
Reply error(Message message, std::string_view module, std::initializer_list<std::string_view> values = {});

struct Command;

// Somebody's command on its way to its function.
struct Request {
  System& system;
  std::string_view issuer;   // its user id; system_userid: the system itself, whoever is logged on
  VirtualMachine* machine;   // the issuer's; nullptr: the system has none
  std::string_view classes;  // the issuer's privilege classes, or all of them for COMMAND statements
  bool by_directory;         // a COMMAND statement: the directory authorizes what it says
  Words words;               // operands not looked at yet
  const Command* command = nullptr;

  bool has_class(std::string_view any_of) const noexcept;
  // Only for commands whose row says that they act on the issuer's own machine.
  VirtualMachine& own_machine() const noexcept;
  // The system asked for something that only a user has: a machine of its own.
  Reply fail_without_machine() const;
  // An error reply under the command's module.
  Reply fail(Message message, std::initializer_list<std::string_view> values = {}) const;
  // Nothing may follow: empty, or the error for the next word.
  bool at_end() const noexcept { return words.empty(); }
  Reply fail_excess();
  // A query names a word that it does not know an option.
  Reply fail_option();
};

using Handler = Reply (*)(Request&);

struct Command {
  std::string_view name;      // "DEFine": upper-case part = shortest abbreviation
  std::string_view classes;   // any of these letters; empty = any user
  std::string_view module;    // three letters for message ids
  Handler handler = nullptr;  // with a table: for a word the table does not know; nullptr = an error
  std::string_view syntax;
  std::string_view help;
  std::span<const Command> table{};
  bool own_machine = false;  // acts on the issuer's virtual machine: not for the system itself
};

// A row of a command that acts on the issuer's own virtual machine.
constexpr Command of_own_machine(Command row) noexcept {
  row.own_machine = true;
  return row;
}

// What stands behind a word that only leads to it: the rest of the line as a command of its own.
Reply go_on(Request& request);

bool permitted(const Command& command, std::string_view classes) noexcept;

std::span<const Command> command_table() noexcept;

// Longer lines are refused, whoever gives them: nothing is ever cut. DIAGNOSE X'08' has this limit too.
inline constexpr std::size_t longest_command = 240;

// Carries out one command line for `user`. `line` may be anything.
Reply execute(System& system, VirtualMachine& user, std::string_view line);
// One of the system itself (a desk's, a timer's): all classes, user id SYSTEM, no virtual machine.
Reply execute_for_system(System& system, std::string_view line);
// A COMMAND statement of the directory: with all classes, whatever the user's are.
Reply execute_directory_command(System& system, VirtualMachine& user, std::string_view line);

}  // namespace vmlan::cp
