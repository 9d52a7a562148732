// Pieces of query responses that more than one query shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cp/command.h"
#include "guestlan/data_port.h"
#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::cp {

std::string_view type_name(qdio::AdapterKind kind) noexcept;  // QDIO, HIPERS
std::string_view type_name(guestlan::LanType type) noexcept;
std::string_view protection_name(guestlan::MacProtection protection);  // Unspecified, ON, OFF
// The lines of QUERY LAN, or of QUERY VSWITCH.
void append_lan(std::vector<std::string>& lines, const guestlan::Lan& lan);
std::string_view role_name(guestlan::Nic::Role role) noexcept;  // CTL-READ, ...
// The port name the guest gave, or UNASSIGNED.
std::string port_name(const guestlan::Nic& nic);
// IP addresses in upper case, as CP prints them.
std::string address_text(const wire::IpAddress& address);

// "RX Packets: 41         Discarded: 0          Errors: 0" and the two lines after it;
// ours: a line for each named reason for which packets of this sender were dropped.
void append_counters(std::vector<std::string>& lines, std::string_view indent,
                     const guestlan::Counters& counters);
// "Device: 0702  Unit: 002   Role: DATA       vPort: 0065  Index: 0065"; a data device on a LAN only has
// the last two.
std::string device_line(const guestlan::Nic& nic, unsigned device_index);
// Options and the lists of registered addresses of a data device.
void append_port(std::vector<std::string>& lines, const guestlan::DataPort& port);

// DETAILS: what went through its uplinks since somebody cleared their counters, and each VLAN's counts.
void append_switch_counters(std::vector<std::string>& lines, const guestlan::Lan& lan);
// The access list of a switch with VLANs, or the ports of a PORTBASED one (display_ports.cpp).
void append_port_list(std::vector<std::string>& lines, const guestlan::Lan& lan);
// "Portnum: 0065  Porttype: Access VLAN: 0010": what a NIC may do on its switch; nothing on other LANs.
void append_port_rights(std::vector<std::string>& lines, std::string_view indent, const guestlan::Nic& nic);

// QUERY LAN name BUFFERS (query_lan_buffers.cpp).
void append_buffers(std::vector<std::string>& lines, const Request& request, const guestlan::Lan& lan);

}  // namespace vmlan::cp
