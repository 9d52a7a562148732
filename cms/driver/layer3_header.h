// What a sender of layer 3 puts in front of its packets.
#pragma once

#include "wire/ip_address.h"
#include "wire/transport_header.h"

namespace vmlan::cms {

// Header for an outgoing IP packet: version, cast and next hop (the destination itself if it is on the LAN).
wire::Layer3Header layer3_header(const wire::IpAddress& destination, const wire::IpAddress& next_hop,
                                 bool broadcast = false) noexcept;

}  // namespace vmlan::cms
