// How long the frames of a workload are.
//
// Units: bytes of the whole frame on the wire, from its addresses to its check sequence, as statistics of
// networks count it; a capture has `check_sequence` bytes fewer. Source of the mix: public_mix() names it.
// Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/synth/chance.h"

namespace vmlan::apps {

class FrameSizes {
 public:
  static constexpr std::uint32_t check_sequence = 4;
  static constexpr std::uint32_t least = 64;
  // As long as a frame may be that a replay sends, whatever it sends: packets or frames.
  static constexpr std::uint32_t most = 65'504 + check_sequence;

  // Frames of a local network as a large site's statistics have them.
  static FrameSizes public_mix();
  // "64", or "64:7,594:4,1518:1": sizes and how often each, 1 if that is left out. Or what it must be.
  static std::variant<FrameSizes, std::string> parse(std::string_view text);

  std::uint32_t draw(Chance& chance) const noexcept;
  std::uint32_t longest() const noexcept { return longest_; }

 private:
  struct Kind {
    std::uint32_t least;
    std::uint32_t most;
    std::uint64_t up_to;  // of the draws below 2^32, those below this are this kind's or one's before it
  };
  struct Weighted {
    std::uint32_t least;
    std::uint32_t most;
    std::uint32_t weight;
  };
  explicit FrameSizes(const std::vector<Weighted>& weighted);

  std::vector<Kind> kinds_;
  std::uint32_t longest_ = 0;
};

}  // namespace vmlan::apps
