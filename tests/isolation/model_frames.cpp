// The model's answer for one frame.
#include "tests/isolation/model.h"

namespace vmlan::isolation {

// Nothing: it may not be sent. 0: the switch knows no VLANs.
std::optional<unsigned> Model::vlan_of(const Sent& frame) const {
  if (!rules.aware) return 0;
  const unsigned tag = frame.tagged ? frame.vlan : 0;
  if (frame.from == outside) {
    const unsigned vlan = tag != 0 ? tag : rules.native;
    return vlan == 0 ? std::nullopt : std::optional(vlan);
  }
  const Guest& guest = all[frame.from];
  if (!guest.port_trunk) {
    if (tag != 0 || guest.port_vlans.empty()) return std::nullopt;
    return *guest.port_vlans.begin();
  }
  const unsigned vlan = tag != 0 ? tag : rules.native;
  return guest.port_vlans.contains(vlan) ? std::optional(vlan) : std::nullopt;
}

Model::Way Model::way(const Sent& frame) const {
  if (!rules.ethernet) return way_of_packet(frame);
  Way found;
  const bool out = active(outside) && frame.from != outside;
  const auto owner = frame.broadcast || frame.group ? std::nullopt : whose(frame.to);
  found.nobody = frame.broadcast || frame.group ? "no receiver" : "unknown address";
  if (owner == frame.from) found.nobody = "own address";
  for (unsigned user = 0; user < guests; ++user) {
    const bool takes = frame.broadcast ? active(user) : all[user].listens || owner == user;
    if (user != frame.from && takes) found.to.insert(user);
  }
  if (out && !owner) found.to.insert(outside);
  found.to_one = (owner && *owner != frame.from) || (!owner && out && !frame.broadcast && !frame.group);
  return found;
}

Model::Way Model::way_of_packet(const Sent& frame) const {
  Way found;
  const bool out = active(outside) && frame.from != outside;
  if (frame.broadcast) {
    found.nobody = "no receiver";
    for (unsigned user = 0; user < guests; ++user) {
      if (user != frame.from && active(user)) found.to.insert(user);
    }
    if (out) found.to.insert(outside);
    return found;
  }
  const auto owner = whose(frame.to);
  if (owner == frame.from) return {false, {}, "own address"};
  if (!owner && !out) return {false, {}, "unknown address"};
  found.to_one = true;
  found.to.insert(owner.value_or(outside));
  for (unsigned user = 0; user < guests; ++user) {
    if (user != frame.from && all[user].listens) found.to.insert(user);
  }
  return found;
}

std::string Model::forbidden(const Sent& frame, unsigned to, unsigned vlan) const {
  if (to == outside) return {};
  if (frame.from != outside && (rules.isolation || rules.vepa)) return "isolated";
  const Guest& guest = all[to];
  if (rules.by_port && !guest.has_port) return "no switch port";
  if (rules.aware && !guest.port_vlans.contains(vlan)) return "VLAN not authorized";
  return {};
}

Arrival Model::form(const Sent& frame, unsigned to, unsigned vlan) const {
  if (!rules.aware) return {frame.tagged, frame.vlan};
  if (to != outside && !all[to].port_trunk) return {};
  return vlan == rules.native ? Arrival{} : Arrival{true, vlan};
}

Expectation Model::expect(const Sent& frame) const {
  Expectation expected;
  if (frame.from != outside) {
    const Guest& guest = all[frame.from];
    if (!guest.coupled) return {{}, {"not coupled"}};
    if (!guest.started) return {{}, {"LAN not started"}};
    const bool honest = rules.ethernet ? frame.source == guest.own
                                       : frame.source == 0 || guest.addresses.contains(frame.source);
    if (rules.protect && !honest) return {{}, {"source address not its own"}};
    if (rules.by_port && !guest.has_port) return {{}, {"no switch port"}};
  }
  const auto vlan = vlan_of(frame);
  if (!vlan) return {{}, {"VLAN not authorized"}};
  Way all_of = way(frame);
  if (all_of.to_one) {
    const auto owner = whose(frame.to);
    const unsigned station = owner.value_or(outside);
    const auto why = forbidden(frame, station, *vlan);
    if (why == "isolated" && rules.vepa && active(outside)) {
      all_of.to = {outside};
    } else if (!why.empty()) {
      return {{}, {why}};
    }
  }
  // What the switch beyond sends back to all is not for the one who has sent it.
  const bool reflected = rules.ethernet && rules.vepa && frame.from == outside && !all_of.to_one;
  for (const unsigned to : all_of.to) {
    if (reflected && whose(frame.source) == to) {
      expected.drops.insert("own address");
      continue;
    }
    const auto why = forbidden(frame, to, *vlan);
    if (why.empty()) {
      expected.arrivals[to] = form(frame, to, *vlan);
    } else {
      expected.drops.insert(why);
    }
  }
  if (expected.drops.empty()) expected.drops.insert(all_of.nobody);
  if (!expected.arrivals.empty()) expected.drops.clear();
  return expected;
}

}  // namespace vmlan::isolation
