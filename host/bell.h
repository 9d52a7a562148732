// A bell for a thread that sleeps over one socket: whoever has something for it rings.
//
// Threads: ring() from any, the rest from the sleeper's. Owns: a descriptor.
#pragma once

#include <chrono>

#include "host/descriptor.h"

namespace vmlan::host {

class Bell {
 public:
  // false and errno: the process may have no more descriptors.
  bool open() noexcept;
  void ring() const noexcept;

  // What the sleeper looks at besides; an empty one is not looked at.
  struct Watched {
    int socket = -1;
    bool to_read = false;
    bool to_write = false;
  };
  // Until it has been rung since the last time, the socket is ready or has ended, or `limit` has passed.
  void wait(Watched watched, std::chrono::milliseconds limit) const noexcept;

 private:
  Descriptor descriptor_;
};

}  // namespace vmlan::host
