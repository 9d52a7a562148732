// Names on the wire are EBCDIC, eight bytes, padded with blanks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vmlan::cms {

// Letters (in upper case), digits and the punctuation names may have; anything else becomes a blank.
constexpr std::uint8_t to_ebcdic(char character) noexcept {
  constexpr std::string_view punctuation = "@#$._-";
  constexpr std::array<std::uint8_t, punctuation.size()> punctuation_codes{0x7c, 0x7b, 0x5b,
                                                                           0x4b, 0x6d, 0x60};
  constexpr std::uint8_t blank = 0x40;
  const char upper =
      character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
  const auto code = [upper](char first, unsigned base) {
    return static_cast<std::uint8_t>(base + static_cast<unsigned>(upper - first));
  };
  if (upper >= '0' && upper <= '9') return code('0', 0xf0);
  if (upper >= 'A' && upper <= 'I') return code('A', 0xc1);
  if (upper >= 'J' && upper <= 'R') return code('J', 0xd1);
  if (upper >= 'S' && upper <= 'Z') return code('S', 0xe2);
  const auto position = punctuation.find(upper);
  return position == std::string_view::npos ? blank : punctuation_codes[position];
}

constexpr std::array<std::uint8_t, 8> ebcdic_name(std::string_view name) noexcept {
  std::array<std::uint8_t, 8> result{};
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = to_ebcdic(i < name.size() ? name[i] : ' ');
  return result;
}

}  // namespace vmlan::cms
