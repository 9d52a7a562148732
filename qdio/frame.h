// A packet on its way from one storage to another: its transport header, copied and judged, and where
// its payload lies in the sender's storage. Valid only while the sender's buffer is adapter-owned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "qdio/blocks.h"
#include "wire/transport_header.h"

namespace vmlan::qdio {

struct Segment {
  const std::byte* data = nullptr;
  std::uint32_t length = 0;
};

struct Frame {
  union {
    wire::Layer3Header layer3;
    wire::Layer2Header layer2;
  };
  std::uint32_t length = 0;  // payload bytes, the sum of the segments
  std::uint32_t segments = 0;
  std::array<Segment, elements_per_buffer> segment;

  Frame() noexcept : layer3{} {}

  wire::TransportId id() const noexcept { return static_cast<wire::TransportId>(layer3.id); }
};

}  // namespace vmlan::qdio
