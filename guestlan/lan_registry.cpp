#include "guestlan/lan_registry.h"

#include <algorithm>

#include "guestlan/nic.h"

namespace vmlan::guestlan {

namespace {

bool same_kind(const LanAttributes& a, const LanAttributes& b) {
  return a.type == b.type && a.transport == b.transport && a.max_frame_size == b.max_frame_size &&
         a.max_connections == b.max_connections && a.restricted == b.restricted &&
         a.accounting == b.accounting && a.vswitch.has_value() == b.vswitch.has_value();
}

}  // namespace

LanRegistry::CreateResult LanRegistry::create(LanAttributes attributes) {
  const bool persistent = attributes.persistent();
  if (!attributes.accounting) attributes.accounting = persistent ? accounting.system : accounting.user;
  if (const Lan* present = find(attributes.owner, attributes.name)) {
    return same_kind(present->attributes(), attributes) ? CreateResult::exists
                                                        : CreateResult::exists_with_other_attributes;
  }
  const auto limit = persistent ? limits.persistent : limits.transient;
  if (limit && count(persistent) >= *limit) return CreateResult::limit_reached;
  if (attributes.vswitch) {
    const auto mac = macs.give_station();
    if (!mac) return CreateResult::no_mac;
    attributes.vswitch->mac = *mac;
  }
  const Key key{attributes.owner, attributes.name};
  const auto& lan = lans_.emplace(key, std::make_unique<Lan>(std::move(attributes))).first->second;
  lan->protect_by_default(mac_protect_);
  return CreateResult::created;
}

Lan* LanRegistry::find(std::string_view owner, std::string_view name) const {
  const auto found = lans_.find(Key{owner, name});
  return found == lans_.end() ? nullptr : found->second.get();
}

bool LanRegistry::destroy(std::string_view owner, std::string_view name) {
  const auto found = lans_.find(Key{owner, name});
  if (found == lans_.end()) return false;
  const auto nics = found->second->nics();
  for (Nic* nic : nics) nic->uncouple();
  if (const auto& vswitch = found->second->attributes().vswitch) macs.release_station(vswitch->mac);
  lans_.erase(found);
  return true;
}

std::vector<Lan*> LanRegistry::all() const {
  std::vector<Lan*> lans;
  for (const auto& [key, lan] : lans_) lans.push_back(lan.get());
  return lans;
}

bool LanRegistry::nic_left(Lan& lan) {
  const bool only_while_used =
      lan.attributes().made_by_guest && !lan.attributes().restricted && lan.attached().empty();
  if (!lan.nics().empty() || !(lan.orphaned || only_while_used)) return false;
  return lans_.erase(Key{lan.attributes().owner, lan.attributes().name}) > 0;
}

void LanRegistry::owner_logged_on(std::string_view owner) {
  for (const auto& [key, lan] : lans_) {
    if (key.first == owner) lan->orphaned = false;
  }
}

std::vector<std::string> LanRegistry::owner_logged_off(std::string_view owner) {
  std::vector<std::string> ended;
  for (auto entry = lans_.begin(); entry != lans_.end();) {
    Lan& lan = *entry->second;
    const bool mine = entry->first.first == owner && !lan.attributes().persistent();
    if (mine && lan.nics().empty()) {
      ended.push_back(lan.attributes().name);
      entry = lans_.erase(entry);
      continue;
    }
    if (mine) lan.orphaned = true;
    ++entry;
  }
  return ended;
}

void LanRegistry::set_mac_protect(bool on) {
  mac_protect_ = on;
  for (const auto& [key, lan] : lans_) lan->protect_by_default(on);
}

unsigned LanRegistry::count(bool persistent) const {
  return static_cast<unsigned>(std::count_if(lans_.begin(), lans_.end(), [&](const auto& entry) {
    return entry.second->attributes().persistent() == persistent;
  }));
}

}  // namespace vmlan::guestlan
