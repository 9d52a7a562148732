// The Internet checksum: the complement of the one's complement sum of 16-bit words.
// Source: RFC 1071.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"

namespace vmlan::wire {

// A sum in progress over data that may come in pieces of any length, odd ones too.
class InternetSum {
 public:
  void add(const void* data, std::size_t length) noexcept;
  void add(arch::be16 word) noexcept { add(&word, sizeof(word)); }

  // What goes into the checksum field; the field itself was summed as zero.
  std::uint16_t checksum() const noexcept {
    const auto complement = static_cast<std::uint16_t>(~folded());
    if constexpr (std::endian::native == std::endian::big) return complement;
    return __builtin_bswap16(complement);
  }
  // The data had its checksum in it, and that was right.
  bool holds() const noexcept { return folded() == 0xffff; }

 private:
  std::uint16_t folded() const noexcept;

  // Of words in the host's byte order: the sum's bytes only have to be swapped at the end.
  std::uint64_t sum_ = 0;
  bool odd_ = false;  // an odd number of bytes so far
};

}  // namespace vmlan::wire
