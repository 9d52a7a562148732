#include "cms/stack/ip_conversion.h"

#include <bit>
#include <cstring>

#include "arch/big_endian.h"

namespace vmlan::cms {

ip_addr_t to_lwip(const wire::IpAddress& address) noexcept {
  ip_addr_t result{};
  if (address.is_v4()) {
    std::memcpy(&result.u_addr.ip4.addr, address.v4_bytes(), 4);
    result.type = IPADDR_TYPE_V4;
  } else {
    std::memcpy(&result.u_addr.ip6.addr, address.bytes.data(), 16);
    result.type = IPADDR_TYPE_V6;
  }
  return result;
}

wire::IpAddress from_lwip(const ip4_addr_t& address) noexcept {
  std::uint8_t bytes[4];
  std::memcpy(bytes, &address.addr, sizeof(bytes));
  return wire::IpAddress::v4(bytes);
}

wire::IpAddress from_lwip(const ip6_addr_t& address) noexcept {
  wire::IpAddress result;
  std::memcpy(result.bytes.data(), address.addr, 16);
  return result;
}

wire::IpAddress from_lwip(const ip_addr_t& address) noexcept {
  return address.type == IPADDR_TYPE_V6 ? from_lwip(address.u_addr.ip6) : from_lwip(address.u_addr.ip4);
}

std::uint32_t v4_integer(const wire::IpAddress& address) noexcept {
  arch::be32 value;
  std::memcpy(&value, address.v4_bytes(), sizeof(value));
  return value;
}

wire::IpAddress v4_address(std::uint32_t integer) noexcept {
  const arch::be32 value(integer);
  std::uint8_t bytes[4];
  std::memcpy(bytes, &value, sizeof(bytes));
  return wire::IpAddress::v4(bytes);
}

std::optional<unsigned> prefix_length(std::uint32_t mask) noexcept {
  const auto ones = static_cast<unsigned>(std::countl_one(mask));
  if (mask != subnet_mask(ones)) return std::nullopt;
  return ones;
}

std::uint32_t subnet_mask(unsigned prefix_length) noexcept {
  return prefix_length == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix_length);
}

}  // namespace vmlan::cms
