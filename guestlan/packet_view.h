// A look at a packet that still lies in its sender's storage: the bytes that decide where it goes, copied out
// and judged, wherever the sender's segments end.
//
// Threads: the base's. Inline: runs once per packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "qdio/queues/frame.h"
#include "wire/ethernet.h"
#include "wire/ip_address.h"

namespace vmlan::guestlan {

// The same as peek() for bytes that do not all lie in the first segment.
bool peek_slowly(const qdio::Frame& frame, std::uint32_t offset, void* into, std::uint32_t length) noexcept;

// Copies `length` bytes at `offset` of the payload; false: the payload is shorter.
inline bool peek(const qdio::Frame& frame, std::uint32_t offset, void* into, std::uint32_t length) noexcept {
  if (frame.segment[0].length >= offset + length) [[likely]] {
    std::memcpy(into, frame.segment[0].data + offset, length);
    return true;
  }
  return peek_slowly(frame, offset, into, length);
}

// Where the IP header starts in a passthru frame, and the type its Ethernet header promises.
struct IpPosition {
  std::uint32_t offset = 0;
  std::uint16_t type = 0;  // ether_type; 0: the frame is too short
};
IpPosition ip_in_ethernet(const qdio::Frame& frame) noexcept;

// Where the IP packet of a frame of IP transport lies, and its version; false: it carries none.
struct DatagramPosition {
  wire::IpVersion version = wire::IpVersion::v4;
  std::uint32_t offset = 0;
};
inline bool ip_in_datagram(const qdio::Frame& frame, DatagramPosition& found) noexcept {
  if ((frame.layer3.flags & wire::layer3_flag::passthru) == 0) [[likely]] {
    const bool ipv6 = (frame.layer3.flags & wire::layer3_flag::ipv6) != 0;
    found = {ipv6 ? wire::IpVersion::v6 : wire::IpVersion::v4, 0};
    return true;
  }
  const IpPosition position = ip_in_ethernet(frame);
  const bool ipv6 = position.type == wire::ether_type::ipv6;
  found = {ipv6 ? wire::IpVersion::v6 : wire::IpVersion::v4, position.offset};
  return ipv6 || position.type == wire::ether_type::ipv4;
}

// Takes the first `length` bytes off the payload, which has more of them. The transport header stays.
void cut_front(qdio::Frame& frame, std::uint32_t length) noexcept;

// The VLAN tag (priority and id) of an Ethernet frame; nothing: it has none.
inline std::optional<std::uint16_t> vlan_tag_of(const qdio::Frame& frame) noexcept {
  struct Tag {
    arch::be16 type;
    arch::be16 control;
  } tag;
  if (!peek(frame, offsetof(wire::EthernetHeader, type), &tag, sizeof(tag))) return std::nullopt;
  if (tag.type != wire::ether_type::vlan) return std::nullopt;
  return tag.control.value();
}

// The VLAN id of an Ethernet frame; 0: without a tag, or tagged for its priority only.
inline std::uint16_t vlan_of(const qdio::Frame& frame) noexcept {
  constexpr std::uint16_t id_mask = 0x0fff;
  return vlan_tag_of(frame).value_or(0) & id_mask;
}

// The destination of the IP packet at `offset`; false: too short, or another version than promised.
inline bool destination_at(const qdio::Frame& frame, std::uint32_t offset, wire::IpVersion version,
                           wire::IpAddress& destination) noexcept {
  if (version == wire::IpVersion::v4) {
    wire::Ipv4Header header;
    if (!peek(frame, offset, &header, sizeof(header)) || header.version_ihl >> 4U != 4) [[unlikely]]
      return false;
    destination = wire::IpAddress::v4(header.destination.data());
    return true;
  }
  wire::Ipv6Header header;
  if (!peek(frame, offset, &header, sizeof(header)) || header.version_class_flow >> 28U != 6) return false;
  destination = wire::IpAddress::v6(header.destination.data());
  return true;
}

}  // namespace vmlan::guestlan
