// The one path, for tagged packets of layer 3.
#include "guestlan/data_port.h"
#include "guestlan/packet_view.h"

namespace vmlan::guestlan {

using qdio::Frame;

namespace {

// A tag inside of a passthru frame comes out: Linux (observed, 6.1 qeth) puts the header's tag on top of what
// lies in the packet and would see two. What is left is the datagram, its VLAN in the header as with IPv4.
// false: no such datagram.
bool untag(Frame& frame) noexcept {
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

}  // namespace

std::uint8_t DataPort::forward_tagged(const Frame& frame) noexcept {
  Frame untagged = frame;
  return forward_datagram(untag(untagged) ? untagged : frame);
}

}  // namespace vmlan::guestlan
