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

constexpr std::uint32_t highest_macid = 0xffffff;

wire::MacAddress make_mac(std::uint32_t prefix, std::uint32_t macid) noexcept {
  const std::uint64_t value = std::uint64_t{prefix} << 24U | macid;
  wire::MacAddress mac;
  for (unsigned index = 0; index < 6; ++index) {
    mac.bytes[index] = static_cast<std::uint8_t>(value >> (40U - 8U * index));
  }
  return mac;
}

}  // namespace

LanRegistry::CreateResult LanRegistry::create(LanAttributes attributes) {
  if (const Lan* present = find(attributes.owner, attributes.name)) {
    return same_kind(present->attributes(), attributes) ? CreateResult::exists
                                                        : CreateResult::exists_with_other_attributes;
  }
  const bool persistent = attributes.persistent();
  const auto limit = persistent ? limits.persistent : limits.transient;
  if (limit && count(persistent) >= *limit) return CreateResult::limit_reached;
  const Key key{attributes.owner, attributes.name};
  lans_.emplace(key, std::make_unique<Lan>(std::move(attributes)));
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

wire::MacAddress LanRegistry::assign_mac() {
  const std::uint32_t macid = next_macid_;
  next_macid_ = macid == highest_macid ? 1 : macid + 1;
  return make_mac(mac_prefix, macid);
}

wire::MacAddress LanRegistry::mac_with_id(std::uint32_t macid) const noexcept {
  return make_mac(user_prefix, macid & highest_macid);
}

unsigned LanRegistry::count(bool persistent) const {
  return static_cast<unsigned>(std::count_if(lans_.begin(), lans_.end(), [&](const auto& entry) {
    return entry.second->attributes().persistent() == persistent;
  }));
}

}  // namespace vmlan::guestlan
