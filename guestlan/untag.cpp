#include "guestlan/untag.h"

#include "guestlan/packet_view.h"

namespace vmlan::guestlan {

bool untag(qdio::Frame& frame) noexcept {
  const IpPosition position = ip_in_ethernet(frame);
  const bool ip = position.type == wire::ether_type::ipv4 || position.type == wire::ether_type::ipv6;
  if (!ip || vlan_tag_of(frame) == std::nullopt || frame.length <= position.offset) return false;
  if (frame.is_super_frame()) {
    if (frame.tso.header_length <= position.offset) return false;
    frame.tso.header_length = static_cast<std::uint16_t>(frame.tso.header_length - position.offset);
  }
  wire::Layer3Header& header = frame.layer3;
  header.vlan_id = *vlan_tag_of(frame);
  cut_front(frame, position.offset);
  header.length = static_cast<std::uint16_t>(frame.length);
  const int kept = header.flags & ~(wire::layer3_flag::passthru | wire::layer3_flag::ipv6);
  const int version = position.type == wire::ether_type::ipv6 ? wire::layer3_flag::ipv6 : 0;
  header.flags = static_cast<std::uint8_t>(kept | version);
  const int tagged = header.extended_flags & ~wire::layer3_extended::include_vlan_tag;
  header.extended_flags = static_cast<std::uint8_t>(tagged | wire::layer3_extended::vlan_id);
  return true;
}

}  // namespace vmlan::guestlan
