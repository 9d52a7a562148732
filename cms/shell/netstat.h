// NETSTAT and IFCONFIG displays. Source: layouts of TCP/IP for z/VM as far as known (marked "unsure medium"
// where they were collected); counters are ours.
#pragma once

#include <string_view>

#include "cms/shell/session.h"

namespace vmlan::cms {

// NETSTAT [DEVLINKS|HOME|GATE|CONN|ARP]; requires a stack.
Outcome netstat(Session& session, std::string_view text);

// One interface as IFCONFIG shows it.
void show_interface(Session& session, const TcpIp::Device& device);

}  // namespace vmlan::cms
