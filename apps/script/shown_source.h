// A statement of a script as a transcript, a report or an error may show it: passwords are hidden.
//
// Threads: the base's.
#pragma once

#include <string>

#include "apps/script/script.h"
#include "cp/control_program.h"

namespace vmlan::apps {

// Its source, line for line. The system knows which console has been asked for a password; nullptr: only what
// the line itself tells is hidden.
std::string shown_source(const Statement& statement, const cp::ControlProgram* system = nullptr);

}  // namespace vmlan::apps
