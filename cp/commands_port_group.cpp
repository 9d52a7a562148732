// SET PORT GROUP, QUERY PORT GROUP. Source: CP Commands; of its displays the shape is assumed. INTERVAL, by
// which z/VM spreads conversations anew, is refused by name: here a flow stays where it is.
#include <fmt/format.h>

#include <algorithm>

#include "cp/commands.h"
#include "cp/display.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

Operand<PortGroup*> take_group(Request& request) {
  const auto name = take_name(request);
  if (!name) return {nullptr, name.error};
  auto* group = request.system.port_groups.find(name.value);
  if (group == nullptr) return {nullptr, request.fail(Message::no_such_group, {name.value})};
  return {group, std::nullopt};
}

// nothing: it may join.
std::optional<Reply> refuse_member(Request& request, const guestlan::Uplink& uplink) {
  const auto device = to_string(uplink.device_number());
  if (const auto* lan = uplink.lan(); lan != nullptr) {
    return request.fail(Message::uplink_in_use, {device, lan->attributes().owner, lan->attributes().name});
  }
  if (const auto* group = request.system.port_groups.of(uplink); group != nullptr) {
    return request.fail(Message::uplink_in_group, {device, group->name});
  }
  // A NAT hears of no partner, and two of them are not one.
  const auto& all = request.system.uplinks.all();
  if (all.at(uplink.device_number()).definition.kind == UplinkDefinition::Kind::nat)
    return request.fail(Message::not_supported, {"NAT IN A GROUP"});
  return std::nullopt;
}

Reply join_group(Request& request, const std::string& name) {
  const auto uplinks = take_some_rdevs(request, PortGroups::most_of_a_group);
  if (!uplinks) return *uplinks.error;
  if (!request.at_end()) return request.fail_excess();
  for (const auto* uplink : uplinks.value) {
    if (auto refused = refuse_member(request, *uplink)) return *refused;
  }
  auto& groups = request.system.port_groups;
  auto* group = groups.find(name);
  const std::size_t size = group == nullptr ? 0 : group->size;
  if (size + uplinks.value.size() > PortGroups::most_of_a_group ||
      (group == nullptr && groups.all().size() >= PortGroups::most)) {
    return request.fail(Message::group_limit, {name});
  }
  if (group == nullptr) {
    const auto mac = request.system.vmlan.macs.give_station();
    if (mac) group = groups.create(name, uplinks.value.front()->device_number(), *mac);
    if (group == nullptr) return request.fail(Message::group_limit, {name});
  }
  for (auto* uplink : uplinks.value) groups.join(*group, *uplink);
  return Reply("Command complete");
}

Reply leave_group(Request& request, const std::string& name) {
  auto* group = request.system.port_groups.find(name);
  if (group == nullptr) return request.fail(Message::no_such_group, {name});
  const auto uplinks = take_some_rdevs(request, PortGroups::most_of_a_group);
  if (!uplinks) return *uplinks.error;
  if (!request.at_end()) return request.fail_excess();
  for (const auto* uplink : uplinks.value) {
    if (request.system.port_groups.of(*uplink) != group) {
      return request.fail(Message::not_in_group, {to_string(uplink->device_number()), name});
    }
  }
  for (auto* uplink : uplinks.value) leave_port_group(request.system, *uplink);
  return Reply("Command complete");
}

Reply delete_group(Request& request, const std::string& name) {
  auto* group = request.system.port_groups.find(name);
  if (group == nullptr) return request.fail(Message::no_such_group, {name});
  if (!request.at_end()) return request.fail_excess();
  if (const auto* lan = group->uplink->lan(); lan != nullptr) {
    return request.fail(Message::group_in_use, {name, lan->attributes().owner, lan->attributes().name});
  }
  for (const auto& view : group->members->views()) {
    leave_port_group(request.system, *request.system.uplinks.find(view.uplink->device_number()));
  }
  return Reply("Command complete");
}

Reply set_group_lacp(Request& request, const std::string& name) {
  auto* group = request.system.port_groups.find(name);
  if (group == nullptr) return request.fail(Message::no_such_group, {name});
  const bool active = request.words.take("ACTIVE");
  if (!active && !request.words.take("INACTIVE")) return request.fail(Message::operand_missing);
  if (!request.at_end()) return request.fail_excess();
  request.system.port_groups.set_lacp(*group, active);
  return Reply("Command complete");
}

void append_group(std::vector<std::string>& lines, const PortGroup& group, bool details) {
  lines.push_back(fmt::format("Group: {:<13}{:<14}LACP Mode: {}", group.name,
                              group.uplink->active() ? "Active" : "Inactive",
                              group.lacp ? "Active" : "Inactive"));
  const auto* lan = group.uplink->lan();
  lines.push_back(
      fmt::format("  {:<28}Interval: OFF", lan == nullptr ? "No connection" : kind_and_name(*lan)));
  lines.emplace_back("    Device    Status                   Frames out   Frames in");
  for (const auto& view : group.members->views()) {
    lines.push_back(fmt::format("    {}.P00  {:<24} {:>10}  {:>10}", to_string(view.uplink->device_number()),
                                view.state, view.sent, view.received));
  }
  if (!details) return;
  for (const auto& line : group.uplink->details()) lines.push_back("    " + printable(line));
}

}  // namespace

void leave_port_group(System& system, guestlan::Uplink& uplink) {
  const auto left = system.port_groups.leave(uplink);
  if (left.ended) system.vmlan.macs.release_station(left.mac);
}

Reply set_port(Request& request) {
  if (!request.words.take("GROup")) return request.fail(Message::operand_missing);
  const auto name = take_name(request);
  if (!name) return *name.error;
  if (request.words.take("JOIN")) return join_group(request, name.value);
  if (request.words.take("LEAVE")) return leave_group(request, name.value);
  if (request.words.take("DELete")) return delete_group(request, name.value);
  if (request.words.take("LACP")) return set_group_lacp(request, name.value);
  if (request.words.take("INTerval")) return request.fail(Message::not_supported, {"INTERVAL"});
  if (request.at_end()) return request.fail(Message::operand_missing);
  return request.fail(Message::invalid_option, {request.words.next()});
}

Reply query_port(Request& request) {
  if (!request.words.take("GROup")) return request.fail(Message::operand_missing);
  const PortGroup* only = nullptr;
  const auto first = request.words.peek();
  if (!first.empty() && !matches(first, "DETails") && !request.words.take("ALL")) {
    const auto group = take_group(request);
    if (!group) return *group.error;
    only = group.value;
  }
  const bool details = request.words.take("DETails");
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  for (const auto& [name, group] : request.system.port_groups.all()) {
    if (only == nullptr || only == &group) append_group(reply.lines, group, details);
  }
  return reply.lines.empty() ? request.fail(Message::no_group) : reply;
}

}  // namespace vmlan::cp
