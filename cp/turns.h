// Whose turn it is: machines with something to do, in logon order, and those that wait for a time.
//
// A round costs nothing for machines that sleep, however many are logged on. Both queues are binary heaps
// of pointers; an entry knows its place, so that changing a deadline allocates nothing.
//
// Owns: nothing. Threads: the base's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "arch/clock.h"

namespace vmlan::cp {

class VirtualMachine;

// A machine's place in the queues.
struct Turn {
  VirtualMachine* machine = nullptr;
  std::uint64_t sequence = 0;  // logon order
  bool ready = false;
  arch::Time deadline{0};
  std::size_t timer_slot = no_slot;

  static constexpr std::size_t no_slot = ~std::size_t{0};
};

class TurnQueue {
 public:
  // It has something to do. During a round it still gets its turn in that round if its place in the logon
  // order has not passed yet.
  void make_ready(Turn& turn);
  // nothing = no longer waits for a time.
  void set_deadline(Turn& turn, std::optional<arch::Time> deadline);
  // Leaves both queues.
  void remove(Turn& turn);

  // A round: begin_round() makes everybody ready whose time has come; next() hands out each machine's turn
  // once, nullptr at the end.
  void begin_round(arch::Time now);
  Turn* next();
  bool in_round() const noexcept { return in_round_; }

  std::optional<arch::Time> next_deadline() const;

 private:
  void place(std::size_t slot, Turn& turn) noexcept;
  void sift(std::size_t slot) noexcept;
  void erase_timer(Turn& turn) noexcept;

  std::vector<Turn*> this_round_;  // heap, least sequence first
  std::vector<Turn*> next_round_;
  std::vector<Turn*> timers_;  // heap, earliest deadline first, then logon order
  std::uint64_t passed_ = 0;   // sequence of the last turn handed out in this round
  bool in_round_ = false;
};

}  // namespace vmlan::cp
