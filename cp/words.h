// The words of a command line or directory statement: folding, abbreviations, numbers.
//
// A keyword is written as IBM's syntax diagrams write it: the upper-case beginning is the shortest
// abbreviation, so "DETails" is matched by DET, DETA ... DETAILS.
//
// Owns: nothing; views into the caller's text. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "arch/types.h"

namespace vmlan::cp {

std::string to_upper(std::string_view text);
// Control characters become blanks: a line stays one line.
std::string printable(std::string_view text);
std::string_view trim(std::string_view text) noexcept;

// `word` is in upper case.
bool matches(std::string_view word, std::string_view keyword) noexcept;

// 1-8 characters CP takes in user ids and LAN names: letters, digits, @ # $ _ + - :
bool valid_name(std::string_view word) noexcept;

// The same without SYSTEM: that is the system itself.
bool valid_userid(std::string_view word) noexcept;

// Nothing = not a number of this form.
std::optional<arch::DeviceNumber> parse_device(std::string_view word) noexcept;  // 1-4 hex digits
std::optional<std::uint32_t> parse_decimal(std::string_view word) noexcept;      // up to 9 digits
std::optional<std::uint32_t> parse_hex(std::string_view word,
                                       std::size_t digits) noexcept;         // at most `digits`
std::optional<std::uint32_t> parse_macid(std::string_view word) noexcept;    // 1-6 hex digits, not 0
std::optional<std::uint64_t> parse_storage(std::string_view word) noexcept;  // 512K, 32M, 2G: bytes

// ON, OFF, a character or the two hexadecimal digits of its EBCDIC code.
struct LineEnd {
  std::optional<char> character;  // nothing = OFF
};
std::optional<LineEnd> parse_line_end(std::string_view word) noexcept;

// A device number as CP shows it: four hex digits.
std::string to_string(arch::DeviceNumber device);

// Hands out the words of a line one by one.
class Words {
 public:
  explicit Words(std::string_view text) noexcept : text_(text) {}
  // Upper case; empty = no more words.
  std::string next();
  std::string next_as_written();  // case kept: a path of the host
  std::string peek() const;
  // Takes the next word if it is this keyword.
  bool take(std::string_view keyword);
  // Everything not taken yet, as it was typed, without blanks around it.
  std::string_view rest() const noexcept { return trim(text_); }
  bool empty() const noexcept { return rest().empty(); }
  // The same with its blanks: always the end of the text the words come from.
  std::string_view left() const noexcept { return text_; }

 private:
  std::string_view text_;
};

}  // namespace vmlan::cp
