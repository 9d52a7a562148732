#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::wire {

namespace {
constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
}

IpAddress IpAddress::v6(const std::uint8_t* sixteen_bytes) noexcept {
  IpAddress address;
  std::memcpy(address.bytes.data(), sixteen_bytes, 16);
  return address;
}

bool IpAddress::is_v4() const noexcept {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin());
}

bool IpAddress::is_unspecified() const noexcept {
  const auto first = is_v4() ? bytes.begin() + 12 : bytes.begin();
  return std::all_of(first, bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const noexcept {
  return is_v4() ? (bytes[12] & 0xf0U) == 0xe0U : bytes[0] == 0xff;
}

bool IpAddress::is_limited_broadcast() const noexcept {
  return is_v4() &&
         std::all_of(bytes.begin() + 12, bytes.end(), [](std::uint8_t byte) { return byte == 0xff; });
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4()) {
    inet_ntop(AF_INET, address.v4_bytes(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const std::string terminated(text);
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return IpAddress::v4(bytes.data());
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return IpAddress::v6(bytes.data());
  return std::nullopt;
}

std::uint64_t MacAddress::as_integer() const noexcept {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8U | byte;
  return value;
}

std::string to_string(const MacAddress& mac) {
  const auto& b = mac.bytes;
  return fmt::format("{:02X}-{:02X}-{:02X}-{:02X}-{:02X}-{:02X}", b[0], b[1], b[2], b[3], b[4], b[5]);
}

std::optional<MacAddress> parse_mac_address(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-' && c != ':') digits += c;
  }
  if (digits.size() != 12) return std::nullopt;
  MacAddress mac;
  for (std::size_t i = 0; i < 12; ++i) {
    const auto position = std::string_view("0123456789ABCDEFabcdef").find(digits[i]);
    if (position == std::string_view::npos) return std::nullopt;
    const auto nibble = position < 16 ? position : position - 6;
    mac.bytes[i / 2] = static_cast<std::uint8_t>(std::size_t{mac.bytes[i / 2]} << 4U | nibble);
  }
  return mac;
}

MacAddress multicast_mac(const IpAddress& group) noexcept {
  const auto& b = group.bytes;
  if (group.is_v4()) return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[13] & 0x7fU), b[14], b[15]}};
  return {{0x33, 0x33, b[12], b[13], b[14], b[15]}};
}

}  // namespace vmlan::wire
