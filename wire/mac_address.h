// An IEEE 802 MAC address.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/ip_address.h"

namespace vmlan::wire {

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  bool is_group() const noexcept { return (bytes[0] & 1U) != 0; }
  bool is_broadcast() const noexcept {
    return bytes == std::array<std::uint8_t, 6>{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  }
  bool is_zero() const noexcept { return bytes == std::array<std::uint8_t, 6>{}; }
  std::uint64_t as_integer() const noexcept;

  auto operator<=>(const MacAddress&) const = default;
};

// As z/VM shows it: 02-00-00-00-00-21.
std::string to_string(const MacAddress& mac);
// With dashes, colons or nothing between the bytes.
std::optional<MacAddress> parse_mac_address(std::string_view text);
// 01-00-5E + low 23 bits (RFC 1112) or 33-33 + low 32 bits (RFC 2464).
MacAddress multicast_mac(const IpAddress& group) noexcept;

}  // namespace vmlan::wire
