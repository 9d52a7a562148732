#include "cp/messages.h"

#include <fmt/format.h>

#include <array>
#include <cassert>

namespace vmlan::cp {
namespace {

struct Row {
  Message message;
  int number;
  char severity;
  std::string_view text;
};

// In the order of the enumeration.
constexpr std::array rows{
    Row{Message::unknown_command, 1, 'E', "Unknown CP command: {}"},
    Row{Message::invalid_operand, 2, 'E', "Invalid operand - {}"},
    Row{Message::invalid_option, 3, 'E', "Invalid option - {}"},
    Row{Message::invalid_device_type, 6, 'E', "Invalid device type - {}"},
    Row{Message::invalid_userid, 7, 'E', "Invalid userid - {}"},
    Row{Message::conflicting_option, 13, 'E', "Conflicting option - {}"},
    Row{Message::not_valid_before_logon, 15, 'E', "Command not valid before LOGON: {}"},
    Row{Message::userid_missing, 20, 'E', "Userid missing or invalid"},
    Row{Message::device_number_invalid, 22, 'E',
        "A virtual device number was not supplied or it was invalid"},
    Row{Message::operand_missing, 26, 'E', "Operand missing or invalid"},
    Row{Message::device_does_not_exist, 40, 'E', "Device {} does not exist"},
    Row{Message::no_such_system, 44, 'E', "System {} does not exist"},
    Row{Message::not_logged_on, 45, 'E', "{} not logged on"},
    Row{Message::logon_unsuccessful, 50, 'E', "LOGON unsuccessful--incorrect userid and/or password"},
    Row{Message::error_in_directory, 52, 'E', "Error in CP directory"},
    Row{Message::not_in_directory, 53, 'E', "{} not in CP directory"},
    Row{Message::already_logged_on, 54, 'E', "{} already logged on {}"},
    Row{Message::already_logged_on_at, 54, 'E', "Already logged on {}"},
    Row{Message::not_receiving, 57, 'I', "{} not receiving; disconnected"},
    Row{Message::link_not_in_directory, 107, 'E', "{} {} not linked; not in CP directory"},
    Row{Message::options_ignored, 264, 'I',
        "One or more options are ignored during reconnect processing - {}"},
    Row{Message::not_authorized_to_couple, 6011, 'E', "You are not authorized to COUPLE to {} {}"},
    Row{Message::autolog_information, 6056, 'I',
        "XAUTOLOG information for {}: The IPL command is verified by the"},
    Row{Message::logoff_pending, 361, 'E', "LOGOFF/FORCE pending for user {}"},
    Row{Message::lan_does_not_exist, 9001, 'E', "LAN {} {} does not exist"},
    Row{Message::lan_exists, 9002, 'E', "LAN {} {} already exists"},
    Row{Message::lan_exists_with_other_attributes, 9003, 'E',
        "LAN {} {} already exists with different attributes"},
    Row{Message::lan_limit, 9004, 'E', "LAN {} {} not created; the {} limit of VMLAN is reached"},
    Row{Message::lan_owner_not_permitted, 9005, 'E', "You are not authorized to act for LAN owner {}"},
    Row{Message::device_exists, 9006, 'E', "Device {} already exists"},
    Row{Message::wrong_lan_type, 9007, 'E', "NIC {} and LAN {} {} are of different types"},
    Row{Message::already_connected, 9008, 'E', "NIC {} is already connected to LAN {} {}"},
    Row{Message::not_connected, 9009, 'E', "NIC {} is not connected to a LAN"},
    Row{Message::lan_full, 9010, 'E', "LAN {} {} has reached its maximum number of connections"},
    Row{Message::macid_in_use, 9011, 'E', "MAC address {} is already in use"},
    Row{Message::not_on_access_list, 9019, 'E', "{} is not on the access list of LAN {} {}"},
    Row{Message::no_network_configured, 9012, 'E', "No LAN is configured for NIC {}"},
    Row{Message::no_macid_free, 9040, 'E', "No MACID is free in its range"},
    Row{Message::macid_outside_range, 9041, 'E', "MACID {} is not in the USER range {}"},
    Row{Message::no_user_macids, 9042, 'E', "VMLAN MACIDRANGE has no USER range"},
    Row{Message::prefix_not_local, 9043, 'E', "{} is not locally administered; a MAC prefix begins with 02"},
    Row{Message::switch_attribute, 9044, 'E', "{} is an attribute of virtual switches only"},
    Row{Message::mac_not_given, 9046, 'E',
        "MAC address {} is not the one that NIC {} was given; it is protected"},
    Row{Message::macids_covered, 9045, 'E', "The USER range {} leaves nothing of the SYSTEM range {}"},
    Row{Message::no_active_data_device, 9013, 'E', "Device {} is not an active data device"},
    Row{Message::not_authorized_for_promiscuous, 9014, 'E',
        "You are not authorized for promiscuous mode on LAN {} {}"},
    Row{Message::part_of_nic, 9015, 'E', "Device {} is part of NIC {}"},
    Row{Message::no_nic, 9016, 'E', "No NIC is defined"},
    Row{Message::no_lan, 9022, 'E', "No LAN of this kind is defined"},
    Row{Message::vswitch_does_not_exist, 9036, 'E', "VSWITCH SYSTEM {} does not exist"},
    Row{Message::not_supported, 9037, 'E', "{} is not supported here"},
    Row{Message::uplink_exists, 9030, 'E', "Uplink {} already exists"},
    Row{Message::uplink_impossible, 9031, 'E', "Uplink {} not defined; {}"},
    Row{Message::uplink_in_use, 9032, 'E', "Uplink {} serves LAN {} {}"},
    Row{Message::no_uplink, 9034, 'E', "No uplink is defined"},
    Row{Message::too_many_uplinks, 9035, 'E', "Uplink {} not defined; there are {} already"},
    Row{Message::uplink_unchanged, 9038, 'E', "Uplink {} not changed; {}"},
    Row{Message::no_such_group, 9080, 'E', "Group {} does not exist"},
    Row{Message::no_group, 9081, 'E', "No group is defined"},
    Row{Message::uplink_in_group, 9082, 'E', "Uplink {} is in group {}"},
    Row{Message::not_in_group, 9083, 'E', "Uplink {} is not in group {}"},
    Row{Message::group_in_use, 9084, 'E', "Group {} serves LAN {} {}"},
    Row{Message::group_limit, 9085, 'E',
        "Group {} would have more than 8 uplinks, or be one of more than 16 groups"},
    Row{Message::lan_knows_no_vlans, 9047, 'E', "VLAN {}: {} knows no VLANs"},
    Row{Message::not_authorized_for_vlan, 9048, 'E', "You are not authorized for VLAN {} of {}"},
    Row{Message::uplink_status, 2830, 'I', "{} status is {}."},
    Row{Message::uplink_device, 2830, 'I', "Device {} is active for {}."},
    Row{Message::uplink_not_active, 2832, 'E', "Connection for {} is not active."},
    Row{Message::uplink_offline, 2838, 'I', "Device {} specified for {} is offline."},
    Row{Message::no_storage, 9017, 'E', "The host has no storage for user {}"},
    Row{Message::nothing_to_run, 9018, 'E', "No program is loaded; use IPL"},
    Row{Message::no_free_subchannels, 9021, 'E', "NIC {} not created; too few subchannels are free"},
    Row{Message::no_such_host_folder, 9020, 'E', "Disk {}: host folder {} can't be used"},
    Row{Message::nic_in_use, 9025, 'E', "NIC {} is in use"},
    Row{Message::system_without_machine, 9023, 'E',
        "{} needs a virtual machine of one's own; SYSTEM has none"},
    Row{Message::command_too_long, 9024, 'E', "Command not carried out; it is longer than {} characters"},
    Row{Message::port_in_use, 3034, 'E', "Port number {} of VSWITCH {} {} is in use"},
    Row{Message::switch_is_userbased, 9090, 'E', "{} needs a PORTBASED VSWITCH; SYSTEM {} is USERBASED"},
    Row{Message::switch_is_portbased, 9091, 'E', "{} needs a USERBASED VSWITCH; SYSTEM {} is PORTBASED"},
    Row{Message::no_such_port, 9092, 'E', "Port number {} of VSWITCH SYSTEM {} is not defined"},
    Row{Message::nic_needs, 9093, 'E', "NIC {} not connected; {} needs a {}, which {} is not"},
    Row{Message::no_free_port, 9094, 'E', "All ports of {} on VSWITCH {} {} are in use"},
    Row{Message::port_has_vlan, 9095, 'E',
        "Port number {} of VSWITCH SYSTEM {} is an ACCESS port and has a VLAN"},
    Row{Message::vlan_of_no_port, 9096, 'E', "VLAN {} is none of {} of VSWITCH SYSTEM {}"},
    Row{Message::no_controller, 9097, 'E', "No VSWITCH names {}"},
    Row{Message::trace_incomplete, 477, 'E', "Traceid {} not enabled; incomplete definition"},
    Row{Message::trace_not_defined, 9070, 'E', "Traceid {} is not defined"},
    Row{Message::traceset_not_defined, 9071, 'E', "Traceset {} is not defined"},
    Row{Message::no_traces, 9072, 'E', "No traces are defined"},
    Row{Message::trace_is_enabled, 9073, 'E', "Traceid {} is enabled; disable it first"},
    Row{Message::trace_of_another, 9074, 'E', "Traceid {} is another user's"},
    Row{Message::trace_limit, 9075, 'E',
        "Traceid {} not defined; there are {} traces, the most there may be"},
    Row{Message::trace_not_enabled, 9076, 'E', "Traceid {} not enabled; {}"},
    Row{Message::not_authorized_to_trace, 9077, 'E', "You are not authorized to trace LAN {} {}"},
    Row{Message::trace_ended, 9078, 'I', "Traceid {} records no more; {}"},
    Row{Message::directory_unknown_statement, 9050, 'E', "Unknown directory statement: {}"},
    Row{Message::directory_no_user, 9051, 'E', "Statement outside a USER or PROFILE entry"},
    Row{Message::directory_duplicate_user, 9052, 'E', "{} is already in the CP directory"},
    Row{Message::directory_duplicate_device, 9053, 'E', "Device {} is already defined in this entry"},
    Row{Message::directory_no_profile, 9054, 'E', "Profile {} does not exist"},
    Row{Message::directory_order, 9055, 'E', "{} is not valid at this place"},
    Row{Message::directory_nic_incomplete, 9056, 'E', "NICDEF {} has no TYPE on its first statement"},
    Row{Message::directory_limit, 9057, 'E', "{} is limited to {}"},
    Row{Message::directory_ignored, 9058, 'W', "{} means nothing here and is ignored"},
    Row{Message::directory_takes, 9059, 'E', "{} takes {}, not {}"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].message) != i) return false;
  }
  return true;
}
static_assert(in_order());

// A number of ours (9000 on) names one message: scripts tell them apart by return code.
constexpr bool ours_are_different() {
  constexpr int first_of_ours = 9000;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      if (rows[i].number == rows[j].number && rows[i].number >= first_of_ours) return false;
    }
  }
  return true;
}
static_assert(ours_are_different());

const Row& row(Message message) noexcept {
  const auto index = static_cast<std::size_t>(message);
  assert(index < rows.size());
  return rows[index];
}

}  // namespace

int number(Message message) noexcept { return row(message).number; }

std::string format(Message message, std::string_view module, std::initializer_list<std::string_view> values) {
  const Row& entry = row(message);
  auto line = fmt::format("HCP{}{:03d}{} ", module, entry.number, entry.severity);
  const auto* value = values.begin();
  std::string_view text = entry.text;
  for (auto hole = text.find("{}"); hole != std::string_view::npos; hole = text.find("{}")) {
    assert(value != values.end());
    line += text.substr(0, hole);
    line += *value++;
    text.remove_prefix(hole + 2);
  }
  assert(value == values.end());
  line += text;
  return line;
}

}  // namespace vmlan::cp
