#include "host/trace/foreign_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vmlan::host {

namespace {

using namespace std::string_view_literals;
using FirstBytes = std::span<const std::byte>;

struct ForeignFormat {
  std::string_view magic;
  std::string_view name;
};

// editcap reads them.
constexpr std::array foreign_formats{
    ForeignFormat{"snoop\0\0\0"sv, "a Sun snoop file"},
    ForeignFormat{"RTSS"sv, "a Microsoft Network Monitor 1.x file"},
    ForeignFormat{"GMBU"sv, "a Microsoft Network Monitor 2.x file"},
    ForeignFormat{"XCP\0"sv, "a NetXRay or Windows Sniffer file"},
    ForeignFormat{"VL\0\0"sv, "a NetXRay file"},
    ForeignFormat{"TRSNIFF data    \x1a"sv, "a DOS Sniffer file"},
    ForeignFormat{"iptrace 1.0"sv, "an AIX iptrace file"},
    ForeignFormat{"iptrace 2.0"sv, "an AIX iptrace file"},
    ForeignFormat{"\x01\x10\x4c\x00\x01\x05"sv, "a Novell LANalyzer file"},
    ForeignFormat{"\x07\x10"sv, "a Novell LANalyzer file"},
    ForeignFormat{"\xaa\xaa\xaa\xaa"sv, "an InfoVista 5View file"},
    ForeignFormat{"\x05VNF"sv, "a Visual Networks file"},
    ForeignFormat{"TR\0d"sv, "an HP-UX nettl file"},
    ForeignFormat{"\x7fver"sv, "an OmniPeek file"},
    ForeignFormat{"ObserverPktBufferVersion="sv, "a Viavi Observer file"},
    ForeignFormat{"\x42\xd2\x00\x34\x12\x66\x22\x88"sv, "a RADCOM file"},
    ForeignFormat{"\x00\x00\x02\x00\x12\x05\x00\x10"sv, "a Tektronix K12 file"},
    ForeignFormat{"+---------+---------------+----------+"sv, "a K12 text file"},
    ForeignFormat{"btsnoop\0"sv, "a Bluetooth snoop file"},
};

bool has_magic(FirstBytes bytes, std::string_view magic) noexcept {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

unsigned byte_of(FirstBytes bytes, std::size_t at) noexcept { return std::to_integer<unsigned>(bytes[at]); }
std::size_t big_half_of(FirstBytes bytes, std::size_t at) noexcept {
  return byte_of(bytes, at) << 8U | byte_of(bytes, at + 1);
}

// Endace's records have no file header in front: time (little-endian, seconds in its upper half), type,
// flags, length of the record, losses, length on the wire. Two in a row that make sense, or one that is all
// there is.
constexpr std::size_t erf_header_size = 16;

std::uint32_t erf_seconds(FirstBytes record) noexcept {
  std::uint32_t seconds = 0;
  for (unsigned byte = 0; byte < 4; ++byte) seconds |= byte_of(record, 4 + byte) << (8U * byte);
  return seconds;
}

bool may_be_erf(FirstBytes record) noexcept {
  constexpr unsigned last_type = 48;
  constexpr unsigned provenance = 27;                // what made the file; it has no time and was on no wire
  constexpr std::uint32_t first_card = 788'918'400;  // 1995
  constexpr std::size_t longest_wire = 0xffff - 64;
  if (record.size() < erf_header_size) return false;
  const auto type = byte_of(record, 8) & 0x7fU;
  const auto length = big_half_of(record, 10);
  const auto wire = big_half_of(record, 14);
  if (length <= erf_header_size) return false;
  if (type == provenance) return length % 8 == 0;
  return type > 0 && type <= last_type && erf_seconds(record) >= first_card && wire > 0 &&
         wire <= longest_wire;
}

bool is_erf(FirstBytes bytes) noexcept {
  if (!may_be_erf(bytes)) return false;
  const std::size_t length = big_half_of(bytes, 10);
  return length == bytes.size() || (length < bytes.size() && may_be_erf(bytes.subspan(length)));
}

std::string converted_by_editcap(std::string_view name) {
  return fmt::format("{}: editcap -F pcapng IN OUT (of wireshark) makes one that is read", name);
}

}  // namespace

std::string foreign_format(FirstBytes first_bytes) {
  const auto* const found = std::find_if(
      foreign_formats.begin(), foreign_formats.end(),
      [first_bytes](const ForeignFormat& format) { return has_magic(first_bytes, format.magic); });
  if (found != foreign_formats.end()) return converted_by_editcap(found->name);
  return is_erf(first_bytes) ? converted_by_editcap("an Endace ERF file") : std::string();
}

}  // namespace vmlan::host
