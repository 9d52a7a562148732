// VLAN tags come and go on a switch: a frame with one more or one less, while its packet stays where it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "qdio/queues/frame.h"

namespace vmlan::guestlan {

// Priority and VLAN id of a frame's tag, in its Ethernet header or, with IP transport, in the transport
// header; nothing: it has none.
std::optional<std::uint16_t> tag_of(const qdio::Frame& frame) noexcept;

// Another form of an Ethernet frame. It points into the first one's storage, and to itself.
class RetaggedFrame {
 public:
  RetaggedFrame() = default;
  RetaggedFrame(const RetaggedFrame&) = delete;
  RetaggedFrame& operator=(const RetaggedFrame&) = delete;

  // With this tag; `sent` has none. Or without; `sent` has one.
  void put_tag(const qdio::Frame& sent, std::uint16_t tag) noexcept;
  void take_tag(const qdio::Frame& sent) noexcept;
  const qdio::Frame& frame() const noexcept { return frame_; }

 private:
  // The first `cut` bytes of `sent` give way to the first `put` of head_.
  void replace_front(const qdio::Frame& sent, std::uint32_t cut, std::uint32_t put) noexcept;

  qdio::Frame frame_;
  std::array<std::byte, 16> head_{};  // two MAC addresses and the tag
};

}  // namespace vmlan::guestlan
