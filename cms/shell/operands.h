// The words of a CMS command line: folded, cut at blanks and parentheses, operands before "(", options after.
//
// Keywords are written as IBM's syntax diagrams write them: the upper-case beginning is the shortest
// abbreviation, "LISTFile" is matched by LISTF ... LISTFILE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/types.h"

namespace vmlan::cms {

std::string to_upper(std::string_view text);
std::string_view trim(std::string_view text) noexcept;
// `word` is in upper case.
bool matches(std::string_view word, std::string_view keyword) noexcept;

std::optional<std::uint32_t> parse_decimal(std::string_view word) noexcept;      // up to 9 digits
std::optional<arch::DeviceNumber> parse_device(std::string_view word) noexcept;  // 1-4 hexadecimal digits
std::string to_string(arch::DeviceNumber device);                                // "0600"

class Operands {
 public:
  explicit Operands(std::string_view text);

  bool empty() const noexcept { return next_ == words_.size(); }
  std::size_t count() const noexcept { return words_.size() - next_; }
  // The next operand; empty if there is none.
  std::string_view peek() const noexcept { return empty() ? std::string_view{} : words_[next_]; }
  std::string take() { return empty() ? std::string{} : words_[next_++]; }
  bool take_keyword(std::string_view keyword) noexcept;

  // The words after "(".
  const std::vector<std::string>& options() const noexcept { return options_; }

 private:
  std::vector<std::string> words_;
  std::vector<std::string> options_;
  std::size_t next_ = 0;
};

}  // namespace vmlan::cms
