#include "guestlan/packet_view.h"

#include <algorithm>

namespace vmlan::guestlan {

bool peek_slowly(const qdio::Frame& frame, std::uint32_t offset, void* into, std::uint32_t length) noexcept {
  auto* to = static_cast<std::byte*>(into);
  for (std::uint32_t index = 0; index < frame.segments && length > 0; ++index) {
    const qdio::Segment& segment = frame.segment[index];
    if (offset >= segment.length) {
      offset -= segment.length;
      continue;
    }
    const std::uint32_t part = std::min(length, segment.length - offset);
    std::memcpy(to, segment.data + offset, part);
    to += part;
    length -= part;
    offset = 0;
  }
  return length == 0;
}

IpPosition ip_in_ethernet(const qdio::Frame& frame) noexcept {
  IpPosition position{sizeof(wire::EthernetHeader), 0};
  arch::be16 type;
  std::uint32_t at = offsetof(wire::EthernetHeader, type);
  for (unsigned tags = 0; tags < 2; ++tags) {  // at most one VLAN tag
    if (!peek(frame, at, &type, sizeof(type))) return {};
    position.type = type;
    if (position.type != wire::ether_type::vlan) break;
    at += 4;
    position.offset += 4;
  }
  return position;
}

void cut_front(qdio::Frame& frame, std::uint32_t length) noexcept {
  frame.length -= length;
  std::uint32_t first = 0;
  while (first < frame.segments && length >= frame.segment[first].length)
    length -= frame.segment[first++].length;
  std::move(frame.segment.begin() + first, frame.segment.begin() + frame.segments, frame.segment.begin());
  frame.segments -= first;
  frame.segment[0].data += length;
  frame.segment[0].length -= length;
}

}  // namespace vmlan::guestlan
