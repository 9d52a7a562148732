#include "guestlan/switch_rules.h"

namespace vmlan::guestlan {

PortRules rules_for(const SwitchAttributes& attributes, const LanRules& rules, const PortWishes& wishes) {
  PortRules port;
  port.trunk = wishes.trunk.value_or(attributes.trunk_by_default);
  VlanSet vlans = wishes.vlans;
  if (vlans.none() && attributes.default_vlan != 0) vlans.set(attributes.default_vlan);
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

}  // namespace vmlan::guestlan
