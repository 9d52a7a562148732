#include "cms/shell/operands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace vmlan::cms {
namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

template <class Integer>
std::optional<Integer> parse_integer(std::string_view word, std::size_t digits, int base) noexcept {
  if (word.empty() || word.size() > digits) return std::nullopt;
  Integer value{};
  const auto end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, value, base);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::string to_upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool matches(std::string_view word, std::string_view keyword) noexcept {
  if (word.empty() || word.size() > keyword.size()) return false;
  const auto is_lower = [](unsigned char c) { return std::islower(c) != 0; };
  const auto shortest = static_cast<std::size_t>(std::ranges::find_if(keyword, is_lower) - keyword.begin());
  if (word.size() < shortest) return false;
  return std::equal(word.begin(), word.end(), keyword.begin(), [](unsigned char a, unsigned char b) {
    return a == static_cast<unsigned char>(std::toupper(b));
  });
}

std::optional<std::uint32_t> parse_decimal(std::string_view word) noexcept {
  return parse_integer<std::uint32_t>(word, 9, 10);
}

std::optional<arch::DeviceNumber> parse_device(std::string_view word) noexcept {
  const auto value = parse_integer<std::uint16_t>(word, 4, 16);
  if (!value) return std::nullopt;
  return arch::DeviceNumber{*value};
}

std::string to_string(arch::DeviceNumber device) { return fmt::format("{:04X}", device.value); }

Operands::Operands(std::string_view text) {
  std::vector<std::string>* words = &words_;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words->push_back(to_upper(word));
    word.clear();
  };
  for (const char c : text) {
    if (is_blank(c) || c == '(' || c == ')') {
      end_word();
      if (c == '(') words = &options_;
      continue;
    }
    word += c;
  }
  end_word();
}

bool Operands::take_keyword(std::string_view keyword) noexcept {
  if (!matches(peek(), keyword)) return false;
  ++next_;
  return true;
}

}  // namespace vmlan::cms
