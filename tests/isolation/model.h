// Who may reach whom on a virtual switch, told a second time: from docs/MANUAL.md and docs/DECISIONS.md, with
// nothing of the code that it is held against. It is slow and short: sets, maps, and one question at a time.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace vmlan::isolation {

constexpr unsigned guests = 6;
constexpr unsigned outside = guests;  // the uplink's number among those who send and get
using Vlans = std::set<unsigned>;
using Address = std::uint64_t;  // a MAC address, or an IPv4 address

struct Rights {
  std::optional<bool> listen;
  std::optional<bool> trunk;
  std::optional<Vlans> vlans;  // an empty set: said to be none
};

struct Rules {
  bool ethernet = true;
  bool by_port = false;
  bool aware = false;
  unsigned standard = 0;  // VLAN of ports that are said nothing of; 0: none
  bool trunk = false;     // and their type
  unsigned native = 1;
  bool isolation = false, vepa = false, protect = false;
};

struct Sent {
  unsigned from = 0;
  bool tagged = false;
  unsigned vlan = 0;  // of the tag; 0: a priority only
  Address to = 0;
  Address source = 0;
  bool group = false;      // `to` is a group that nobody has joined
  bool broadcast = false;  // `to` is everybody
};

struct Arrival {
  bool tagged = false;
  unsigned vlan = 0;
};

struct Expectation {
  std::map<unsigned, Arrival> arrivals;
  std::set<std::string> drops;  // why nobody gets it: one of these
};

struct PortEntry {
  unsigned user = 0;
  Rights rights;
  std::optional<unsigned> seated;  // whose NIC is on it
  bool by_directory = false;
};

struct Guest {
  bool logged_on = false, coupled = false, started = false, listens = false;
  Address own = 0;
  std::set<Address> addresses;
  std::optional<Rights> nicdef;  // what the directory says, and
  std::optional<unsigned> nicdef_port;
  Rights directory;  // what of that nobody has overruled since it coupled
  bool has_port = false;
  bool port_trunk = false;
  Vlans port_vlans;
};

class Model {
 public:
  Rules rules;
  std::array<Guest, guests> all;
  std::map<unsigned, Rights> grants;
  std::map<unsigned, PortEntry> ports;
  bool attached = false, ready = true;  // the uplink

  // Each: is it accepted? Then it has happened.
  bool grant(unsigned user, const Rights& rights);
  bool revoke(unsigned user);
  bool couple(unsigned user, std::optional<unsigned> number);
  bool uncouple(unsigned user);
  bool define_port(unsigned number, unsigned user, const Rights& rights);
  bool modify_port(unsigned number, const Rights& rights);
  bool remove_port(unsigned number);
  bool add_vlan(unsigned vlan, const std::set<unsigned>& numbers);
  bool remove_vlan(unsigned vlan, std::set<unsigned> numbers, bool from_all);
  bool listen(unsigned user, bool on);
  bool take(unsigned user, Address address, bool takeover);
  bool give_up(unsigned user, Address address);
  bool start(unsigned user);
  void stop(unsigned user);
  void log_on(unsigned user, Address own);
  void log_off(unsigned user);
  // DETACH and DEFINE.
  void begin(const Rules& fresh);

  Expectation expect(const Sent& frame) const;
  bool active(unsigned port) const {
    return port == outside ? attached && ready : all[port].coupled && all[port].started;
  }

 private:
  Rights wishes(unsigned user) const;
  std::optional<unsigned> port_of(unsigned user) const;
  bool trunk(const Rights& rights) const { return rights.trunk.value_or(rules.trunk); }
  Vlans vlans(const Rights& rights) const;
  bool fits(const Rights& rights) const { return trunk(rights) || vlans(rights).size() <= 1; }
  bool makes_sense(const Rights& rights) const;
  bool suits(unsigned user, const Rights& named, const Rights& rights) const;
  void apply(unsigned user);
  void overrule(unsigned user, const Rights& named);
  std::optional<unsigned> seat(unsigned user, std::optional<unsigned> named);
  void leave(unsigned user);
  void forget(unsigned user);

  std::optional<unsigned> vlan_of(const Sent& frame) const;
  // Where it goes if everybody may do everything: to one, with all who listen, or to many.
  struct Way {
    bool to_one = false;
    std::set<unsigned> to;
    std::string nobody;
  };
  Way way(const Sent& frame) const;
  Way way_of_packet(const Sent& frame) const;
  std::optional<unsigned> whose(Address address) const;
  // Why `to` may not get it.
  std::string forbidden(const Sent& frame, unsigned to, unsigned vlan) const;
  Arrival form(const Sent& frame, unsigned to, unsigned vlan) const;
};

}  // namespace vmlan::isolation
