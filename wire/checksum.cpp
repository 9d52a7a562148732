#include "wire/checksum.h"

#include <cstring>

namespace vmlan::wire {

namespace {

template <class Integer>
Integer load(const std::byte* from) noexcept {
  Integer value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

std::uint16_t fold(std::uint64_t sum) noexcept {
  sum = (sum & 0xffff'ffffU) + (sum >> 32U);
  sum = (sum & 0xffff'ffffU) + (sum >> 32U);
  sum = (sum & 0xffffU) + (sum >> 16U);
  sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>((sum & 0xffffU) + (sum >> 16U));
}

// Packets are short: a sum of 32-bit words cannot overflow 64 bits. Four sums, which a compiler can put into
// one vector.
std::uint64_t sum_of(const std::byte* data, std::size_t length) noexcept {
  constexpr std::size_t step = 4 * sizeof(std::uint32_t);
  std::uint64_t sums[4] = {};
  for (; length >= step; length -= step, data += step) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      sums[lane] += load<std::uint32_t>(data + lane * sizeof(std::uint32_t));
    }
  }
  std::uint64_t sum = fold(sums[0]) + std::uint64_t{fold(sums[1])} + fold(sums[2]) + fold(sums[3]);
  for (; length >= sizeof(std::uint16_t); length -= sizeof(std::uint16_t), data += sizeof(std::uint16_t)) {
    sum += load<std::uint16_t>(data);
  }
  if (length > 0) {
    std::uint16_t last = 0;  // the byte and a zero behind it
    std::memcpy(&last, data, 1);
    sum += last;
  }
  return sum;
}

}  // namespace

void InternetSum::add(const void* data, std::size_t length) noexcept {
  const std::uint16_t sum = fold(sum_of(static_cast<const std::byte*>(data), length));
  sum_ += odd_ ? __builtin_bswap16(sum) : sum;
  odd_ ^= length % 2 != 0;
}

std::uint16_t InternetSum::folded() const noexcept { return fold(sum_); }

}  // namespace vmlan::wire
