#include "cp/port_groups.h"

#include <algorithm>
#include <cassert>

namespace vmlan::cp {

PortGroup* PortGroups::find(std::string_view name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

PortGroup* PortGroups::of(const guestlan::Uplink& uplink) {
  const auto found = member_of_.find(&uplink);
  if (found != member_of_.end()) return found->second;
  const auto own =
      std::ranges::find_if(groups_, [&](const auto& entry) { return entry.second.uplink.get() == &uplink; });
  return own == groups_.end() ? nullptr : &own->second;
}

PortGroup* PortGroups::create(const std::string& name, arch::DeviceNumber number,
                              const wire::MacAddress& mac) {
  if (!maker_) return nullptr;
  auto made = maker_(name, number, mac, [this](guestlan::Uplink& uplink) { uplinks_.changed(uplink); });
  auto& group = groups_[name];
  group.name = name;
  group.uplink = std::move(made.uplink);
  group.members = std::move(made.members);
  return &group;
}

void PortGroups::join(PortGroup& group, guestlan::Uplink& uplink) {
  assert(uplink.lan() == nullptr && of(uplink) == nullptr);
  group.members->join(uplink);
  member_of_[&uplink] = &group;
  ++group.size;
}

PortGroups::Left PortGroups::leave(guestlan::Uplink& uplink) {
  const auto found = member_of_.find(&uplink);
  if (found == member_of_.end()) return {};
  PortGroup& group = *found->second;
  member_of_.erase(found);
  group.members->leave(uplink);
  if (--group.size > 0) return {};
  const Left left{true, group.uplink->station_mac()};
  guestlan::Lan* lan = group.uplink->lan();
  group.uplink->leave();
  groups_.erase(group.name);
  if (lan != nullptr) uplinks_.choose(*lan);
  return left;
}

void PortGroups::set_lacp(PortGroup& group, bool active) {
  group.lacp = active;
  group.members->set_lacp(active);
}

}  // namespace vmlan::cp
