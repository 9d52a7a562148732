// Starts a base for the host's user when a guest comes up and none is running: `vmlan serve --until-idle`,
// which ends by itself after the last guest has gone.
//
// Owns: nothing that lives on; the base is a process of its own, in a session of its own. Threads: one at a
// time.
#pragma once

#include <sys/types.h>

#include <string>

namespace vmlan::hercules {

class BaseStarter {
 public:
  // The socket that a base of this host user listens on.
  static std::string default_path();

  struct Result {
    std::string program;  // what was started
    std::string error;    // why nothing was; empty: something was
  };
  // The program is $VMLAN, or `vmlan` beside this module, or where the package puts it, or on the PATH. Its
  // output goes to system.log beside the socket. Of several that are started at once one stays.
  Result start(const std::string& socket_path);
  // Takes note of a base that has ended: no zombie is left. true: it did so because its script or its
  // directory is wrong, and its log says where.
  bool reap() noexcept;

 private:
  static constexpr int wrong_settings = 2;  // apps/system/exit_code.h: usage
  pid_t process_ = -1;
};

}  // namespace vmlan::hercules
