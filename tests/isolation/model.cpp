#include "tests/isolation/model.h"

#include <algorithm>

namespace vmlan::isolation {
namespace {

Rights first_then(const Rights& first, const Rights& then) {
  return {first.listen ? first.listen : then.listen, first.trunk ? first.trunk : then.trunk,
          first.vlans ? first.vlans : then.vlans};
}

}  // namespace

// --- Rights -------------------------------------------------------------------------------------------

std::optional<unsigned> Model::port_of(unsigned user) const {
  for (const auto& [number, entry] : ports) {
    if (entry.seated == user) return number;
  }
  return std::nullopt;
}

Rights Model::wishes(unsigned user) const {
  const Rights& directory = all[user].directory;
  if (rules.by_port) {
    const auto number = port_of(user);
    return number ? first_then(directory, ports.at(*number).rights) : Rights{};
  }
  const auto found = grants.find(user);
  return found == grants.end() ? directory : first_then(directory, found->second);
}

Vlans Model::vlans(const Rights& rights) const {
  if (rights.vlans) return *rights.vlans;
  return rules.standard == 0 ? Vlans{} : Vlans{rules.standard};
}

bool Model::makes_sense(const Rights& rights) const {
  return rules.aware ? fits(rights) : !rights.trunk && !rights.vlans;
}

// With what its directory says of what `named` does not.
bool Model::suits(unsigned user, const Rights& named, const Rights& rights) const {
  if (!rules.aware || !all[user].coupled) return true;
  Rights left = all[user].directory;
  if (named.trunk) left.trunk.reset();
  if (named.vlans) left.vlans.reset();
  return fits(first_then(left, rights));
}

void Model::apply(unsigned user) {
  Guest& guest = all[user];
  const Rights rights = wishes(user);
  if (rights.listen != true) guest.listens = false;
  guest.has_port = !rules.by_port || port_of(user);
  guest.port_trunk = trunk(rights);
  guest.port_vlans = guest.has_port ? vlans(rights) : Vlans{};
  // An ACCESS port has one, whatever two sources say together.
  if (!guest.port_trunk && guest.port_vlans.size() > 1) guest.port_vlans = {*guest.port_vlans.begin()};
}

void Model::overrule(unsigned user, const Rights& named) {
  Rights& directory = all[user].directory;
  if (named.listen) directory.listen.reset();
  if (named.trunk) directory.trunk.reset();
  if (named.vlans) directory.vlans.reset();
}

bool Model::grant(unsigned user, const Rights& rights) {
  if (rules.by_port || !makes_sense(rights)) return false;
  if (!suits(user, rights, rights)) return false;
  grants[user] = rights;
  if (!all[user].coupled) return true;
  Rights named = rights;
  named.listen = rights.listen.value_or(false);
  auto& left = all[user].directory.vlans;
  if (left && left->empty()) left.reset();
  overrule(user, named);
  apply(user);
  return true;
}

// Nobody is uncoupled, but only the VLANs of a NICDEF stay; who listens does so no more.
bool Model::revoke(unsigned user) {
  if (rules.by_port) return false;
  const bool had = grants.contains(user) || (all[user].coupled && wishes(user).listen == true);
  const bool granted = grants.erase(user) != 0;
  Guest& guest = all[user];
  guest.directory.listen.reset();
  guest.listens = false;
  if (!granted || !guest.coupled) return had;
  if (rules.aware && !guest.directory.vlans) guest.directory.vlans = Vlans{};
  if (rules.aware && !fits(guest.directory)) guest.directory.trunk = true;
  apply(user);
  return had;
}

// --- Coming and going ---------------------------------------------------------------------------------

std::optional<unsigned> Model::seat(unsigned user, std::optional<unsigned> named) {
  const Guest& guest = all[user];
  unsigned number = named.value_or(guest.nicdef_port.value_or(0));
  bool may_define = number != 0 && guest.nicdef && guest.nicdef_port == number;
  if (number == 0) {
    may_define = guest.nicdef.has_value();
    for (const auto& [candidate, entry] : ports) {
      if (entry.user == user && !entry.seated && number == 0) number = candidate;
    }
    if (number == 0 && !may_define) return std::nullopt;
    if (number == 0) {
      number = 65;
      while (ports.contains(number)) ++number;
    }
  }
  const auto found = ports.find(number);
  if (found == ports.end() && !may_define) return std::nullopt;
  if (found != ports.end() && (found->second.user != user || found->second.seated)) return std::nullopt;
  if (found == ports.end()) ports[number] = {user, {}, {}, true};
  ports[number].seated = user;
  return number;
}

bool Model::couple(unsigned user, std::optional<unsigned> named) {
  Guest& guest = all[user];
  if (!guest.logged_on || guest.coupled) return false;
  if ((named || guest.nicdef_port) && !rules.by_port) return false;
  if (guest.nicdef && !rules.aware && (guest.nicdef->trunk || guest.nicdef->vlans)) return false;
  if (rules.by_port && !seat(user, named)) return false;
  guest.directory = guest.nicdef.value_or(Rights{});
  const bool may = rules.by_port || guest.nicdef || grants.contains(user);
  if (!may || (rules.aware && !fits(wishes(user)))) {
    leave(user);
    return false;
  }
  guest.coupled = true;
  forget(user);
  apply(user);
  return true;
}

void Model::forget(unsigned user) {
  all[user].addresses.clear();
  all[user].listens = false;
}

void Model::leave(unsigned user) {
  if (const auto number = port_of(user)) {
    ports[*number].seated.reset();
    if (ports[*number].by_directory) ports.erase(*number);
  }
  all[user].directory = {};
}

bool Model::uncouple(unsigned user) {
  if (!all[user].logged_on || !all[user].coupled) return false;
  leave(user);
  forget(user);
  all[user].coupled = false;
  return true;
}

void Model::log_on(unsigned user, Address own) {
  Guest& guest = all[user];
  guest.logged_on = true;
  guest.started = false;
  guest.own = own;
  if (guest.nicdef) couple(user, std::nullopt);
}

void Model::log_off(unsigned user) {
  uncouple(user);
  all[user].logged_on = false;
  all[user].started = false;
}

void Model::begin(const Rules& fresh) {
  for (unsigned user = 0; user < guests; ++user) uncouple(user);
  rules = fresh;
  grants.clear();
  ports.clear();
  attached = false;
}

// --- Numbered ports -----------------------------------------------------------------------------------

bool Model::define_port(unsigned number, unsigned user, const Rights& rights) {
  if (!rules.by_port || !makes_sense(rights) || ports.contains(number)) return false;
  ports[number] = {user, rights, {}, false};
  return true;
}

bool Model::modify_port(unsigned number, const Rights& rights) {
  if (!rules.by_port || !ports.contains(number)) return false;
  if (!rules.aware && (rights.trunk || rights.vlans)) return false;
  PortEntry& entry = ports[number];
  const Rights now = first_then(rights, entry.rights);
  if (rules.aware && !fits(now)) return false;
  if (entry.seated && !suits(*entry.seated, rights, now)) return false;
  entry.rights = now;
  if (!entry.seated) return true;
  overrule(*entry.seated, rights);
  apply(*entry.seated);
  return true;
}

bool Model::remove_port(unsigned number) {
  if (!rules.by_port || !ports.contains(number)) return false;
  const auto seated = ports[number].seated;
  ports.erase(number);
  if (seated) apply(*seated);
  return true;
}

bool Model::add_vlan(unsigned vlan, const std::set<unsigned>& numbers) {
  if (!rules.by_port || !rules.aware) return false;
  std::map<unsigned, Vlans> now;
  for (const unsigned number : numbers) {
    if (!ports.contains(number)) return false;
    const PortEntry& entry = ports[number];
    const Rights rights = entry.seated ? wishes(*entry.seated) : entry.rights;
    now[number] = vlans(rights);
    now[number].insert(vlan);
    if (!trunk(rights) && now[number].size() > 1) return false;
  }
  for (const auto& [number, set] : now) {
    ports[number].rights.vlans = set;
    if (const auto seated = ports[number].seated) {
      overrule(*seated, {{}, {}, set});
      apply(*seated);
    }
  }
  return true;
}

bool Model::remove_vlan(unsigned vlan, std::set<unsigned> numbers, bool from_all) {
  if (!rules.by_port || !rules.aware) return false;
  if (from_all) numbers.clear();
  for (const auto& [number, entry] : ports) {
    if (from_all) numbers.insert(number);
  }
  std::map<unsigned, Vlans> now;
  for (const unsigned number : numbers) {
    if (!ports.contains(number)) return false;
    const PortEntry& entry = ports[number];
    Vlans set = vlans(entry.seated ? wishes(*entry.seated) : entry.rights);
    if (set.erase(vlan) > 0) now[number] = set;
  }
  if (now.empty() || (!from_all && now.size() != numbers.size())) return false;
  for (const auto& [number, set] : now) {
    ports[number].rights.vlans = set;
    if (const auto seated = ports[number].seated) {
      overrule(*seated, {{}, {}, set});
      apply(*seated);
    }
  }
  return true;
}

// --- What drivers do ----------------------------------------------------------------------------------

bool Model::listen(unsigned user, bool on) {
  if (on && (!active(user) || wishes(user).listen != true)) return false;
  all[user].listens = on;
  return true;
}

std::optional<unsigned> Model::whose(Address address) const {
  for (unsigned user = 0; user < guests; ++user) {
    if (all[user].addresses.contains(address)) return user;
  }
  return std::nullopt;
}

bool Model::take(unsigned user, Address address, bool takeover) {
  if (!active(user)) return false;
  const auto owner = whose(address);
  if (owner == user) return false;
  if (rules.ethernet && rules.protect && address != all[user].own) return false;
  if (owner && (rules.ethernet || !takeover)) return false;
  if (owner) all[*owner].addresses.erase(address);
  all[user].addresses.insert(address);
  return true;
}

bool Model::give_up(unsigned user, Address address) { return all[user].addresses.erase(address) > 0; }

bool Model::start(unsigned user) {
  if (!all[user].coupled) return false;
  all[user].started = true;
  return true;
}

void Model::stop(unsigned user) {
  forget(user);
  all[user].started = false;
}

}  // namespace vmlan::isolation
