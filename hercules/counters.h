// What a data device's frames came to on this side of the link; no frame disappears without a name and a
// count.
#pragma once

#include <cstdint>

namespace vmlan::hercules {

struct Counters {
  std::uint64_t sent = 0;        // frames to the base
  std::uint64_t received = 0;    // frames into the guest's buffers
  std::uint64_t malformed = 0;   // of the guest: header and data contradict each other
  std::uint64_t no_base = 0;     // of the guest, while the base was away or had not begun a session
  std::uint64_t no_buffer = 0;   // the guest had no empty input buffer for too long
  std::uint64_t too_long = 0;    // longer than the guest's buffers, or its buffer was unusable
  std::uint64_t not_active = 0;  // the guest's queues were stopped when the frame came

  Counters& operator+=(const Counters& other) noexcept {
    sent += other.sent;
    received += other.received;
    malformed += other.malformed;
    no_base += other.no_base;
    no_buffer += other.no_buffer;
    too_long += other.too_long;
    not_active += other.not_active;
    return *this;
  }
  std::uint64_t lost() const noexcept { return malformed + no_base + no_buffer + too_long + not_active; }
};

}  // namespace vmlan::hercules
