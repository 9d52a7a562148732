#include "guestlan/trace_rights.h"

#include <algorithm>

#include "guestlan/nic.h"
#include "guestlan/switch_policy.h"

namespace vmlan::guestlan {

namespace {

// Of the grant, since a NIC of the user's could couple with it, and of each NIC that may listen.
bool hears_vlan(const Lan& lan, std::string_view userid, std::uint16_t vlan) noexcept {
  const auto& vswitch = lan.attributes().vswitch;
  const auto grant = lan.access_list().find(userid);
  if (vswitch && grant != lan.access_list().end() && grant->second.promiscuous == true &&
      vlans_of(*vswitch, grant->second)[vlan]) {
    return true;
  }
  return std::ranges::any_of(lan.nics(), [&](const Nic* nic) {
    const PortRules* rules = nic->port_rules();
    return nic->settings().owner == userid && rules != nullptr && rules->has(vlan) &&
           lan.wishes_of(*nic).promiscuous == true;
  });
}

}  // namespace

bool may_trace(const Lan& lan, std::string_view userid) {
  return lan.attributes().owner == userid || lan.may_listen(userid);
}

bool may_see(const Lan& lan, std::string_view userid, const Port& from, const qdio::Frame& frame) noexcept {
  if (lan.attributes().owner == userid) return true;
  if (!from.is_uplink()) {
    if (from.owner() == userid) return true;
    if (lan.rules().guests_are_apart()) return false;
  }
  if (!lan.rules().vlan_aware) return true;
  const Admission admission = admission_of(lan, from, frame);
  return admission.admitted && hears_vlan(lan, userid, admission.vlan);
}

}  // namespace vmlan::guestlan
