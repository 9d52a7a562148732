// What a sender of layer 2 puts in front of its frames.
// Source: Linux 6.1, drivers/s390/net/qeth_l2_main.c, qeth_l2_fill_header.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <span>

#include "wire/ethernet.h"
#include "wire/transport_header.h"

namespace vmlan::cms {

// Header for an outgoing Ethernet frame: to whom it goes, and its VLAN tag, which also stays in the frame.
// Requires an Ethernet header; a tag that is cut short counts as none.
inline wire::Layer2Header layer2_header(std::span<const std::byte> frame) noexcept {
  assert(frame.size() >= sizeof(wire::EthernetHeader));
  wire::EthernetHeader ethernet;
  std::memcpy(&ethernet, frame.data(), sizeof(ethernet));
  wire::Layer2Header header;
  auto& flags = header.flags[2];
  if (!ethernet.destination.is_group()) [[likely]] {
    flags = wire::layer2_flag::unicast;
  } else {
    const bool broadcast = ethernet.destination.is_broadcast();
    flags = broadcast ? wire::layer2_flag::broadcast : wire::layer2_flag::multicast;
  }
  if (ethernet.type == wire::ether_type::vlan && frame.size() >= sizeof(ethernet) + sizeof(header.vlan_id))
      [[unlikely]] {
    flags |= wire::layer2_flag::vlan;
    std::memcpy(&header.vlan_id, frame.data() + sizeof(ethernet), sizeof(header.vlan_id));
  }
  return header;
}

}  // namespace vmlan::cms
