// The Ethernet header that a trace puts in front of a datagram which has none.
//
// Threads: the base's.
#pragma once

#include <cstdint>

#include "guestlan/lan.h"
#include "qdio/queues/frame.h"
#include "wire/ethernet_front.h"

namespace vmlan::guestlan {

// Without length: the frame has its own. Else from its sender's address to its receiver's, that of its group,
// or everybody's; to no address (zeros) if nobody gets it. With a tag if the transport header names a VLAN.
wire::EthernetFront trace_header_of(const Lan& lan, const Port& from, const qdio::Frame& frame) noexcept;

// The VLAN of a frame, wherever it says so; 0: none.
std::uint16_t traced_vlan_of(const qdio::Frame& frame) noexcept;

}  // namespace vmlan::guestlan
