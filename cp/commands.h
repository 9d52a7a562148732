// The functions behind the rows of the command tables, by subject.
#pragma once

#include "cp/command.h"

namespace vmlan::guestlan {
class Lan;
}

namespace vmlan::cp {

// commands_lan.cpp
Reply define_lan(Request& request);
Reply detach_lan(Request& request);
Reply set_lan(Request& request);

// commands_vmlan.cpp
Reply set_vmlan(Request& request);
Reply query_vmlan(Request& request);

// commands_nic.cpp
Reply define_nic(Request& request);
Reply detach_nic(Request& request);
Reply detach_device(Request& request);
Reply couple(Request& request);
Reply uncouple(Request& request);
// set_nic.cpp
Reply set_nic(Request& request);

// commands_vswitch.cpp
Reply define_vswitch(Request& request);
Reply detach_vswitch(Request& request);
Reply set_vswitch(Request& request);
// query_vswitch.cpp
Reply query_vswitch(Request& request);
// query_controller.cpp
Reply query_controller(Request& request);

// commands_uplink.cpp
Reply define_uplink(Request& request);
Reply detach_uplink(Request& request);
Reply query_uplink(Request& request);
Reply set_uplink_forwards(Request& request);
Reply set_port(Request& request);
Reply query_port(Request& request);
// SET LAN ... UPLINK, SET VSWITCH ... UPLINK
Reply set_uplink(Request& request, guestlan::Lan& lan);

// commands_user.cpp
Reply logon_again(Request& request);
Reply logoff(Request& request);
Reply disconnect_user(Request& request);
Reply force(Request& request);
Reply xautolog(Request& request);
Reply message(Request& request);
Reply message_without_header(Request& request);
Reply warning(Request& request);
Reply send_input(Request& request);

// commands_machine.cpp
Reply ipl(Request& request);
Reply system_function(Request& request);
Reply begin(Request& request);
Reply external(Request& request);
Reply set_run(Request& request);
Reply call_cp(Request& request);
Reply terminal(Request& request);

// commands_trsource.cpp
Reply trsource(Request& request);

// query_trsource.cpp
Reply query_trsource(Request& request);

// query_lan.cpp
Reply query_lan(Request& request);

// query_nic.cpp
Reply query_nic(Request& request);

// query_virtual.cpp
Reply query_virtual_nic(Request& request);
Reply query_virtual_all(Request& request);
Reply query_virtual_osa(Request& request);
Reply query_virtual_storage(Request& request);
Reply query_virtual_device(Request& request);

// query_system.cpp
Reply query_names(Request& request);
Reply query_users(Request& request);
Reply query_userid(Request& request);
Reply query_user(Request& request);
Reply query_time(Request& request);
Reply query_cplevel(Request& request);

// help.cpp
Reply help(Request& request);

}  // namespace vmlan::cp
