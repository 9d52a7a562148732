// What a user without authority over all LANs may trace: its own LANs, and of others what a NIC of its that
// is promiscuous there could hear, or could have sent.
//
// Source: decided (docs/DECISIONS.md, 94). Threads: the base's.
#pragma once

#include <string_view>

#include "guestlan/lan.h"
#include "qdio/queues/frame.h"

namespace vmlan::guestlan {

// Does it own the LAN, or have a promiscuous grant? What it sees then may_see() says.
bool may_trace(const Lan& lan, std::string_view userid);

// Of who may trace: a frame of `from`, forwarded as the LAN's rules are now. All of its own LAN, and all that
// its own NICs send; else what is in a VLAN of its own, and not what guests send that are kept apart.
bool may_see(const Lan& lan, std::string_view userid, const Port& from, const qdio::Frame& frame) noexcept;

}  // namespace vmlan::guestlan
