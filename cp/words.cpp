#include "cp/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "arch/ebcdic.h"
#include "cp/logical_lines.h"

namespace vmlan::cp {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

template <class Integer>
std::optional<Integer> parse(std::string_view word, int base, std::size_t digits) noexcept {
  if (word.empty() || word.size() > digits) return std::nullopt;
  Integer value = 0;
  const auto result = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (result.ec != std::errc{} || result.ptr != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_upper(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), upper);
  return folded;
}

std::string printable(std::string_view text) {
  std::string line(text);
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool matches(std::string_view word, std::string_view keyword) noexcept {
  if (word.empty() || word.size() > keyword.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != upper(keyword[i])) return false;
  }
  // What is left of the keyword must be the optional, lower-case part.
  return word.size() == keyword.size() || !(is_upper(keyword[word.size()]) || is_digit(keyword[word.size()]));
}

bool valid_name(std::string_view word) noexcept {
  constexpr std::size_t longest = 8;
  constexpr std::string_view special = "@#$_+-:";
  if (word.empty() || word.size() > longest) return false;
  return std::all_of(word.begin(), word.end(), [&](char c) {
    return is_upper(c) || is_digit(c) || special.find(c) != std::string_view::npos;
  });
}

bool valid_userid(std::string_view word) noexcept { return valid_name(word) && word != "SYSTEM"; }

std::optional<arch::DeviceNumber> parse_device(std::string_view word) noexcept {
  const auto value = parse<std::uint16_t>(word, 16, 4);
  if (!value) return std::nullopt;
  return arch::DeviceNumber{*value};
}

std::optional<std::uint32_t> parse_decimal(std::string_view word) noexcept {
  return parse<std::uint32_t>(word, 10, 9);
}

std::optional<std::uint32_t> parse_hex(std::string_view word, std::size_t digits) noexcept {
  return parse<std::uint32_t>(word, 16, std::min<std::size_t>(digits, 8));
}

std::optional<std::uint32_t> parse_macid(std::string_view word) noexcept {
  const auto macid = parse_hex(word, 6);
  return macid == 0U ? std::nullopt : macid;
}

std::optional<std::uint64_t> parse_storage(std::string_view word) noexcept {
  if (word.size() < 2) return std::nullopt;
  unsigned shift = 0;
  switch (word.back()) {
    case 'K':
      shift = 10;
      break;
    case 'M':
      shift = 20;
      break;
    case 'G':
      shift = 30;
      break;
    default:
      return std::nullopt;
  }
  const auto value = parse<std::uint32_t>(word.substr(0, word.size() - 1), 10, 7);
  if (!value || *value == 0) return std::nullopt;
  return std::uint64_t{*value} << shift;
}

std::optional<LineEnd> parse_line_end(std::string_view word) noexcept {
  if (word == "ON") return LineEnd{default_line_end};
  if (word == "OFF") return LineEnd{std::nullopt};
  const auto code = word.size() == 2 ? parse_hex(word, 2) : std::nullopt;
  if (!code && word.size() != 1) return std::nullopt;
  const char character = code ? arch::from_ebcdic(static_cast<std::uint8_t>(*code)) : word.front();
  // A letter, a digit or a blank would leave nothing that could be typed.
  const bool usable =
      character > ' ' && character < '\x7f' && !is_digit(character) && !is_upper(upper(character));
  return usable ? std::optional(LineEnd{character}) : std::nullopt;
}

std::string to_string(arch::DeviceNumber device) { return fmt::format("{:04X}", device.value); }

std::string Words::next_as_written() {
  text_ = trim(text_);
  const auto end = std::min(text_.find_first_of(blanks), text_.size());
  std::string word(text_.substr(0, end));
  text_.remove_prefix(end);
  return word;
}

std::string Words::next() { return to_upper(next_as_written()); }

std::string Words::peek() const { return Words(text_).next(); }

bool Words::take(std::string_view keyword) {
  if (!matches(peek(), keyword)) return false;
  next();
  return true;
}

}  // namespace vmlan::cp
