// SET VSWITCH GRANT, PORTNUMBER and VLANID: whose ports a virtual switch has, and what they may do.
//
// Threads: the base's.
#pragma once

#include "cp/command.h"

namespace vmlan::guestlan {
class Lan;
}

namespace vmlan::cp {

// The words behind the keyword.
Reply grant_port(Request& request, guestlan::Lan& lan);
Reply set_port_number(Request& request, guestlan::Lan& lan);
Reply set_vlan_ports(Request& request, guestlan::Lan& lan);

}  // namespace vmlan::cp
