// What SET LAN and SET VSWITCH change of what both have. Source: CP Commands; marks of certainty in
// docs/DECISIONS.md.
#include <algorithm>
#include <array>

#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

// What is changed at once, when the command has been read to its end.
struct LanChange {
  guestlan::LanAttributes attributes;
  guestlan::LanRules rules;
  std::optional<std::uint32_t> macid;  // of a switch
};

template <bool guestlan::LanRules::*rule>
std::optional<Reply> set_rule(Request& request, LanChange& change) {
  const auto on = take_on_off(request.words);
  if (!on) return request.fail(Message::operand_missing);
  change.rules.*rule = *on;
  return std::nullopt;
}

std::optional<Reply> set_lan_protection(Request& request, LanChange& change) {
  const auto protection = take_mac_protection(request);
  change.rules.mac_protect = protection.value;
  return protection.error;
}

std::optional<Reply> set_timeout(Request& request, LanChange& change) {
  const auto minutes = take_ip_timeout(request);
  change.attributes.ip_timeout = minutes.value;
  return minutes.error;
}

std::optional<Reply> set_accounting(Request& request, LanChange& change) {
  change.attributes.accounting = take_on_off(request.words);
  if (!change.attributes.accounting) return request.fail(Message::operand_missing);
  return std::nullopt;
}

// Who is coupled beyond the new limit stays.
std::optional<Reply> set_maxconn(Request& request, LanChange& change) {
  const auto limit = take_maxconn(request);
  change.attributes.max_connections = limit.value;
  return limit.error;
}

// Who is coupled stays, whatever the access list says.
template <bool restricted>
std::optional<Reply> set_restricted(Request&, LanChange& change) {
  change.attributes.restricted = restricted;
  return std::nullopt;
}

std::optional<Reply> set_controller(Request& request, LanChange& change) {
  auto controllers = take_controllers(request);
  change.attributes.vswitch->controller = std::move(controllers.value);
  return controllers.error;
}

std::optional<Reply> set_queue_storage(Request& request, LanChange& change) {
  const auto megabytes = take_queue_storage(request);
  change.attributes.vswitch->queue_storage = megabytes.value;
  return megabytes.error;
}

std::optional<Reply> set_switch_macid(Request& request, LanChange& change) {
  change.macid = parse_macid(request.words.next());
  if (!change.macid) return request.fail(Message::operand_missing);
  return std::nullopt;
}

template <char const* name>
std::optional<Reply> only_switches_have(Request& request, LanChange&) {
  return request.fail(Message::switch_attribute, {name});
}

constexpr char bridgeport[] = "BRIDGEPORT", controller[] = "CONTROLLER", gvrp[] = "GVRP",
               ivlport[] = "IVLPORT", portname[] = "PORTNAME", prirouter[] = "PRIROUTER",
               queuestorage[] = "QUEUESTORAGE", vlan_word[] = "VLAN", vepa_word[] = "VEPA",
               unrestricted[] = "UNRESTRICTED";

using LanAttribute = KeywordOperand<LanChange>;
constexpr std::array common_attributes{
    LanAttribute{"ISOLation", set_rule<&guestlan::LanRules::isolation>},
    LanAttribute{"MACProtect", set_lan_protection},
    LanAttribute{"IPTimeout", set_timeout},
    LanAttribute{"ACCOUNTing", set_accounting},
};
constexpr std::array lan_attributes{
    LanAttribute{"MAXCONN", set_maxconn},
    LanAttribute{"RESTricted", set_restricted<true>},
    LanAttribute{"UNRESTricted", set_restricted<false>},
    LanAttribute{"CONTRoller", only_switches_have<controller>},
    LanAttribute{"QUEuestorage", only_switches_have<queuestorage>},
    LanAttribute{"VEPA", only_switches_have<vepa_word>},
    LanAttribute{"VLAN", only_switches_have<vlan_word>},
};
constexpr std::array switch_attributes{
    LanAttribute{"VEPA", set_rule<&guestlan::LanRules::vepa>},
    LanAttribute{"CONTRoller", set_controller},
    LanAttribute{"QUEuestorage", set_queue_storage},
    LanAttribute{"MACID", set_switch_macid},
    LanAttribute{"NOGVRP", accept_operand<LanChange>},
    LanAttribute{"NONrouter", accept_operand<LanChange>},
    LanAttribute{"BRIDGEport", refuse_operand<LanChange, bridgeport>},
    LanAttribute{"GVRP", refuse_operand<LanChange, gvrp>},
    LanAttribute{"IVLPort", refuse_operand<LanChange, ivlport>},
    LanAttribute{"PORTname", refuse_operand<LanChange, portname>},
    LanAttribute{"PRIrouter", refuse_operand<LanChange, prirouter>},
    LanAttribute{"UNRESTricted", refuse_operand<LanChange, unrestricted>},
};

template <std::size_t count>
const LanAttribute* find_attribute(const std::array<LanAttribute, count>& rows, std::string_view word) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return matches(word, row.keyword); });
  return found == rows.end() ? nullptr : &*found;
}

const LanAttribute* find_attribute(const guestlan::Lan& lan, std::string_view word) {
  if (const auto* common = find_attribute(common_attributes, word)) return common;
  return lan.attributes().vswitch ? find_attribute(switch_attributes, word)
                                  : find_attribute(lan_attributes, word);
}

std::optional<Reply> give_switch_mac(Request& request, LanChange& change) {
  guestlan::NicSettings station;
  station.mac = change.attributes.vswitch->mac;
  auto& macs = request.system.vmlan.macs;
  macs.release(station);
  const auto answer = macs.give(station, *change.macid);
  if (answer != guestlan::MacPool::Answer::given) {
    macs.reserve(station);
    return mac_refused(macs, answer, *change.macid, request.command->module);
  }
  change.attributes.vswitch->mac = station.mac;
  return std::nullopt;
}

Reply revoke_access(Request& request, guestlan::Lan& lan) {
  const auto userid = take_name(request);
  if (!userid) return *userid.error;
  if (!request.at_end()) return request.fail_excess();
  if (lan.rules().port_based) {
    return request.fail(Message::switch_is_portbased, {"REVOKE", lan.attributes().name});
  }
  if (!lan.revoke(userid.value)) {
    return request.fail(Message::not_on_access_list,
                        {userid.value, lan.attributes().owner, lan.attributes().name});
  }
  return Reply("Command complete");
}

}  // namespace

Reply set_lan_attribute(Request& request, guestlan::Lan& lan) {
  if (request.words.take("REVoke")) return revoke_access(request, lan);
  if (request.at_end()) return request.fail(Message::operand_missing);
  LanChange change{lan.attributes(), lan.rules(), std::nullopt};
  while (!request.at_end()) {
    const auto word = request.words.next();
    const auto* attribute = request.has_class("B") ? find_attribute(lan, word) : nullptr;
    if (attribute == nullptr) return request.fail(Message::invalid_option, {word});
    if (auto failed = attribute->parse(request, change)) return *failed;
  }
  if (change.macid) {
    if (auto failed = give_switch_mac(request, change)) return *failed;
  }
  lan.attributes() = std::move(change.attributes);
  lan.set_rules(change.rules);
  return Reply("Command complete");
}

}  // namespace vmlan::cp
