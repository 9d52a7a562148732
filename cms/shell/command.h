// CMS's command table. A new command is a handler and a line in the table of its file.
#pragma once

#include <span>
#include <string_view>

#include "cms/shell/session.h"

namespace vmlan::cms {

struct Command {
  std::string_view name;    // "LISTFile": upper case is the shortest abbreviation
  std::string_view syntax;  // operands, as HELP shows them
  std::string_view help;    // one line
  Outcome (*run)(Session& session, std::string_view operands);
};

// The tables of the command files.
std::span<const Command> file_commands();
std::span<const Command> disk_commands();
std::span<const Command> network_commands();
std::span<const Command> interface_commands();
std::span<const Command> system_commands();

// nullptr: not a command of CMS.
const Command* find_command(std::string_view word);

// Runs one line: a command of CMS, or else a command for CP. An empty line does nothing.
Outcome run_command(Session& session, std::string_view line);

}  // namespace vmlan::cms
