// Whose ports a virtual switch has and what they may do, as QUERY VSWITCH and QUERY NIC show it. The words
// are those of the commands; the layout is ours.
#include <fmt/format.h>

#include "cp/display.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

using guestlan::PortWishes;

std::string vlan_text(const guestlan::VlanSet& vlans) {
  std::string text;
  for (unsigned vlan = guestlan::lowest_vlan; vlan <= guestlan::highest_vlan; ++vlan) {
    if (!vlans[vlan]) continue;
    const unsigned first = vlan;
    while (vlan < guestlan::highest_vlan && vlans[vlan + 1]) ++vlan;
    text += first == vlan ? fmt::format(" {:04}", vlan) : fmt::format(" {:04}-{:04}", first, vlan);
  }
  return text.empty() ? " NONE" : text;
}

// "Porttype: Trunk  VLAN: 0010 0020-0022", what is not as usual in front.
std::string rights_text(const guestlan::Lan& lan, const PortWishes& wishes) {
  const auto& attributes = *lan.attributes().vswitch;
  std::string text;
  if (wishes.promiscuous == true) text += "Promiscuous ";
  if (wishes.priority == guestlan::UplinkPriority::low) text += "PQUplinkTX: Low ";
  if (wishes.priority == guestlan::UplinkPriority::high) text += "PQUplinkTX: High ";
  if (lan.rules().vlan_aware) {
    text +=
        fmt::format("Porttype: {:<6} VLAN:{}", guestlan::is_trunk(attributes, wishes) ? "Trunk" : "Access",
                    vlan_text(guestlan::vlans_of(attributes, wishes)));
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// But for what its guest does without: VNIC ... vlan n.
PortWishes in_force(const guestlan::Lan& lan, const guestlan::Nic& nic) {
  PortWishes wishes = lan.wishes_of(nic);
  const auto chosen = nic.chosen_vlan();
  if (chosen == 0) return wishes;
  const auto* rules = nic.port_rules();
  wishes.trunk = false;
  wishes.vlans.reset();
  wishes.vlans.set(rules != nullptr && rules->has(chosen) ? chosen : guestlan::no_vlan);
  return wishes;
}

}  // namespace

void append_port_list(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  if (!lan.rules().port_based) {
    lines.emplace_back("  Authorized userids:");
    for (const auto& [userid, grant] : lan.access_list()) {
      lines.push_back(fmt::format("      {:<8} {}", userid, rights_text(lan, grant)));
    }
    return;
  }
  lines.emplace_back("  Ports:");
  for (const auto& [number, entry] : lan.switch_ports().all()) {
    const bool taken = entry.nic != nullptr;
    auto line = fmt::format("      Portnum: {:04}  Userid: {:<8} NIC: {:<5}{}", number, entry.userid,
                            taken ? to_string(entry.nic->settings().base_device) : "NONE",
                            rights_text(lan, taken ? lan.wishes_of(*entry.nic) : entry.wishes));
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
}

void append_port_rights(std::vector<std::string>& lines, std::string_view indent, const guestlan::Nic& nic) {
  const auto* lan = nic.lan();
  if (lan == nullptr || !lan->attributes().vswitch) return;
  std::string text;
  if (lan->rules().port_based) {
    const auto number = lan->switch_ports().number_of(nic);
    if (!number) return lines.push_back(fmt::format("{}Portnum: NONE", indent));
    text = fmt::format("Portnum: {:04}  ", *number);
  }
  text += rights_text(*lan, in_force(*lan, nic));
  text.erase(text.find_last_not_of(' ') + 1);
  if (!text.empty()) lines.push_back(fmt::format("{}{}", indent, text));
}

}  // namespace vmlan::cp
