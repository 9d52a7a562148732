// Of TCP acknowledgments that wait behind each other the last one says it all (RFC 3449, 5.2.1: ACK
// filtering). libslirp acknowledges each segment by itself, and each costs a guest an interruption.
#pragma once

#include <cstddef>
#include <span>

namespace vmlan::host {

// Both are Ethernet frames with nothing but an acknowledgment of the same connection, and the newer one
// acknowledges more. False of the second of two that acknowledge the same: that tells of a loss; and of
// whatever has options, of IP or of TCP.
bool supersedes_acknowledgment(std::span<const std::byte> newer, std::span<const std::byte> older) noexcept;

}  // namespace vmlan::host
