// The numbered ports of a PORTBASED virtual switch: whose each is, what it may do there, which NIC is on it.
//
// Source: CP Commands, SET VSWITCH PORTNUMBER. Owns: entries, not NICs. Threads: the base's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "guestlan/switch_rules.h"

namespace vmlan::guestlan {

class Nic;

class SwitchPorts {
 public:
  static constexpr unsigned lowest = 1;
  static constexpr unsigned highest = 2048;
  // From here on z/VM numbers ports that nobody has numbered.
  static constexpr unsigned first_unnumbered = 65;

  struct Entry {
    std::string userid;
    PortWishes wishes;
    Nic* nic = nullptr;         // that is on it now
    bool by_directory = false;  // only a NICDEF has named it: it goes with its NIC
  };

  const std::map<unsigned, Entry>& all() const noexcept { return entries_; }
  // nullptr: not defined.
  Entry* find(unsigned number) noexcept;
  const Entry* of(const Nic& nic) const noexcept;
  std::optional<unsigned> number_of(const Nic& nic) const noexcept;
  bool has_port(std::string_view userid) const noexcept;
  // The user's lowest that no NIC is on.
  std::optional<unsigned> free_port_of(std::string_view userid) const noexcept;
  // A number that no port has; nothing: all are taken.
  std::optional<unsigned> unused_number() const noexcept;

  // The number is not defined yet.
  Entry& define(unsigned number, std::string_view userid, const PortWishes& wishes);
  // A NIC on it stays coupled, without a port.
  void remove(unsigned number) { entries_.erase(number); }
  void leave(const Nic& nic);

 private:
  std::map<unsigned, Entry> entries_;
};

}  // namespace vmlan::guestlan
