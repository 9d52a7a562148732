#include "guestlan/switch_rules.h"

namespace vmlan::guestlan {

PortWishes combined(const PortWishes& first, const PortWishes& then) {
  PortWishes all = first;
  if (!all.promiscuous) all.promiscuous = then.promiscuous;
  if (!all.trunk) all.trunk = then.trunk;
  if (!all.priority) all.priority = then.priority;
  if (all.vlans.none()) all.vlans = then.vlans;
  return all;
}

PortWishes without(const PortWishes& wishes, const PortWishes& overruled_by) {
  PortWishes left = wishes;
  if (overruled_by.promiscuous) left.promiscuous.reset();
  if (overruled_by.trunk) left.trunk.reset();
  if (overruled_by.priority) left.priority.reset();
  if (overruled_by.vlans.any()) left.vlans.reset();
  return left;
}

bool is_trunk(const SwitchAttributes& attributes, const PortWishes& wishes) {
  return wishes.trunk.value_or(attributes.trunk_by_default);
}

VlanSet vlans_of(const SwitchAttributes& attributes, const PortWishes& wishes) {
  VlanSet vlans = wishes.vlans;
  if (vlans.none() && attributes.default_vlan != 0) vlans.set(attributes.default_vlan);
  vlans.reset(no_vlan);
  return vlans;
}

bool fits_port_type(const SwitchAttributes& attributes, const PortWishes& wishes) {
  return is_trunk(attributes, wishes) || vlans_of(attributes, wishes).count() <= 1;
}

PortRules rules_for(const SwitchAttributes& attributes, const LanRules& rules, const PortWishes& wishes) {
  PortRules port;
  port.trunk = is_trunk(attributes, wishes);
  port.priority = wishes.priority.value_or(UplinkPriority::normal);
  const VlanSet vlans = vlans_of(attributes, wishes);
  if (port.trunk) {
    port.allowed = vlans;
    port.untagged = rules.native;
    return port;
  }
  for (std::uint16_t vlan = lowest_vlan; vlan <= highest_vlan && port.untagged == 0; ++vlan) {
    if (vlans[vlan]) port.untagged = vlan;
  }
  return port;
}

PortRules narrowed(const PortRules& rules, std::uint16_t vlan) noexcept {
  PortRules one;
  one.untagged = rules.has(vlan) ? vlan : no_vlan;
  one.priority = rules.priority;
  return one;
}

}  // namespace vmlan::guestlan
