// Operands of virtual switches that several commands and directory statements share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cp/operands.h"
#include "guestlan/switch_rules.h"
#include "guestlan/uplink.h"

namespace vmlan::cp {

// 1-4094: HCP026E, HCP002E.
Operand<std::uint16_t> take_vlan(Request& request);
// MAXCONN: 1-1024, or INFINITE: nothing.
Operand<std::optional<unsigned>> take_maxconn(Request& request);
// UNSPECIFIED, OFF, ON.
Operand<guestlan::MacProtection> take_mac_protection(Request& request);
// *, or up to eight user ids.
Operand<std::string> take_controllers(Request& request);
// Megabytes, 1-256; an M may follow.
Operand<unsigned> take_queue_storage(Request& request);
// Minutes, 1-240.
Operand<unsigned> take_ip_timeout(Request& request);
// ACCESS: false, TRUNK: true.
Operand<bool> take_port_type(Request& request);
// One or more uplinks by their device numbers, each once.
Operand<std::vector<guestlan::Uplink*>> take_some_rdevs(Request& request, std::size_t most);
// One to three uplinks by their device numbers, or NONE: none.
Operand<std::vector<guestlan::Uplink*>> take_rdevs(Request& request);

// It is in no port group any more; one without members ends.
void leave_port_group(System& system, guestlan::Uplink& uplink);

// Connects the LAN to the uplinks: refused for one that serves another LAN, or cannot serve this one.
Reply serve_lan(Request& request, guestlan::Lan& lan, const std::vector<guestlan::Uplink*>& uplinks);
// The uplink of a port group by its name.
Operand<std::vector<guestlan::Uplink*>> take_group_uplink(Request& request);
// The rest of SET LAN and SET VSWITCH (lan_attributes.cpp).
Reply set_lan_attribute(Request& request, guestlan::Lan& lan);

}  // namespace vmlan::cp
