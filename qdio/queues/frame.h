// A packet on its way from one storage to another: its transport header, copied and judged, and where
// its payload lies in the sender's storage. Valid only while the sender's buffer is adapter-owned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "qdio/queues/blocks.h"
#include "wire/transport_header.h"

namespace vmlan::qdio {

struct Segment {
  const std::byte* data = nullptr;
  std::uint32_t length = 0;
};
// Of one packet: those of a buffer, and one more where a VLAN tag has been put in between.
inline constexpr unsigned most_segments = elements_per_buffer + 1;

// How many packets a super-frame is: at least 1.
constexpr std::uint32_t packets_of(std::uint32_t payload_length, std::uint32_t segment_size) noexcept {
  return payload_length == 0 ? 1 : (payload_length + segment_size - 1) / segment_size;
}

struct Frame {
  union {
    wire::Layer3Header layer3;
    wire::Layer2Header layer2;
  };
  bool offloaded = false;    // something is left to the adapter to do: see offload.h
  std::uint32_t length = 0;  // payload bytes, the sum of the segments
  std::uint32_t segments = 0;
  std::array<Segment, most_segments> segment;
  wire::TsoExtension tso;  // a super-frame's; of others, anything

  Frame() noexcept : layer3{} {}

  wire::TransportId id() const noexcept { return static_cast<wire::TransportId>(layer3.id); }
  bool is_super_frame() const noexcept {
    return id() == wire::TransportId::layer3_tso || id() == wire::TransportId::layer2_tso;
  }
  bool is_ethernet() const noexcept {
    return id() == wire::TransportId::layer2 || id() == wire::TransportId::layer2_tso;
  }
  // What it counts as: a super-frame as what it is to be cut into, with the headers of each.
  std::uint32_t packets() const noexcept {
    return is_super_frame() ? packets_of(tso.payload_length, tso.segment_size) : 1;
  }
  std::uint64_t bytes() const noexcept {
    return is_super_frame() ? length + std::uint64_t{packets() - 1} * tso.header_length : length;
  }
};

// A frame that is not of the ordinary kinds and whose transport header has been taken off: copies and judges
// the extension of a super-frame, refuses all else.
bool judge_super_frame(Frame& frame) noexcept;

}  // namespace vmlan::qdio
