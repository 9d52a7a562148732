// DEFINE, SET and DETACH VSWITCH. Source: CP Commands; operands that need real OSAs, an ensemble or another
// system are refused by name; marks of certainty in docs/DECISIONS.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cp/commands.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/switch_port_commands.h"
#include "cp/system.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

struct Definition {
  guestlan::LanAttributes lan;
  guestlan::SwitchAttributes attributes;
  guestlan::LanRules rules;
  std::vector<guestlan::Uplink*> uplinks;
  bool porttype_given = false;
};

std::optional<Reply> parse_switch_type(Request& request, Definition&) {
  if (!request.words.take("QDIO"))
    return request.fail(Message::not_supported, {"TYPE " + request.words.next()});
  request.words.take("LOCal");
  return std::nullopt;
}

std::optional<Reply> parse_rdevs(Request& request, Definition& definition) {
  auto uplinks = take_rdevs(request);
  if (!uplinks) return uplinks.error;
  definition.uplinks = std::move(uplinks.value);
  return std::nullopt;
}

std::optional<Reply> parse_switch_uplink(Request& request, Definition& definition) {
  if (request.words.peek() == "PRIQUEUING") return std::nullopt;
  if (!request.words.take("RDEV")) return request.fail(Message::operand_missing);
  if (auto failed = parse_rdevs(request, definition)) return failed;
  request.words.take("CONnect");
  return std::nullopt;
}

std::optional<Reply> parse_priority_queuing(Request& request, Definition& definition) {
  const auto on = take_on_off(request.words);
  if (!on) return request.fail(Message::operand_missing);
  definition.rules.priority_queuing = *on;
  return std::nullopt;
}

std::optional<Reply> parse_ip_timeout(Request& request, Definition& definition) {
  const auto minutes = take_ip_timeout(request);
  if (!minutes) return minutes.error;
  definition.lan.ip_timeout = minutes.value;
  return std::nullopt;
}

std::optional<Reply> parse_no_uplink(Request&, Definition& definition) {
  definition.attributes.no_uplink = true;
  return std::nullopt;
}

std::optional<Reply> parse_queue_storage(Request& request, Definition& definition) {
  const auto megabytes = take_queue_storage(request);
  definition.attributes.queue_storage = megabytes.value;
  return megabytes.error;
}

std::optional<Reply> parse_controller(Request& request, Definition& definition) {
  auto controllers = take_controllers(request);
  definition.attributes.controller = std::move(controllers.value);
  return controllers.error;
}

std::optional<Reply> parse_ip(Request& request, Definition& definition) {
  definition.lan.transport = qdio::Transport::ip;
  if (request.words.take("PRIrouter")) return request.fail(Message::not_supported, {"PRIROUTER"});
  request.words.take("NONrouter");
  return std::nullopt;
}

std::optional<Reply> parse_ethernet(Request& request, Definition& definition) {
  definition.lan.transport = qdio::Transport::ethernet;
  if (request.words.take("NOGroup") || !request.words.take("GROup")) return std::nullopt;
  auto uplinks = take_group_uplink(request);
  if (!uplinks) return uplinks.error;
  definition.uplinks = std::move(uplinks.value);
  return std::nullopt;
}

std::optional<Reply> parse_vlan(Request& request, Definition& definition) {
  definition.rules.vlan_aware = false;
  if (request.words.take("UNAWARE")) return std::nullopt;
  definition.rules.vlan_aware = true;
  if (request.words.take("AWARE")) return std::nullopt;
  const auto vlan = take_vlan(request);
  if (!vlan) return vlan.error;
  definition.attributes.default_vlan = vlan.value;
  return std::nullopt;
}

std::optional<Reply> parse_port_type(Request& request, Definition& definition) {
  const auto trunk = take_port_type(request);
  if (!trunk) return trunk.error;
  definition.attributes.trunk_by_default = trunk.value;
  definition.porttype_given = true;
  return std::nullopt;
}

std::optional<Reply> parse_native(Request& request, Definition& definition) {
  if (request.words.take("NONE")) {
    definition.rules.native = 0;
    return std::nullopt;
  }
  const auto vlan = take_vlan(request);
  if (!vlan) return vlan.error;
  definition.rules.native = vlan.value;
  return std::nullopt;
}

template <bool port>
std::optional<Reply> parse_based(Request&, Definition& definition) {
  definition.rules.port_based = port;
  return std::nullopt;
}

constexpr char bridgeport_word[] = "BRIDGEPORT", gvrp_word[] = "GVRP";

using SwitchOperand = KeywordOperand<Definition>;
constexpr std::array switch_operands{
    SwitchOperand{"TYPE", parse_switch_type},
    SwitchOperand{"UPLINK", parse_switch_uplink},
    SwitchOperand{"NOUPLINK", parse_no_uplink},
    SwitchOperand{"RDEV", parse_rdevs},
    SwitchOperand{"CONnect", accept_operand<Definition>},
    SwitchOperand{"PRIQueuing", parse_priority_queuing},
    SwitchOperand{"QUEuestorage", parse_queue_storage},
    SwitchOperand{"CONTRoller", parse_controller},
    SwitchOperand{"IPTimeout", parse_ip_timeout},
    SwitchOperand{"IP", parse_ip},
    SwitchOperand{"ETHernet", parse_ethernet},
    SwitchOperand{"VLAN", parse_vlan},
    SwitchOperand{"PORTType", parse_port_type},
    SwitchOperand{"NATive", parse_native},
    SwitchOperand{"USERBASED", parse_based<false>},
    SwitchOperand{"PORTBASED", parse_based<true>},
    SwitchOperand{"NOGVRP", accept_operand<Definition>},
    SwitchOperand{"BRIDGEport", refuse_operand<Definition, bridgeport_word>},
    SwitchOperand{"GVRP", refuse_operand<Definition, gvrp_word>},
};

