// Chance that comes out the same on every machine: whole numbers only.
//
// A library's logarithm may differ in its last digit from machine to machine, and with it a whole file;
// here it is a table of whole numbers that the compiler calculates.
//
// Source: arch::Prng. Threads: one.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "arch/clock.h"

namespace vmlan::apps {

// A share of 0 to 1 in units of 2^-32: what an even draw is held against.
class Share {
 public:
  constexpr Share() = default;
  // Exact: a multiplication by a power of two.
  explicit Share(double share) : limit_(static_cast<std::uint64_t>(std::llround(share * 0x1p32))) {}
  // Of those that another share leaves, so that `share` of all have it.
  Share(double share, double left) : Share(left <= share ? 1.0 : share / left) {}
  std::uint64_t limit() const noexcept { return limit_; }

 private:
  std::uint64_t limit_ = 0;
};

namespace logarithm {

inline constexpr unsigned steps = 256;
inline constexpr unsigned bits = 32;  // behind the point

// log2 of 1 to 2, by squaring: each square that reaches 2 is a one.
constexpr std::uint64_t by_squaring(std::uint64_t one_to_two) {
  std::uint64_t result = 0;
  for (unsigned bit = 0; bit < bits; ++bit) {
    one_to_two = (one_to_two * one_to_two) >> 31U;
    result <<= 1U;
    if (one_to_two >> 32U != 0) {
      one_to_two >>= 1U;
      result |= 1U;
    }
  }
  return result;
}

constexpr std::array<std::uint64_t, steps + 1> table() {
  std::array<std::uint64_t, steps + 1> values{};
  for (std::uint64_t i = 0; i < steps; ++i) values[i] = by_squaring((std::uint64_t{1} << 31U) + (i << 23U));
  values[steps] = std::uint64_t{1} << bits;
  return values;
}

inline constexpr auto values = table();

}  // namespace logarithm

class Chance {
 public:
  explicit Chance(std::uint64_t seed) noexcept : source_(seed) {}

  std::uint64_t next() noexcept { return source_.next(); }
  // 0 <= result < bound; by multiplication, which is a tenth of a division's time.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>((next() >> 32U) * bound >> 32U);
  }
  // Both included.
  std::uint32_t between(std::uint32_t least, std::uint32_t most) noexcept {
    return least + below(most - least + 1);
  }
  bool happens(const Share& share) noexcept { return share.limit() != 0 && next() >> 32U < share.limit(); }
  // Exponentially distributed with mean 2^fraction; at most 45 times that.
  static constexpr unsigned fraction = 24;
  std::uint64_t exponential() noexcept {
    const std::uint64_t draw = next() | 1U;  // log2 of 0 is none
    const auto zeros = static_cast<unsigned>(std::countl_zero(draw));
    const std::uint64_t mantissa = draw << zeros;  // its first bit is one
    const std::uint64_t place = mantissa >> 55U & 0xffU;
    const std::uint64_t rest = mantissa >> 23U & 0xffff'ffffU;
    const std::uint64_t low = logarithm::values[place];
    const std::uint64_t inside = low + ((logarithm::values[place + 1] - low) * rest >> 32U);
    // 64 - log2(draw): the bits in front of the first one, and what is missing to the next power of two.
    const std::uint64_t log = (std::uint64_t{zeros + 1} << logarithm::bits) - inside;
    constexpr std::uint64_t ln_2 = 0xb172'17f8;  // in units of 2^-32
    constexpr unsigned kept = logarithm::bits - fraction;
    return (log >> kept) * ln_2 >> 32U;
  }

 private:
  arch::Prng source_;
};

}  // namespace vmlan::apps
