#include "host/trace/pcapng_sieve.h"

#include <algorithm>

#include "host/trace/pcapng_blocks.h"
#include "host/trace/pcapng_writer.h"

namespace vmlan::host {

namespace {

constexpr std::size_t frame_of_blocks = 12;  // type, length, length again
constexpr std::size_t head_of_packets = 28;
constexpr std::size_t most_counted_interfaces = 65'536;

std::uint32_t little(std::span<const std::byte> bytes, std::size_t at, std::size_t length = 4) noexcept {
  std::uint32_t value = 0;
  for (std::size_t index = length; index > 0; --index)
    value = value << 8U | std::to_integer<std::uint32_t>(bytes[at + index - 1]);
  return value;
}

// The whole block at the beginning; empty: there is none.
std::span<const std::byte> first_block(std::span<const std::byte> blocks) noexcept {
  if (blocks.size() < frame_of_blocks) return {};
  const std::uint32_t length = little(blocks, 4);
  const bool sound = length >= frame_of_blocks && length % 4 == 0 && length <= blocks.size();
  return sound && little(blocks, length - 4) == length ? blocks.first(length) : blocks.first(0);
}

}  // namespace

bool PcapngSieve::sift(std::span<const std::byte> blocks, std::vector<std::byte>& passed) {
  while (!blocks.empty()) {
    const auto block = first_block(blocks);
    if (block.empty()) return false;
    blocks = blocks.subspan(block.size());
    const std::uint32_t type = little(block, 0);
    if (type == pcapng::interface_description) note_interface(block);
    if (type == pcapng::interface_statistics) count_lost(block);
    if (type == pcapng::enhanced_packet) {
      if (block.size() < head_of_packets + 4 || little(block, 20) > block.size() - head_of_packets - 4)
        return false;
      const bool through = passes(block);
      ++(through ? passed_ : filtered_out_);
      if (!through) continue;
    }
    passed.insert(passed.end(), block.begin(), block.end());
  }
  return true;
}

bool PcapngSieve::passes(std::span<const std::byte> packet_block) const noexcept {
  const std::uint32_t interface = little(packet_block, 8);
  if (interface < is_ethernet_.size() && !is_ethernet_[interface]) return true;
  return filter_.passes(packet_block.subspan(head_of_packets, little(packet_block, 20)),
                        little(packet_block, 24));
}

void PcapngSieve::note_interface(std::span<const std::byte> block) {
  if (is_ethernet_.size() < most_counted_interfaces)
    is_ethernet_.push_back(little(block, 8, 2) == PcapngWriter::link_ethernet);
}

void PcapngSieve::count_lost(std::span<const std::byte> block) {
  constexpr std::size_t head = 20;
  if (block.size() < head + 4) return;
  auto options = block.subspan(head, block.size() - head - 4);
  while (options.size() >= 4) {
    const std::uint32_t code = little(options, 0, 2);
    const std::size_t length = little(options, 2, 2);
    options = options.subspan(4);
    if (code == pcapng::option::end || length > options.size()) return;
    if (code == pcapng::option::dropped && length == 8 && lost_.size() < most_counted_interfaces)
      lost_[little(block, 8)] = std::uint64_t{little(options, 4)} << 32U | little(options, 0);
    options = options.subspan(std::min((length + 3) / 4 * 4, options.size()));
  }
}

std::uint64_t PcapngSieve::lost() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [interface, count] : lost_) sum += count;
  return sum;
}

}  // namespace vmlan::host
