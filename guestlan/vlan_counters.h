// VLAN_COUNTERS: what enters a VLAN-aware switch in each VLAN, and what leaves it.
//
// A watcher of the LAN: a switch that does not count pays nothing. Bytes are those of a frame as it was sent,
// whatever tag a copy of it has.
//
// Source: CP Commands, SET VSWITCH. Owns: the counts. Threads: the base's.
#pragma once

#include <array>
#include <cstdint>

#include "guestlan/switch_rules.h"
#include "guestlan/watcher.h"

namespace vmlan::guestlan {

class VlanCounters final : public Watcher {
 public:
  struct Count {
    std::uint64_t rx_packets = 0;  // that ports, uplinks among them, may send
    std::uint64_t rx_bytes = 0;
    std::uint64_t tx_packets = 0;  // copies delivered of these
    std::uint64_t tx_bytes = 0;
  };

  explicit VlanCounters(const Lan& lan) : lan_(lan) {}

  const Count& of(std::uint16_t vlan) const noexcept { return counts_[vlan]; }
  void clear() noexcept { counts_.fill({}); }

  // Watcher
  bool before(const Port& from, const qdio::Frame& frame) noexcept override;
  void after(const Port& from, const qdio::Frame& frame) noexcept override;
  void joined(const Port&) noexcept override {}
  void left(const Port&) noexcept override {}
  void ended(const Lan&) noexcept override {}

 private:
  const Lan& lan_;
  std::uint16_t vlan_ = no_vlan;     // of the frame that is being forwarded
  std::uint64_t copies_before_ = 0;  // its sender's
  std::array<Count, highest_vlan + 2> counts_{};
};

}  // namespace vmlan::guestlan
