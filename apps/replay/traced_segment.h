// A TCP segment of a trace, as far as connections and their streams need it.
//
// Threads: any. Packets are hostile: nothing is read beyond their ends. Source: RFC 9293.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "apps/replay/flow_key.h"
#include "apps/replay/replay_record.h"

namespace vmlan::apps {

struct TracedSegment {
  static constexpr std::uint8_t fin = 0x01;
  static constexpr std::uint8_t syn = 0x02;
  static constexpr std::uint8_t rst = 0x04;
  static constexpr std::uint8_t ack = 0x10;

  FlowKey flow;  // its sender is the source
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;
  std::span<const std::byte> payload;  // lies in the packet

  bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
  bool is_syn() const noexcept { return has(syn) && !has(rst); }
};

// Nothing: no TCP, a fragment, or no whole header.
std::optional<TracedSegment> traced_segment_of(const JudgedRecord& judged, const StationKey& source,
                                               const StationKey& destination) noexcept;

}  // namespace vmlan::apps
