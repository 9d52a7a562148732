#include "link/unfinished_frame.h"

#include <array>
#include <cstring>

namespace vmlan::link {

namespace {

struct Flag {
  std::uint8_t bit;
  bool qdio::Offload::*field;
};

constexpr std::array<Flag, 4> flags = {{
    {offload_flag::ethernet, &qdio::Offload::ethernet},
    {offload_flag::ip_checksum, &qdio::Offload::ip_checksum},
    {offload_flag::transport_checksum, &qdio::Offload::transport_checksum},
    {offload_flag::whole, &qdio::Offload::whole},
}};

}  // namespace

OffloadBody to_body(const qdio::Offload& offload) noexcept {
  OffloadBody body;
  for (const Flag& flag : flags) {
    if (offload.*flag.field) body.flags = static_cast<std::uint8_t>(body.flags | flag.bit);
  }
  body.header_length = offload.header_length;
  body.segment_size = offload.segment_size;
  return body;
}

UnfinishedFrame parse_unfinished(std::span<const std::byte> body) noexcept {
  UnfinishedFrame frame;
  OffloadBody head;
  std::memcpy(static_cast<void*>(&head), body.data(), sizeof(head));
  for (const Flag& flag : flags) frame.offload.*flag.field = (head.flags & flag.bit) != 0;
  frame.offload.header_length = head.header_length;
  frame.offload.segment_size = head.segment_size;
  std::memcpy(static_cast<void*>(&frame.header), body.data() + sizeof(head), sizeof(frame.header));
  const auto payload = body.subspan(unfinished_head);
  frame.payload = {payload.data(), static_cast<std::uint32_t>(payload.size())};
  return frame;
}

}  // namespace vmlan::link
