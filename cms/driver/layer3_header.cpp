#include "cms/driver/layer3_header.h"

#include <algorithm>

namespace vmlan::cms {

wire::Layer3Header layer3_header(const wire::IpAddress& destination, const wire::IpAddress& next_hop,
                                 bool broadcast) noexcept {
  auto cast = wire::Cast::unicast;
  if (destination.is_multicast()) cast = wire::Cast::multicast;
  if (broadcast || destination.is_limited_broadcast()) cast = wire::Cast::broadcast;
  wire::Layer3Header header;
  header.flags = static_cast<std::uint8_t>(cast);
  if (next_hop.is_v4()) {
    std::copy_n(next_hop.v4_bytes(), 4, header.next_hop.begin() + 12);
  } else {
    header.flags |= wire::layer3_flag::ipv6;
    header.next_hop = next_hop.bytes;
  }
  return header;
}

}  // namespace vmlan::cms
