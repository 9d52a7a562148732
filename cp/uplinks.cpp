#include "cp/uplinks.h"

#include <cassert>

#include "cp/messages.h"
#include "cp/nic_actions.h"
#include "cp/words.h"

namespace vmlan::cp {
std::string label_of(const guestlan::Uplink& uplink) {
  const auto group = uplink.group_name();
  return group.empty() ? to_string(uplink.device_number()) + ".P00" : "GROUP " + group;
}

guestlan::Uplink* Uplinks::find(arch::DeviceNumber device) const {
  const auto found = entries_.find(device);
  return found == entries_.end() ? nullptr : found->second.device.uplink.get();
}

PortForwarder* Uplinks::find_forwarder(arch::DeviceNumber device) const {
  const auto found = entries_.find(device);
  return found == entries_.end() ? nullptr : found->second.device.forwarder.get();
}

std::string Uplinks::define(const UplinkDefinition& definition, const wire::MacAddress& mac) {
  assert(find(definition.device) == nullptr);
  if (!maker_) return "this system has no way out";
  auto made = maker_(definition, mac, [this](guestlan::Uplink& uplink) { changed(uplink); });
  if (auto* trouble = std::get_if<std::string>(&made)) return std::move(*trouble);
  entries_.emplace(definition.device, Entry{definition, std::get<0>(std::move(made))});
  return {};
}

void Uplinks::detach(arch::DeviceNumber device) {
  const auto found = entries_.find(device);
  if (found == entries_.end()) return;
  auto& uplink = *found->second.device.uplink;
  guestlan::Lan* lan = uplink.lan();
  uplink.leave();
  entries_.erase(found);
  if (lan != nullptr) choose(*lan);
}

void Uplinks::serve(guestlan::Lan& lan, const std::vector<guestlan::Uplink*>& uplinks) {
  while (!lan.attached().empty()) lan.attached().back()->leave();
  for (guestlan::Uplink* uplink : uplinks) uplink->join(lan);
  choose(lan);
}

void Uplinks::choose(guestlan::Lan& lan) {
  const guestlan::Port* before = lan.uplink();
  guestlan::Uplink* chosen = nullptr;
  for (guestlan::Port* port : lan.attached()) {
    auto& uplink = static_cast<guestlan::Uplink&>(*port);
    const bool first_ready = chosen == nullptr && uplink.state() == guestlan::Uplink::State::ready;
    if (first_ready) chosen = &uplink;
  }
  for (guestlan::Port* port : lan.attached()) {
    static_cast<guestlan::Uplink&>(*port).carry(port == chosen);
  }
  if (chosen == before && chosen != nullptr) return;
  const auto name = kind_and_name(lan);
  if (chosen != nullptr) {
    tell_(format(Message::uplink_status, "SWU", {name, "ready"}));
    tell_(format(Message::uplink_device, "SWU", {label_of(*chosen), name}));
  } else if (!lan.attached().empty()) {
    tell_(format(Message::uplink_not_active, "SWU", {name}));
  }
}

void Uplinks::changed(guestlan::Uplink& uplink) {
  if (uplink.lan() == nullptr) return;
  if (uplink.state() != guestlan::Uplink::State::ready) {
    tell_(format(Message::uplink_offline, "SWU", {label_of(uplink), kind_and_name(*uplink.lan())}));
  }
  choose(*uplink.lan());
}

}  // namespace vmlan::cp
