#include "apps/synth/frame_sizes.h"

#include <algorithm>
#include <charconv>

namespace vmlan::apps {

namespace {

constexpr std::size_t most_sizes = 256;
constexpr std::uint32_t most_weight = 1'000'000;

// A whole number at the beginning, which is taken away; 0: none.
std::uint32_t take_size_number(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return 0;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

FrameSizes::FrameSizes(const std::vector<Weighted>& weighted) {
  std::uint64_t sum = 0;
  for (const auto& [shortest, longest, weight] : weighted) sum += weight;
  std::uint64_t before = 0;
  for (const auto& [shortest, longest, weight] : weighted) {
    before += weight;
    kinds_.push_back({shortest, longest, (before << 32U) / sum});
    longest_ = std::max(longest_, longest);
  }
}

// Shares in tenths of a percent; they sum to 99.9 %.
FrameSizes FrameSizes::public_mix() {
  return FrameSizes({{64, 64, 179},
                     {65, 127, 467},
                     {128, 255, 114},
                     {256, 511, 65},
                     {512, 1023, 26},
                     {1024, 1518, 136},
                     {1519, 9018, 11},
                     {9019, most, 1}});
}

std::variant<FrameSizes, std::string> FrameSizes::parse(std::string_view text) {
  const std::string wrong = "mix, a size from 64 to 65508, or several and how often each: 64:7,594:4,1518:1";
  std::vector<Weighted> weighted;
  while (true) {
    const auto size = take_size_number(text);
    std::uint32_t weight = 1;
    if (text.starts_with(':')) {
      text.remove_prefix(1);
      weight = take_size_number(text);
    }
    if (size < least || size > most || weight == 0 || weight > most_weight || weighted.size() >= most_sizes)
      return wrong;
    weighted.push_back({size, size, weight});
    if (text.empty()) return FrameSizes(weighted);
    if (!text.starts_with(',')) return wrong;
    text.remove_prefix(1);
  }
}

std::uint32_t FrameSizes::draw(Chance& chance) const noexcept {
  if (kinds_.size() == 1) return chance.between(kinds_[0].least, kinds_[0].most);
  const std::uint64_t draw = chance.next() >> 32U;
  std::size_t kind = 0;
  while (kind + 1 < kinds_.size() && draw >= kinds_[kind].up_to) ++kind;
  return chance.between(kinds_[kind].least, kinds_[kind].most);
}

}  // namespace vmlan::apps
