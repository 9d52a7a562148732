// Addresses between our words and lwIP's.
#pragma once

#include <lwip/ip_addr.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/ip_address.h"

namespace vmlan::cms {

ip_addr_t to_lwip(const wire::IpAddress& address) noexcept;
wire::IpAddress from_lwip(const ip_addr_t& address) noexcept;
wire::IpAddress from_lwip(const ip4_addr_t& address) noexcept;
wire::IpAddress from_lwip(const ip6_addr_t& address) noexcept;

// An IPv4 address as an integer, most significant byte first: the form masks are applied in.
std::uint32_t v4_integer(const wire::IpAddress& address) noexcept;
wire::IpAddress v4_address(std::uint32_t integer) noexcept;

// The length of a subnet mask, or nothing if its ones are not all on the left.
std::optional<unsigned> prefix_length(std::uint32_t mask) noexcept;
std::uint32_t subnet_mask(unsigned prefix_length) noexcept;

}  // namespace vmlan::cms
