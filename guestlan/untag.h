// Tagged packets of layer 3: from a tag inside of an Ethernet frame to one in the transport header.
#pragma once

#include "qdio/queues/frame.h"

namespace vmlan::guestlan {

// A passthru frame with a VLAN tag in it.
inline bool is_tagged_inside(const qdio::Frame& frame) noexcept {
  return (frame.layer3.flags & wire::layer3_flag::passthru) != 0 &&
         (frame.layer3.extended_flags & wire::layer3_extended::include_vlan_tag) != 0;
}

// A tag inside of a passthru frame comes out: Linux (observed, 6.1 qeth) puts the header's tag on top of what
// lies in the packet and would see two. What is left is the datagram, its VLAN in the header as with IPv4.
// false: no such datagram, and the frame is as it was.
bool untag(qdio::Frame& frame) noexcept;

}  // namespace vmlan::guestlan
