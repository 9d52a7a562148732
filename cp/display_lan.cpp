// A LAN or virtual switch as QUERY LAN and QUERY VSWITCH show it. Columns: logs of z/VM 6.x and 7.x (see the
// tests); word positions are what Linux' tools for z/VM read.
#include <fmt/format.h>

#include <algorithm>

#include "cp/display.h"
#include "cp/nic_actions.h"
#include "cp/uplinks.h"
#include "cp/words.h"
#include "guestlan/uplink.h"
#include "guestlan/vlan_counters.h"

namespace vmlan::cp {
namespace {

// A switch's name column is two wider.
constexpr std::size_t lan_column = 24;
constexpr std::size_t switch_column = 26;

std::string transport_words(const guestlan::LanAttributes& lan) {
  const bool ethernet = lan.transport == qdio::Transport::ethernet;
  if (lan.type == guestlan::LanType::hipers) {
    return fmt::format("{}MFS: {}", ethernet ? "ETHERNET " : "", lan.max_frame_size);
  }
  return ethernet ? "ETHERNET" : "IP";
}

std::string vlan_or_none(std::uint16_t vlan) { return vlan == 0 ? "NONE" : fmt::format("{:04}", vlan); }

std::string_view uplink_state(const guestlan::Lan& lan) {
  if (lan.attached().empty()) return "Disconnected";
  return lan.uplink() != nullptr ? "Ready" : "Not ready";
}

// A name, which controls nothing; * in the list of them stands for whoever there is, and there is nobody.
std::string_view first_controller(const std::optional<guestlan::SwitchAttributes>& vswitch) {
  if (!vswitch || vswitch->controller == "*") return "NONE";
  return std::string_view(vswitch->controller).substr(0, vswitch->controller.find(' '));
}

void append_uplinks(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  lines.emplace_back(" Uplink Port:");
  const auto& vswitch = lan.attributes().vswitch;
  if (!vswitch) {
    lines.push_back(fmt::format("  State: {}", uplink_state(lan)));
  } else {
    lines.push_back(fmt::format("  State: {:<30}PriQueuing: {}", uplink_state(lan),
                                lan.rules().priority_queuing ? "ON" : "OFF"));
    lines.emplace_back("  PMTUD setting: OFF        PMTUD value: 0        Trace Pages: 0");
  }
  for (const guestlan::Port* port : lan.attached()) {
    const auto& uplink = static_cast<const guestlan::Uplink&>(*port);
    const bool group = !uplink.group_name().empty();
    const auto device = group ? label_of(uplink)
                              : fmt::format("RDEV: {} VDEV: NONE Controller: {:<8}", label_of(uplink),
                                            first_controller(vswitch));
    lines.push_back(
        fmt::format("  {} {}  {}", device, port->active() ? "ACTIVE" : "BACKUP", printable(uplink.name())));
  }
  if (vswitch && lan.attached().empty()) {
    lines.push_back(fmt::format("  Controller: {}", vswitch->controller));
  }
}

void append_switch_rules(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  const auto& vswitch = *lan.attributes().vswitch;
  const auto& rules = lan.rules();
  lines.emplace_back(rules.port_based ? "  PORTBASED LOCAL" : "  USERBASED LOCAL");
  if (!rules.vlan_aware) {
    lines.emplace_back("  VLAN Unaware");
  } else {
    lines.push_back(fmt::format("  VLAN Aware  Default VLAN: {:<7} Default Porttype: {:<6}  GVRP: Disabled",
                                vlan_or_none(vswitch.default_vlan),
                                vswitch.trunk_by_default ? "Trunk" : "Access"));
    lines.push_back(fmt::format("              Native  VLAN: {:<7} VLAN Counters: {}",
                                vlan_or_none(rules.native), lan.vlan_counters() != nullptr ? "ON" : "OFF"));
  }
  lines.push_back(fmt::format("  MAC address: {}    MAC Protection: {}", wire::to_string(vswitch.mac),
                              protection_name(rules.mac_protect)));
  lines.push_back(
      fmt::format("  IPTimeout: {:<10}QueueStorage: {}", lan.attributes().ip_timeout, vswitch.queue_storage));
  lines.push_back(fmt::format("  Isolation Status: {:<10} VEPA Status: {}", rules.isolation ? "ON" : "OFF",
                              rules.vepa ? "ON" : "OFF"));
  if (lan.attributes().transport == qdio::Transport::ip) {
    const auto entries = lan.ip_table().entries();
    const auto addresses = std::count_if(entries.begin(), entries.end(), [](const auto* entry) {
      return entry->type == guestlan::EntryType::unicast;
    });
    lines.push_back(fmt::format("  Unicast IP address count: {}", addresses));
  }
}

}  // namespace

std::string_view protection_name(guestlan::MacProtection protection) {
  switch (protection) {
    case guestlan::MacProtection::unspecified:
      break;
    case guestlan::MacProtection::off:
      return "OFF";
    case guestlan::MacProtection::on:
      return "ON";
  }
  return "Unspecified";
}

void append_switch_counters(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  for (const guestlan::Port* port : lan.attached()) {
    const auto& uplink = static_cast<const guestlan::Uplink&>(*port);
    lines.push_back(fmt::format("  Uplink Port Connection: {}{}", uplink.group_name().empty() ? "RDEV: " : "",
                                label_of(uplink)));
    append_counters(lines, "    ", uplink.since_cleared());
  }
  const auto* vlans = lan.vlan_counters();
  if (vlans == nullptr) return;
  lines.emplace_back("  VLAN Counters:");
  for (std::uint16_t vlan = guestlan::lowest_vlan; vlan <= guestlan::highest_vlan; ++vlan) {
    const auto& count = vlans->of(vlan);
    if (count.rx_packets == 0) continue;
    lines.push_back(fmt::format("    VLAN: {:04}  RX Packets: {:<11}RX Bytes: {}", vlan, count.rx_packets,
                                count.rx_bytes));
    lines.push_back(
        fmt::format("                TX Packets: {:<11}TX Bytes: {}", count.tx_packets, count.tx_bytes));
  }
}

void append_lan(std::vector<std::string>& lines, const guestlan::Lan& lan) {
  const auto& attributes = lan.attributes();
  const auto limit = attributes.max_connections ? std::to_string(*attributes.max_connections) : "INFINITE";
  lines.push_back(fmt::format("{:<{}}Type: {:<8}Connected: {:<5}Maxconn: {}", kind_and_name(lan),
                              attributes.vswitch ? switch_column : lan_column, type_name(attributes.type),
                              lan.nics().size(), limit));
  lines.push_back(
      fmt::format("  {:<12}{:<14}{:<26}Accounting: {}", attributes.persistent() ? "PERSISTENT" : "TRANSIENT",
                  attributes.restricted ? "RESTRICTED" : "UNRESTRICTED", transport_words(attributes),
                  attributes.accounting.value_or(false) ? "ON" : "OFF"));
  if (attributes.vswitch) {
    append_switch_rules(lines, lan);
    return append_uplinks(lines, lan);
  }
  lines.push_back(fmt::format("  IPTimeout: {:<18}MAC Protection: {}", attributes.ip_timeout,
                              protection_name(lan.rules().mac_protect)));
  lines.push_back(fmt::format("  Isolation Status: {}", lan.rules().isolation ? "ON" : "OFF"));
  if (!lan.attached().empty()) append_uplinks(lines, lan);
}

}  // namespace vmlan::cp
