// A fuzzer's bytes, taken from the front; zeros and empty pieces once they are used up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vmlan::fuzz {

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(std::as_bytes(bytes)) {}
  explicit Input(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool empty() const noexcept { return bytes_.empty(); }
  std::uint8_t byte() noexcept {
    const auto one = take(1);
    return one.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(one.front());
  }
  std::uint16_t half() noexcept {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8U | byte());
  }
  std::span<const std::byte> take(std::size_t length) noexcept {
    const auto piece = bytes_.first(std::min(length, bytes_.size()));
    bytes_ = bytes_.subspan(piece.size());
    return piece;
  }
  std::span<const std::byte> rest() noexcept { return take(bytes_.size()); }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace vmlan::fuzz
