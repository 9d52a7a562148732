#include "cp/display.h"

#include <fmt/format.h>

#include <algorithm>

#include "cp/words.h"

namespace vmlan::cp {
namespace {

constexpr std::string_view list_indent = "        ";
constexpr std::string_view entry_indent = "          ";

// z/VM numbers the virtual ports of a user-based LAN from 65, in the order the adapters came ("assumed").
// Each data device is one; a NIC without any has the number its first will have.
constexpr std::size_t first_virtual_port = 65;

std::size_t virtual_port(const guestlan::Nic& nic, unsigned device_index) {
  if (const auto numbered = nic.lan()->switch_ports().number_of(nic)) return *numbered;
  std::size_t number = first_virtual_port;
  for (const guestlan::Nic* other : nic.lan()->nics()) {
    if (other == &nic) break;
    number += std::max<std::size_t>(1, other->ports().size());
  }
  for (const auto& port : nic.ports()) {
    if (port->device_index() == device_index) break;
    ++number;
  }
  return number;
}

std::string with_mac(std::string_view address, const wire::MacAddress& mac) {
  return fmt::format("{}{:<17}MAC: {}", entry_indent, address, wire::to_string(mac));
}

bool uses(const guestlan::DataPort& port, wire::IpVersion version) {
  const auto is_version = [&](const auto& entry) { return entry.address.version() == version; };
  return std::any_of(port.unicast().begin(), port.unicast().end(), is_version) ||
         std::any_of(port.multicast().begin(), port.multicast().end(), is_version);
}

std::string options_line(const guestlan::DataPort& port) {
  const bool ethernet = port.transport() == qdio::Transport::ethernet;
  std::string line = "      Options:";
  if (ethernet) line += " Ethernet";
  if (ethernet || port.broadcast_enabled()) line += " Broadcast";
  if (!port.multicast().empty()) line += " Multicast";
  if (uses(port, wire::IpVersion::v6)) line += " IPv6";
  if (uses(port, wire::IpVersion::v4)) line += " IPv4";
  if (port.promiscuous()) line += " Promiscuous";
  return line;
}

void append_ip_lists(std::vector<std::string>& lines, const guestlan::DataPort& port) {
  if (!port.unicast().empty()) lines.push_back(fmt::format("{}Unicast IP Addresses:", list_indent));
  for (const auto& entry : port.unicast()) {
    const auto text = address_text(entry.address);
    lines.push_back(entry.address.is_v4() ? with_mac(text, port.mac())
                                          : fmt::format("{}{}/{}", entry_indent, text, entry.prefix_length));
  }
  if (!port.lost().empty()) lines.push_back(fmt::format("{}Taken Over IP Addresses:", list_indent));
  for (const auto& lost : port.lost()) {
    lines.push_back(fmt::format("{}{:<17}By: {}", entry_indent, address_text(lost.address), lost.owner));
  }
  if (!port.multicast().empty()) lines.push_back(fmt::format("{}Multicast IP Addresses:", list_indent));
  for (const auto& group : port.multicast())
    lines.push_back(with_mac(address_text(group.address), group.mac));
}

void append_mac_list(std::vector<std::string>& lines, const guestlan::DataPort& port, bool group,
                     std::string_view heading) {
  bool headed = false;
  for (const auto& mac : port.macs()) {
    if (mac.is_group() != group) continue;
    if (!headed) lines.push_back(fmt::format("{}{}", list_indent, heading));
    headed = true;
    lines.push_back(fmt::format("{}{}", entry_indent, wire::to_string(mac)));
  }
}

}  // namespace

std::string_view type_name(qdio::AdapterKind kind) noexcept {
  return kind == qdio::AdapterKind::osd ? "QDIO" : "HIPERS";
}

std::string_view type_name(guestlan::LanType type) noexcept {
  return type == guestlan::LanType::qdio ? "QDIO" : "HIPERS";
}

std::string_view role_name(guestlan::Nic::Role role) noexcept {
  switch (role) {
    case guestlan::Nic::Role::unassigned:
      return "Unassigned";
    case guestlan::Nic::Role::control_read:
      return "CTL-READ";
    case guestlan::Nic::Role::control_write:
      return "CTL-WRITE";
    case guestlan::Nic::Role::data:
      return "DATA";
  }
  return "Unassigned";
}

std::string port_name(const guestlan::Nic& nic) {
  for (const auto& port : nic.ports()) {
    if (!port->port_name().empty()) return printable(port->port_name());
  }
  return "UNASSIGNED";
}

std::string address_text(const wire::IpAddress& address) { return to_upper(wire::to_string(address)); }

void append_counters(std::vector<std::string>& lines, std::string_view indent,
                     const guestlan::Counters& counters) {
  lines.push_back(fmt::format("{}RX Packets: {:<11}Discarded: {:<11}Errors: {}", indent, counters.rx_packets,
                              counters.rx_discarded, counters.rx_errors));
  lines.push_back(fmt::format("{}TX Packets: {:<11}Discarded: {:<11}Errors: {}", indent, counters.tx_packets,
                              counters.tx_discarded(), counters.tx_errors));
  lines.push_back(
      fmt::format("{}RX Bytes: {:<21}TX Bytes: {}", indent, counters.rx_bytes, counters.tx_bytes));
  for (std::size_t reason = 0; reason < counters.dropped.size(); ++reason) {
    if (counters.dropped[reason] == 0) continue;
    lines.push_back(fmt::format("{}Dropped: {} {}", indent, counters.dropped[reason],
                                guestlan::to_string(static_cast<guestlan::Drop>(reason))));
  }
  for (std::size_t reason = 0; reason < counters.rx_lost.size(); ++reason) {
    if (counters.rx_lost[reason] == 0) continue;
    lines.push_back(fmt::format("{}Lost: {} {}", indent, counters.rx_lost[reason],
                                guestlan::to_string(static_cast<guestlan::Drop>(reason))));
  }
}

std::string device_line(const guestlan::Nic& nic, unsigned device_index) {
  const auto role = nic.role(device_index);
  auto line = fmt::format("      Device: {:04X}  Unit: {:03X}   Role: {}",
                          nic.settings().base_device.value + device_index, device_index, role_name(role));
  if (role != guestlan::Nic::Role::data || nic.lan() == nullptr) return line;
  const auto port = virtual_port(nic, device_index);
  return fmt::format("{:<49}vPort: {:04}  Index: {:04}", line, port, port);
}

void append_port(std::vector<std::string>& lines, const guestlan::DataPort& port) {
  lines.push_back(options_line(port));
  if (port.transport() == qdio::Transport::ip) return append_ip_lists(lines, port);
  append_mac_list(lines, port, false, "Unicast MAC Addresses:");
  append_mac_list(lines, port, true, "Multicast MAC Addresses:");
}

}  // namespace vmlan::cp
