// Frames of which the receiver's module has something to do: what stands in front of an UNFINISHED FRAME's
// transport header. Cutting and summing are left to the module because its processor serves one guest, the
// base's all of them; and a super-frame crosses the link once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "arch/big_endian.h"
#include "qdio/queues/finished_packets.h"

namespace vmlan::link {

namespace offload_flag {  // OffloadBody::flags
inline constexpr std::uint8_t ethernet = 0x80;
inline constexpr std::uint8_t ip_checksum = 0x40;
inline constexpr std::uint8_t transport_checksum = 0x20;
inline constexpr std::uint8_t whole = 0x10;
}  // namespace offload_flag

struct OffloadBody {
  std::uint8_t flags = 0;
  std::uint8_t reserved = 0;
  arch::be16 header_length;
  arch::be16 segment_size;
  arch::be16 reserved2;
};
static_assert(sizeof(OffloadBody) == 8);

// In front of the payload.
inline constexpr std::size_t unfinished_head = sizeof(OffloadBody) + wire::transport_header_size;

struct UnfinishedFrame {
  qdio::Offload offload;
  wire::Layer3Header header;  // as for the finished packets, but for their lengths
  qdio::Segment payload;
};

OffloadBody to_body(const qdio::Offload& offload) noexcept;
// `body` as the decoder passed it (long enough).
UnfinishedFrame parse_unfinished(std::span<const std::byte> body) noexcept;

}  // namespace vmlan::link
