// The texts of --help and `vmlan help COMMAND`.
//
// Threads: any.
#pragma once

#include <string>

namespace vmlan::apps {

std::string general_help();
std::string version_text();
// The help of one command, its options included; empty = there is no such command.
std::string command_help(const std::string& command);

}  // namespace vmlan::apps
