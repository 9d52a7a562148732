// Frames of one sender to one large group that wait for each other within a SIGA, so that each receiver is
// given all of them while its port, queues and states are in the cache: a thousand receivers are not, and
// with a frame at a time each copy waits for memory.
//
// Owns: copies of the frames. Threads: the base's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "guestlan/route.h"
#include "qdio/queues/buffer_element.h"
#include "qdio/queues/frame.h"
#include "wire/transport_header.h"

namespace vmlan::guestlan {

class StagedFrames {
 public:
  static constexpr unsigned most_frames = 16;
  static constexpr std::uint32_t longest = 2048;

  struct Staged {
    qdio::Frame frame;
    wire::Layer3Header pattern;
    std::uint8_t flags = 0;
    std::uint16_t length = 0;

    qdio::ReceiveHeader header() const noexcept { return {&pattern, flags, length}; }
  };

  bool empty() const noexcept { return count_ == 0; }
  bool full() const noexcept { return count_ == most_frames; }
  Port* from() const noexcept { return from_; }
  const Route& route() const noexcept { return route_; }
  std::span<const Staged> frames() const noexcept { return std::span(frames_).first(count_); }
  // Of the same sender, to the same group?
  bool fits(const Port& from, const Route& route) const noexcept {
    return from_ == &from && route_.members == route.members && route_.others == route.others &&
           route_.beyond == route.beyond && route_.vlan == route.vlan;
  }
  // One that is_short(). Requires !full(), and fits() unless empty().
  void add(Port& from, const Route& route, const qdio::ReceiveHeader& header,
           const qdio::Frame& frame) noexcept;
  void clear() noexcept { count_ = 0; }

  // In one piece, with nothing left to the adapter.
  static bool is_short(const qdio::Frame& frame) noexcept {
    return frame.segments == 1 && frame.length <= longest && !frame.offloaded;
  }

 private:
  unsigned count_ = 0;
  Port* from_ = nullptr;
  Route route_;
  std::array<Staged, most_frames> frames_;
  std::array<std::array<std::byte, longest>, most_frames> bytes_;
};

}  // namespace vmlan::guestlan
