// Lets the blocks of a pcapng section through one by one, frames only if a filter passes them, and counts.
// What is no Ethernet frame is not the filter's business.
//
// Blocks come from another process: lengths are judged, and what makes no sense ends it. Only what
// PcapngWriter writes is known: little-endian, one section.
//
// Owns: the filter and the counts. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "host/trace/packet_filter.h"

namespace vmlan::host {

class PcapngSieve {
 public:
  explicit PcapngSieve(PacketFilter filter) : filter_(std::move(filter)) {}

  // Whole blocks; those that pass are added to `passed`. false: these are none.
  bool sift(std::span<const std::byte> blocks, std::vector<std::byte>& passed);

  std::uint64_t passed() const noexcept { return passed_; }
  std::uint64_t filtered_out() const noexcept { return filtered_out_; }
  // As the statistics that have come say.
  std::uint64_t lost() const noexcept;

 private:
  bool passes(std::span<const std::byte> packet_block) const noexcept;
  void note_interface(std::span<const std::byte> description_block);
  void count_lost(std::span<const std::byte> statistics_block);

  PacketFilter filter_;
  std::vector<bool> is_ethernet_;  // by interface
  std::uint64_t passed_ = 0;
  std::uint64_t filtered_out_ = 0;
  std::map<std::uint32_t, std::uint64_t> lost_;  // by interface
};

}  // namespace vmlan::host
