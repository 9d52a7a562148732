// What became of the packets of somebody or something: a user, a flow, a LAN, a second, the whole replay.
//
// Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/replay/latency.h"
#include "arch/clock.h"
#include "guestlan/counters.h"

namespace vmlan::apps {

// Where a packet that left ended, if it was not received: on a link of the replay's own, or in the LAN, whose
// names these are.
class Ending {
 public:
  static constexpr std::size_t kinds = 2 + guestlan::drop_reasons;

  static constexpr Ending queue_full() noexcept { return Ending(0); }
  static constexpr Ending lost_on_link() noexcept { return Ending(1); }
  static constexpr Ending of(guestlan::Drop reason) noexcept {
    return Ending(static_cast<unsigned>(reason) + 2);
  }
  static constexpr Ending numbered(std::size_t index) noexcept {
    return Ending(static_cast<unsigned>(index));
  }

  constexpr std::size_t index() const noexcept { return index_; }
  constexpr bool is_on_link() const noexcept { return index_ < 2; }
  // "unknown address", "link: queue full".
  std::string_view name() const noexcept;
  bool operator==(const Ending&) const = default;

 private:
  explicit constexpr Ending(unsigned index) noexcept : index_(static_cast<std::uint8_t>(index)) {}
  std::uint8_t index_;
};

// `sent` are packets that left at their time; each copy that a link makes of one counts under `copies`. Of
// packets to groups each receiver's counts as received.
struct Account {
  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t copies = 0;
  std::uint64_t received = 0;
  std::uint64_t received_bytes = 0;
  std::vector<std::pair<Ending, std::uint64_t>> dropped;  // by sender; in the order they first happened
  arch::Time first{0};
  arch::Time last{0};
  LatencyHistogram latency;

  void seen(arch::Time now) noexcept {
    if (!seen_) first = now;
    seen_ = true;
    last = now;
  }
  void drop(Ending ending, std::uint64_t packets = 1);
  std::uint64_t dropped_packets() const noexcept;

 private:
  bool seen_ = false;
};

}  // namespace vmlan::apps
