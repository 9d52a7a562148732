// What a CMS command works with: the machine, its disks, its TCP/IP, its console; and what it leaves: a
// return code at once, or an activity that goes on over many turns.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "arch/machine.h"
#include "cms/shell/disks.h"
#include "cms/shell/operands.h"
#include "cms/shell/tcpip.h"

namespace vmlan::cms {

// Return code of a command whose disk can not be read or written (DMSxxx105S).
inline constexpr int io_error = 100;

// How much of a file a command moves in one turn: it is what a turn of one user may cost the others.
inline constexpr std::size_t file_part = std::size_t{64} << 10U;
// Files that are read as a whole, those of settings, have at most so many bytes.
inline constexpr std::size_t largest_settings = std::size_t{1} << 20U;

// A command that waits for something: a small state machine polled in every turn until it ends.
class Activity {
 public:
  virtual ~Activity() = default;
  // One turn, bounded; the return code when it has ended.
  virtual std::optional<int> poll() = 0;
  // When it wants its next turn at the latest.
  virtual std::optional<arch::Time> deadline() const = 0;
  // An external interruption: end with the next poll().
  virtual void interrupt() = 0;
};

// Return codes of commands: an operand that is wrong, what could not be done (CMS has 24 and 8 for them).
constexpr int wrong_operand = 24;
constexpr int failed = 8;

// How a command left its handler.
struct Outcome {
  Outcome(int code = 0) : return_code(code) {}
  Outcome(std::unique_ptr<Activity> running) : activity(std::move(running)) {}

  int return_code = 0;
  std::unique_ptr<Activity> activity;
};

class Session {
 public:
  explicit Session(arch::Machine& virtual_machine)
      : machine(virtual_machine), disks(virtual_machine), tcpip(virtual_machine) {}

  template <class... Arguments>
  void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    machine.write_console(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  // Displays a message and ends the command with `code`.
  template <class... Arguments>
  Outcome fail(int code, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    say(format, std::forward<Arguments>(arguments)...);
    return code;
  }

  arch::Machine& machine;
  Disks disks;
  TcpIp tcpip;
  // Bytes of files that were read and written in this turn.
  std::size_t moved = 0;
};

}  // namespace vmlan::cms
