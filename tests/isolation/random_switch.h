// Random operations on a virtual switch and those who are on it, each told to the model too.
#pragma once

#include <random>

#include "tests/isolation/world.h"

namespace vmlan::isolation {

class RandomSwitch {
 public:
  explicit RandomSwitch(unsigned seed);
  // So many operations, and frames after each; ends with the first failure.
  void run(unsigned operations);

 private:
  static constexpr unsigned vlans = 3;

  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
  bool chance(unsigned one_of) { return pick(one_of) == 0; }
  void same(bool real, bool model, const std::string& what);

  // What people type (random_commands.cpp).
  std::string random_rights(Rights& rights);
  unsigned random_number() { return chance(4) ? 70 : 64 + pick(5); }
  void define(bool again);
  void change_grant();
  void change_port();
  void change_vlan();
  void change_rule();
  void change_uplink();
  void attach_uplink(bool on);

  // What guests do (random_guests.cpp).
  void log_on(unsigned user);
  void log_off_or_on();
  void couple();
  void start(unsigned user);
  void start_or_stop();
  Address random_address(unsigned user);
  void take_address(unsigned user);
  void change_address();
  void listen();
  void one();

  // Frames (random_frames.cpp).
  // As a rule one that makes sense.
  Sent random_frame();
  Address somebodys_address(unsigned other_than);
  void send();
  void check_arrival(const Sent& frame, unsigned port, const Expectation& expected, const std::string& what);
  void check_drop(const guestlan::Counters& counted, const std::set<std::string>& reasons,
                  const std::string& what);

  std::mt19937 random_;
  bool ethernet_;
  World world_;
  Model model_;
  unsigned number_ = 0;
  std::size_t arrived_ = 0;
  std::string done_;
};

}  // namespace vmlan::isolation
