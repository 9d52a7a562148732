// Bytes as hexadecimal text and back; blanks and '|' are for the reader.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::kit {

inline std::vector<std::byte> from_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::vector<std::byte> bytes;
  unsigned value = 0;
  bool half = false;
  for (const char character : text) {
    const char lower = character >= 'A' && character <= 'F' ? static_cast<char>(character + 32) : character;
    const auto digit = digits.find(lower);
    if (digit == std::string_view::npos) continue;
    value = value << 4U | static_cast<unsigned>(digit);
    if (half) bytes.push_back(static_cast<std::byte>(value & 0xffU));
    half = !half;
  }
  return bytes;
}

inline std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4U];
    text += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

}  // namespace vmlan::kit
