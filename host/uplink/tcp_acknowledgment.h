// Of TCP acknowledgments that wait behind each other the last one says it all (RFC 3449, 5.2.1: ACK
// filtering). libslirp acknowledges each segment by itself, and each costs a guest an interruption.
#pragma once

#include <cstddef>
#include <span>

namespace vmlan::host {

enum class Acknowledges : unsigned char {
  something_else,  // one of them is no bare acknowledgment, has options, or is another connection's
  no_more,         // than the older one: it tells of a loss, or of a window
  more,
};
// Of two Ethernet frames.
Acknowledges compare_acknowledgments(std::span<const std::byte> newer,
                                     std::span<const std::byte> older) noexcept;

}  // namespace vmlan::host
