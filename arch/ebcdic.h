// EBCDIC code pages 037 and 1047, each one to one with ISO 8859-1 (Latin-1), and the fixed-length names
// that control blocks and PDUs carry.
//
// The two differ in six characters (^ [ ] and three accented ones); z/VM uses 1047 for open systems text,
// 037 for CP's own. Names use neither's difference. Source: IBM code page registrations CP00037, CP01047,
// checked against the C library's converter (glibc iconv, IBM037 and IBM1047).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmlan::arch {

enum class CodePage : std::uint8_t { ibm037, ibm1047 };

// One character.
char from_ebcdic(std::uint8_t character, CodePage page = CodePage::ibm1047) noexcept;
std::uint8_t to_ebcdic(char latin1, CodePage page = CodePage::ibm1047) noexcept;

// Text of any length, character by character; every value is allowed both ways.
std::string from_ebcdic(std::span<const std::byte> text, CodePage page = CodePage::ibm1047);
std::vector<std::byte> to_ebcdic(std::string_view latin1, CodePage page = CodePage::ibm1047);

inline constexpr std::size_t name_length = 8;
using EbcdicName = std::array<std::uint8_t, name_length>;

// Padded with blanks on the right, cut off after eight characters.
EbcdicName ebcdic_name(std::string_view latin1) noexcept;
// Without trailing blanks and zeros. The bytes are a guest's: what is no printable ASCII character becomes a
// period, so that a name can be shown on a console.
std::string name_from_ebcdic(std::span<const std::byte> name);

}  // namespace vmlan::arch