std::optional<Reply> parse_definition(Request& request, Definition& definition) {
  if (auto failed = parse_operands(request, definition, switch_operands)) return failed;
  if (definition.porttype_given && !definition.rules.vlan_aware) {
    return request.fail(Message::conflicting_option, {"PORTTYPE"});
  }
  return std::nullopt;
}

Operand<guestlan::Lan*> take_switch(Request& request) {
  const auto name = take_name(request);
  if (!name) return {nullptr, name.error};
  auto* lan = request.system.vmlan.find(system_userid, name.value);
  if (lan == nullptr || !lan->attributes().vswitch) {
    return {nullptr, request.fail(Message::vswitch_does_not_exist, {name.value})};
  }
  return {lan, std::nullopt};
}

Operand<bool> take_last_on_off(Request& request) {
  const auto on = take_on_off(request.words);
  if (!on) return {false, request.fail(Message::operand_missing)};
  if (!request.at_end()) return {false, request.fail_excess()};
  return {*on, std::nullopt};
}

Reply set_priority_queuing(Request& request, guestlan::Lan& lan) {
  const auto on = take_last_on_off(request);
  if (!on) return *on.error;
  auto rules = lan.rules();
  rules.priority_queuing = on.value;
  lan.set_rules(rules);
  return Reply("Command complete");
}

Reply set_vlan_counters(Request& request, guestlan::Lan& lan) {
  if (!lan.rules().vlan_aware) return request.fail(Message::conflicting_option, {"VLAN_COUNTERS"});
  const auto on = take_last_on_off(request);
  if (!on) return *on.error;
  lan.count_vlans(on.value);
  return Reply("Command complete");
}

// CLEAR alone is of the uplink port (assumed: it stands first in the syntax).
Reply clear_counters(Request& request, guestlan::Lan& lan) {
  if (!request.words.take("CLEAR")) return request.fail(Message::operand_missing);
  const bool all = request.words.take("ALL");
  if (!all) request.words.take("UPLINK");
  auto part = guestlan::CounterPart::all;
  if (request.words.take("DATA")) {
    part = guestlan::CounterPart::data;
  } else if (request.words.take("DISCARDed")) {
    part = guestlan::CounterPart::discarded;
  } else if (request.words.take("ERRORs")) {
    part = guestlan::CounterPart::errors;
  }
  if (!request.at_end()) {
    return request.fail(Message::not_supported, {"COUNTERS CLEAR " + request.words.next()});
  }
  lan.clear_uplink_counters(part);
  if (all) lan.clear_counters(part);
  return Reply("Command complete");
}

}  // namespace

Reply define_vswitch(Request& request) {
  Definition definition;
  const auto name = take_name(request);
  if (!name) return *name.error;
  definition.lan.name = name.value;
  definition.lan.owner = system_userid;
  definition.lan.restricted = true;
  if (auto failed = parse_definition(request, definition)) return *failed;
  definition.lan.vswitch = definition.attributes;
  using Result = guestlan::LanRegistry::CreateResult;
  switch (request.system.vmlan.create(definition.lan)) {
    case Result::created:
      break;
    case Result::limit_reached:
      return request.fail(Message::lan_limit, {definition.lan.owner, definition.lan.name, "PERSISTENT"});
    case Result::no_mac:
      return request.fail(Message::no_macid_free);
    case Result::exists:
    case Result::exists_with_other_attributes:
      return request.fail(Message::lan_exists, {definition.lan.owner, definition.lan.name});
  }
  auto& lan = *request.system.vmlan.find(definition.lan.owner, definition.lan.name);
  lan.set_rules(definition.rules);
  if (!definition.uplinks.empty()) {
    const Reply served = serve_lan(request, lan, definition.uplinks);
    if (served.code != 0) {
      request.system.vmlan.destroy(definition.lan.owner, definition.lan.name);
      return served;
    }
  }
  return Reply(fmt::format("VSWITCH SYSTEM {} is created", definition.lan.name));
}

Reply detach_vswitch(Request& request) {
  const auto lan = take_switch(request);
  if (!lan) return *lan.error;
  if (!request.at_end()) return request.fail_excess();
  return destroy_lan(request.system, request.issuer, *lan.value);
}

Reply set_vswitch(Request& request) {
  const auto lan = take_switch(request);
  if (!lan) return *lan.error;
  if (request.words.take("GRAnt")) return grant_port(request, *lan.value);
  if (request.words.take("PORTNUMber")) return set_port_number(request, *lan.value);
  if (request.words.take("VLANID")) return set_vlan_ports(request, *lan.value);
  if (request.words.take("VLAN_counters")) return set_vlan_counters(request, *lan.value);
  if (request.words.take("COUNTERS")) return clear_counters(request, *lan.value);
  if (request.words.take("UPLINK")) {
    if (request.words.take("PRIQueuing")) return set_priority_queuing(request, *lan.value);
    return set_uplink(request, *lan.value);
  }
  return set_lan_attribute(request, *lan.value);
}

}  // namespace vmlan::cp
