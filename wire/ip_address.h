// An IPv4 or IPv6 address as one 128-bit key: IPv4 lies in it as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so
// that tables need no second kind of key.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace vmlan::wire {

enum class IpVersion : std::uint8_t { v4 = 4, v6 = 6 };

struct IpAddress {
  // Network byte order, IPv4 mapped.
  std::array<std::uint8_t, 16> bytes{};

  // Inline: of each datagram.
  static IpAddress v4(const std::uint8_t* four_bytes) noexcept {
    IpAddress address = v4(0, 0, 0, 0);
    std::memcpy(address.bytes.data() + 12, four_bytes, 4);
    return address;
  }
  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept {
    return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
  }
  static IpAddress v6(const std::uint8_t* sixteen_bytes) noexcept;

  bool is_v4() const noexcept;
  IpVersion version() const noexcept { return is_v4() ? IpVersion::v4 : IpVersion::v6; }
  bool is_unspecified() const noexcept;
  // 224.0.0.0/4 or ff00::/8
  bool is_multicast() const noexcept;
  // 255.255.255.255
  bool is_limited_broadcast() const noexcept;
  // The four bytes of an IPv4 address; only if is_v4().
  const std::uint8_t* v4_bytes() const noexcept { return bytes.data() + 12; }

  auto operator<=>(const IpAddress&) const = default;
  // Two words instead of a call of memcmp: this stands in every look-up of the hot path.
  bool operator==(const IpAddress& other) const noexcept {
    return high() == other.high() && low() == other.low();
  }
  // The halves of the key in the host's byte order: for hashing and comparing only.
  std::uint64_t high() const noexcept { return word(0); }
  std::uint64_t low() const noexcept { return word(8); }

 private:
  std::uint64_t word(std::size_t offset) const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
  }
};

// "10.1.1.1" or RFC 5952 text, lower case; CP prints it in upper case.
std::string to_string(const IpAddress& address);
std::optional<IpAddress> parse_ip_address(std::string_view text);

}  // namespace vmlan::wire
