// A look at a packet that still lies in its sender's storage: the bytes that decide where it goes, copied out
// and judged, wherever the sender's segments end.
//
// Threads: the base's. Inline: runs once per packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "qdio/frame.h"
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

// The VLAN id of a tagged Ethernet frame; 0: without a tag, or tagged for its priority only.
inline std::uint16_t vlan_of(const qdio::Frame& frame) noexcept {
  struct Tag {
    arch::be16 type;
    arch::be16 control;
  } tag;
  constexpr std::uint16_t id_mask = 0x0fff;
  if (!peek(frame, offsetof(wire::EthernetHeader, type), &tag, sizeof(tag))) return 0;
  return tag.type == wire::ether_type::vlan ? tag.control & id_mask : std::uint16_t{0};
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
