// Who may be on a LAN or switch, and what a NIC may do there: access list, numbered ports, directory.
#include <algorithm>

#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {

void Lan::grant(std::string_view userid, const Grant& rights) {
  access_list_[std::string(userid)] = rights;
  PortWishes named = rights;
  named.promiscuous = rights.promiscuous.value_or(false);
  for (Nic* nic : nics_) {
    if (nic->settings().owner != userid) continue;
    auto directory = nic->directory();
    if (directory.vlans[no_vlan]) directory.vlans.reset();  // as REVOKE left it
    nic->set_directory(directory);
    overrule_directory(*nic, named);
  }
}

bool Lan::revoke(std::string_view userid) {
  const bool had = may_listen(userid) || access_list_.find(userid) != access_list_.end();
  const bool granted = access_list_.erase(std::string(userid)) != 0;
  for (Nic* nic : nics_) {
    if (nic->settings().owner != userid) continue;
    auto left = without(nic->directory(), {.promiscuous = false});
    if (granted && rules_.vlan_aware && attributes_.vswitch) {
      // The default VLAN is of users whom the switch lets in.
      if (left.vlans.none()) left.vlans.set(no_vlan);
      // Several VLANs of a NICDEF: the grant had made it the TRUNK port that they need.
      if (!fits_port_type(*attributes_.vswitch, left)) left.trunk = true;
    }
    nic->set_directory(left);
    apply_rights(*nic);
  }
  return had;
}

void Lan::overrule_directory(Nic& nic, const PortWishes& named) {
  nic.set_directory(without(nic.directory(), named));
  apply_rights(nic);
}

void Lan::port_changed(unsigned number, const PortWishes& named) {
  const auto* entry = switch_ports_.find(number);
  if (entry != nullptr && entry->nic != nullptr) overrule_directory(*entry->nic, named);
}

bool Lan::remove_port_number(unsigned number) {
  const auto* entry = switch_ports_.find(number);
  if (entry == nullptr) return false;
  Nic* seated = entry->nic;
  switch_ports_.remove(number);
  if (seated != nullptr) apply_rights(*seated);
  return true;
}

bool Lan::authorizes(std::string_view userid) const {
  if (rules_.port_based) return switch_ports_.has_port(userid);
  return !attributes_.restricted || userid == attributes_.owner ||
         access_list_.find(userid) != access_list_.end();
}

PortWishes Lan::wishes_of(const Nic& nic) const {
  if (rules_.port_based) {
    const auto* entry = switch_ports_.of(nic);
    return entry == nullptr ? PortWishes{} : combined(nic.directory(), entry->wishes);
  }
  const auto grant = access_list_.find(nic.settings().owner);
  return grant == access_list_.end() ? nic.directory() : combined(nic.directory(), grant->second);
}

void Lan::apply_rights(Nic& nic) const {
  const PortWishes wishes = wishes_of(nic);
  const auto& vswitch = attributes_.vswitch;
  nic.listen_as(wishes);
  if (!vswitch) return;
  const bool has_port = !rules_.port_based || switch_ports_.of(nic) != nullptr;
  if (!has_port) return nic.set_port_rules(std::nullopt);
  const PortRules all = rules_for(*vswitch, rules_, wishes);
  nic.set_port_rules(nic.chosen_vlan() == 0 ? all : narrowed(all, nic.chosen_vlan()));
}

bool Lan::may_listen(std::string_view userid) const {
  const auto grant = access_list_.find(userid);
  if (grant != access_list_.end() && grant->second.promiscuous == true) return true;
  return std::any_of(nics_.begin(), nics_.end(), [&](const Nic* nic) {
    return nic->settings().owner == userid && wishes_of(*nic).promiscuous == true;
  });
}

}  // namespace vmlan::guestlan
