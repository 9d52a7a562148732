// `vmlan serve`: the system that Hercules guests join, and `vmlan cp`: a command to it from a shell.
//
// Owns: the system and its socket. Threads: the base's.
#pragma once

#include <string>

#include "apps/system/exit_code.h"

namespace vmlan::apps {

struct ServeOptions {
  std::string socket;       // path; empty = host::default_socket_path()
  std::string directory;    // user directory; empty = guests are class G users nobody has heard of before
  std::string script;       // lines typed at the start, as in a script; empty = none
  std::string traces;       // folder for TRSOURCE; empty = there is none
  bool nat = false;         // LAN1 of SYSTEM is there from the start, with a NAT uplink
  bool until_idle = false;  // ends when the last guest has gone
};

struct CommandOptions {
  std::string socket;
  std::string command;
};

ExitCode serve(const ServeOptions& options);
ExitCode send_command(const CommandOptions& options);

}  // namespace vmlan::apps
