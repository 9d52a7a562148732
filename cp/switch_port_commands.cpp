#include "cp/switch_port_commands.h"

#include <algorithm>
#include <bitset>

#include "cp/operands.h"
#include "cp/port_operands.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

using guestlan::PortWishes;
using PortNumbers = std::vector<unsigned>;

Reply complete() { return Reply("Command complete"); }

std::optional<Reply> only_portbased(const Request& request, const guestlan::Lan& lan, std::string_view what) {
  if (lan.rules().port_based) return std::nullopt;
  return request.fail(Message::switch_is_userbased, {what, lan.attributes().name});
}

bool fits(const guestlan::Lan& lan, const PortWishes& wishes) {
  return !lan.rules().vlan_aware || guestlan::fits_port_type(*lan.attributes().vswitch, wishes);
}

// Of what the directory says, a NIC that is there has kept what a command has not named yet.
bool fits_too(const guestlan::Lan& lan, const guestlan::Nic& nic, const PortWishes& named,
              const PortWishes& wishes) {
  return fits(lan, guestlan::combined(guestlan::without(nic.directory(), named), wishes));
}

Reply no_such_port(const Request& request, const guestlan::Lan& lan, unsigned number) {
  return request.fail(Message::no_such_port, {std::to_string(number), lan.attributes().name});
}

Reply modify_port(Request& request, guestlan::Lan& lan) {
  const auto number = take_port_number(request);
  if (!number) return *number.error;
  auto* entry = lan.switch_ports().find(number.value);
  if (entry == nullptr) return no_such_port(request, lan, number.value);
  const auto named = take_port_wishes(request, lan);
  if (!named) return *named.error;
  const auto wishes = guestlan::combined(named.value, entry->wishes);
  if (!fits(lan, wishes) || (entry->nic != nullptr && !fits_too(lan, *entry->nic, named.value, wishes))) {
    return request.fail(Message::conflicting_option, {"VLAN"});
  }
  entry->wishes = wishes;
  lan.port_changed(number.value, named.value);
  return complete();
}

Reply remove_port(Request& request, guestlan::Lan& lan) {
  const auto number = take_port_number(request);
  if (!number) return *number.error;
  if (!request.at_end()) return request.fail_excess();
  return lan.remove_port_number(number.value) ? complete() : no_such_port(request, lan, number.value);
}

// 65 66-70: ports that are there, each once.
Operand<PortNumbers> take_ports(Request& request, guestlan::Lan& lan) {
  if (request.at_end()) return {{}, request.fail(Message::operand_missing)};
  PortNumbers numbers;
  std::bitset<guestlan::SwitchPorts::highest + 1> named;
  while (!request.at_end()) {
    const auto word = request.words.next();
    const auto dash = word.find('-');
    const auto first = parse_port_number(std::string_view(word).substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : parse_port_number(std::string_view(word).substr(dash + 1));
    if (!first || !last || *last < *first) return {{}, request.fail(Message::invalid_operand, {word})};
    for (unsigned number = *first; number <= *last; ++number) {
      if (lan.switch_ports().find(number) == nullptr) return {{}, no_such_port(request, lan, number)};
      if (!named[number]) numbers.push_back(number);
      named.set(number);
    }
  }
  return {numbers, std::nullopt};
}

// With what the directory says of the NIC that is there.
guestlan::VlanSet vlans_now(const guestlan::Lan& lan, const guestlan::SwitchPorts::Entry& entry) {
  const auto wishes = entry.nic == nullptr ? entry.wishes : lan.wishes_of(*entry.nic);
  return guestlan::vlans_of(*lan.attributes().vswitch, wishes);
}

void set_vlans(guestlan::Lan& lan, unsigned number, const guestlan::VlanSet& vlans) {
  PortWishes named;
  named.vlans = vlans;
  named.vlans[guestlan::no_vlan] = vlans.none();
  auto& entry = *lan.switch_ports().find(number);
  entry.wishes = guestlan::combined(named, entry.wishes);
  lan.port_changed(number, named);
}

Reply add_vlan(Request& request, guestlan::Lan& lan, std::uint16_t vlan, const PortNumbers& numbers) {
  auto& ports = lan.switch_ports();
  for (const unsigned number : numbers) {
    const auto& entry = *ports.find(number);
    const auto wishes = entry.nic == nullptr ? entry.wishes : lan.wishes_of(*entry.nic);
    auto vlans = vlans_now(lan, entry);
    vlans.set(vlan);
    if (!guestlan::is_trunk(*lan.attributes().vswitch, wishes) && vlans.count() > 1) {
      return request.fail(Message::port_has_vlan, {std::to_string(number), lan.attributes().name});
    }
  }
  for (const unsigned number : numbers) {
    auto vlans = vlans_now(lan, *ports.find(number));
    set_vlans(lan, number, vlans.set(vlan));
  }
  return complete();
}

Reply remove_vlan(guestlan::Lan& lan, std::uint16_t vlan, const PortNumbers& numbers) {
  for (const unsigned number : numbers) {
    auto vlans = vlans_now(lan, *lan.switch_ports().find(number));
    set_vlans(lan, number, vlans.reset(vlan));
  }
  return complete();
}

Reply remove_vlan_of(Request& request, guestlan::Lan& lan, std::uint16_t vlan, PortNumbers numbers,
                     std::string_view whose) {
  const auto without = [&](unsigned number) {
    return !vlans_now(lan, *lan.switch_ports().find(number))[vlan];
  };
  const auto left = std::remove_if(numbers.begin(), numbers.end(), without);
  const bool all_named = whose.empty();
  if (left == numbers.begin() || (!all_named && left != numbers.end())) {
    return request.fail(Message::vlan_of_no_port,
                        {std::to_string(vlan), all_named ? "the ports" : whose, lan.attributes().name});
  }
  numbers.erase(left, numbers.end());
  return remove_vlan(lan, vlan, numbers);
}

// From every port.
Reply delete_vlan(Request& request, guestlan::Lan& lan, std::uint16_t vlan) {
  if (!request.at_end()) return request.fail_excess();
  PortNumbers numbers;
  for (const auto& [number, entry] : lan.switch_ports().all()) numbers.push_back(number);
  return remove_vlan_of(request, lan, vlan, std::move(numbers), {});
}

}  // namespace

