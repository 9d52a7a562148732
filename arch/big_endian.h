// Integers as they lie in a guest's storage and on the wire: big-endian, alignment 1.
//
// A byte array instead of a packed integer, so that no block needs a packing attribute, none has
// padding, and no misaligned reference can be formed. A host integer can't be a wire field by accident.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace vmlan::arch {

template <std::unsigned_integral Integer>
class BigEndian {
 public:
  constexpr BigEndian() = default;
  constexpr BigEndian(Integer value) noexcept : bytes_(std::bit_cast<Bytes>(swapped(value))) {}
  constexpr operator Integer() const noexcept { return swapped(std::bit_cast<Integer>(bytes_)); }
  constexpr Integer value() const noexcept { return *this; }

 private:
  using Bytes = std::array<std::uint8_t, sizeof(Integer)>;

  static constexpr Integer swapped(Integer value) noexcept {
    static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);
    if constexpr (std::endian::native == std::endian::big) return value;
    if constexpr (sizeof(Integer) == 2) return __builtin_bswap16(value);
    if constexpr (sizeof(Integer) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(Integer) == 8) return __builtin_bswap64(value);
  }

  Bytes bytes_{};
};

using be16 = BigEndian<std::uint16_t>;
using be32 = BigEndian<std::uint32_t>;
using be64 = BigEndian<std::uint64_t>;

static_assert(sizeof(be16) == 2 && alignof(be16) == 1);
static_assert(sizeof(be32) == 4 && alignof(be32) == 1);
static_assert(sizeof(be64) == 8 && alignof(be64) == 1);

}  // namespace vmlan::arch
