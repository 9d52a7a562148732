// HiperSockets lose nothing while a receiver is merely slow: who waits for whom on the link.
//
// A receiver that owes too much (bytes on their way to it) is full. A sender whose frame went to a full
// receiver is not listened to any more, until the receiver owes half of that, or `patience` is over. Then the
// receiver was waited for in vain: nobody waits for it any more, and what is for it is dropped under a name,
// until it owes half after all.
//
// So one wait is never longer than `patience`, however many wait for each other: a base that does not listen
// to a connection still writes to it, and a receiver's module takes what is written whether or not it can
// write itself, or gives it up after a bounded time of its own. And who takes less than half of `most_owed`
// in `patience` holds nobody up twice.
//
// Owns: notes, no connection. Threads: the base's.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "arch/clock.h"
#include "host/connections.h"

namespace vmlan::apps {

class Congestion {
 public:
  // Several of the longest frames, and some milliseconds of a quick guest's work.
  static constexpr std::size_t most_owed = std::size_t{512} << 10U;
  // More than a module's patience with its guest (hercules/nic_client_base.cpp), which knows better what the
  // guest does. This one is for a module that has stopped.
  static constexpr arch::Time patience = std::chrono::seconds(3);

  using Owed = std::function<std::size_t(host::ConnectionId)>;

  // A frame of `sender` has made `receiver` owe too much.
  void wait_for(host::ConnectionId receiver, host::ConnectionId sender, arch::Time now);
  bool waits(host::ConnectionId sender) const noexcept;
  bool in_vain(host::ConnectionId receiver) const noexcept;
  // Senders that need not wait any more, those who began first in front.
  std::vector<host::ConnectionId> take_released(arch::Time now, const Owed& owed);
  // The connection is gone. Who waited for it is released with the next take_released().
  void forget(host::ConnectionId connection);

 private:
  struct Full {
    arch::Time since{};
    bool in_vain = false;
  };
  struct Wait {
    host::ConnectionId sender = 0;
    host::ConnectionId receiver = 0;
  };

  bool may_go_on(const Wait& wait) const;

  std::map<host::ConnectionId, Full> full_;  // by receiver
  std::vector<Wait> waits_;                  // in the order of their beginning
};

}  // namespace vmlan::apps
