// A link with a rate: how long a packet waits for it, is on it and on its way, and whether it is lost.
//
// Everything is calculated when a packet is offered; nothing happens later. Packets are offered in the order
// of their times. Chance comes from a seed: the same packets at the same times meet the same fate.
//
// Units: bytes are those of the IP packet, or of the Ethernet frame where frames are sent.
// Owns: its queue's times. Threads: one.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "arch/clock.h"

namespace vmlan::apps {

struct LinkSettings {
  std::uint64_t bits_per_second = 0;  // 0: a packet takes no time on it
  arch::Time propagation{0};
  std::uint32_t queue = 1000;  // packets that may wait behind the one that is on the link
  // 0 to 1, of each packet by itself.
  double loss = 0;
  double duplication = 0;
  double reordering = 0;  // is overtaken: arrives this much later than it would
  arch::Time reordered_by = std::chrono::milliseconds(1);

  bool is_none() const noexcept {
    return bits_per_second == 0 && propagation == arch::Time{0} && loss == 0 && duplication == 0 &&
           reordering == 0;
  }
};

// "rate=100M delay=5ms queue=50 loss=0.1% duplicate=0.01 reorder=1% reorder-by=2ms", separated by spaces or
// commas; a word may be left out. The settings, or which word is wrong and what it may be.
std::variant<LinkSettings, std::string> parse_link_settings(std::string_view text);

class LinkModel {
 public:
  LinkModel(const LinkSettings& settings, std::uint64_t seed) : settings_(settings), chance_(seed) {}

  enum class Fate : std::uint8_t { arrives, queue_full, lost };
  struct Passage {
    Fate fate = Fate::arrives;
    arch::Time arrives{0};
    std::optional<arch::Time> again;  // a duplicate arrives
  };
  Passage offer(arch::Time now, std::uint32_t bytes);

  struct Occupancy {
    std::uint32_t most = 0;     // packets that waited at once
    std::uint64_t offered = 0;  // packets
    std::uint64_t found = 0;    // Σ of the packets that each found waiting
  };
  const Occupancy& occupancy() const noexcept { return occupancy_; }

 private:
  bool happens(double share) noexcept;
  arch::Time time_on_link(std::uint32_t bytes) const noexcept;

  LinkSettings settings_;
  arch::Prng chance_;
  arch::Time free_at_{0};
  std::deque<arch::Time> starts_;  // when those that wait leave the queue
  Occupancy occupancy_;
};

}  // namespace vmlan::apps