Reply grant_port(Request& request, guestlan::Lan& lan) {
  if (lan.rules().port_based) {
    return request.fail(Message::switch_is_portbased, {"GRANT", lan.attributes().name});
  }
  const auto userid = take_name(request);
  if (!userid) return *userid.error;
  const auto rights = take_port_wishes(request, lan);
  if (!rights) return *rights.error;
  const auto& nics = lan.nics();
  const bool fits_all = std::all_of(nics.begin(), nics.end(), [&](const guestlan::Nic* nic) {
    return nic->settings().owner != userid.value || fits_too(lan, *nic, rights.value, rights.value);
  });
  if (!fits_all || !fits(lan, rights.value)) return request.fail(Message::conflicting_option, {"VLAN"});
  lan.grant(userid.value, rights.value);
  return complete();
}

Reply set_port_number(Request& request, guestlan::Lan& lan) {
  if (auto failed = only_portbased(request, lan, "PORTNUMBER")) return *failed;
  if (request.words.take("MODIFY")) return modify_port(request, lan);
  if (request.words.take("REMOVE")) return remove_port(request, lan);
  const auto number = take_port_number(request);
  if (!number) return *number.error;
  if (!request.words.take("USERid")) return request.fail(Message::operand_missing);
  const auto userid = take_name(request);
  if (!userid) return *userid.error;
  const auto wishes = take_port_wishes(request, lan);
  if (!wishes) return *wishes.error;
  if (!fits(lan, wishes.value)) return request.fail(Message::conflicting_option, {"VLAN"});
  if (lan.switch_ports().find(number.value) != nullptr) {
    return request.fail(Message::port_in_use,
                        {std::to_string(number.value), lan.attributes().owner, lan.attributes().name});
  }
  lan.switch_ports().define(number.value, userid.value, wishes.value);
  return complete();
}

// VLANID vid ADD|REMOVE ports; VLANID vid DELETE, or VLANID DELETE vid.
Reply set_vlan_ports(Request& request, guestlan::Lan& lan) {
  if (auto failed = only_portbased(request, lan, "VLANID")) return *failed;
  if (!lan.rules().vlan_aware) return request.fail(Message::conflicting_option, {"VLANID"});
  const bool deleted = request.words.take("DELETE");
  const auto vlan = take_vlan(request);
  if (!vlan) return *vlan.error;
  if (deleted || request.words.take("DELETE")) return delete_vlan(request, lan, vlan.value);
  const bool add = request.words.take("ADD");
  if (!add && !request.words.take("REMOVE")) return request.fail(Message::operand_missing);
  const auto ports = take_ports(request, lan);
  if (!ports) return *ports.error;
  if (add) return add_vlan(request, lan, vlan.value, ports.value);
  return remove_vlan_of(request, lan, vlan.value, ports.value, "these ports");
}

}  // namespace vmlan::cp
