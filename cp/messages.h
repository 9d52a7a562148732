// CP's numbered messages, each text once.
//
// Source: zVM: System Messages and Codes - CP, as far as its texts are known to us. Numbers from 9000 are
// ours: CP has such a message, its number and text were not to be found. The three letters after HCP name
// the module that speaks and come from the command, as in HCPQVD040E and HCPCPL040E.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace vmlan::cp {

enum class Message : unsigned char {
  unknown_command,
  invalid_operand,
  invalid_option,
  invalid_device_type,
  invalid_userid,
  conflicting_option,
  not_valid_before_logon,
  userid_missing,
  device_number_invalid,
  operand_missing,
  device_does_not_exist,
  no_such_system,
  not_logged_on,
  logon_unsuccessful,
  error_in_directory,
  not_in_directory,
  already_logged_on,
  already_logged_on_at,
  not_receiving,
  link_not_in_directory,
  options_ignored,
  not_authorized_to_couple,
  autolog_information,
  logoff_pending,
  // Ours.
  lan_does_not_exist,
  lan_exists,
  lan_exists_with_other_attributes,
  lan_limit,
  lan_owner_not_permitted,
  device_exists,
  wrong_lan_type,
  already_connected,
  not_connected,
  lan_full,
  macid_in_use,
  not_on_access_list,
  no_network_configured,
  no_macid_free,
  macid_outside_range,
  no_user_macids,
  prefix_not_local,
  switch_attribute,
  mac_not_given,
  macids_covered,
  no_active_data_device,
  not_authorized_for_promiscuous,
  part_of_nic,
  no_nic,
  no_lan,
  vswitch_does_not_exist,
  not_supported,
  uplink_exists,
  uplink_impossible,
  uplink_in_use,
  uplink_of_ip_lan,
  no_uplink,
  too_many_uplinks,
  uplink_unchanged,
  no_such_group,
  no_group,
  uplink_in_group,
  not_in_group,
  group_in_use,
  group_limit,
  uplink_status,
  uplink_device,
  uplink_not_active,
  uplink_offline,
  no_storage,
  nothing_to_run,
  no_free_subchannels,
  no_such_host_folder,
  nic_in_use,
  system_without_machine,
  command_too_long,
  trace_incomplete,
  trace_not_defined,
  traceset_not_defined,
  no_traces,
  trace_is_enabled,
  trace_of_another,
  trace_limit,
  trace_not_enabled,
  not_authorized_to_trace,
  trace_ended,
  directory_unknown_statement,
  directory_no_user,
  directory_duplicate_user,
  directory_duplicate_device,
  directory_no_profile,
  directory_order,
  directory_nic_incomplete,
  directory_limit,
  directory_ignored,
};

// The message's number: CP's return code.
int number(Message message) noexcept;

// "HCPCPL040E Device 0700 does not exist". Each {} of the text takes the next of `values`.
std::string format(Message message, std::string_view module,
                   std::initializer_list<std::string_view> values = {});

}  // namespace vmlan::cp
