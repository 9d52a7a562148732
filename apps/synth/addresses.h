// The addresses of a workload's users and groups: by their numbers, without a table.
//
// User 0 has the MAC address 02-00-00-00-00-01 (locally administered), 10.0.0.1 and, as on a LAN without a
// router, the link-local address that belongs to its MAC address (RFC 4291, appendix A). Groups are of link
// scope. Threads: any.
#pragma once

#include <cstdint>

#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::apps {

// As many as have an address in 10.0.0.0/8, and a MAC address with three bytes of their own.
inline constexpr std::uint32_t most_synth_users = 10'000'000;
inline constexpr std::uint32_t most_synth_groups = 4;

inline wire::MacAddress synth_mac(std::uint32_t user) noexcept {
  const std::uint32_t number = user + 1;
  return {{0x02, 0, 0, static_cast<std::uint8_t>(number >> 16U), static_cast<std::uint8_t>(number >> 8U),
           static_cast<std::uint8_t>(number)}};
}

inline wire::IpAddress synth_address(std::uint32_t user, bool ipv6) noexcept {
  const auto mac = synth_mac(user).bytes;
  if (!ipv6) return wire::IpAddress::v4(10, mac[3], mac[4], mac[5]);
  return {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, mac[3], mac[4], mac[5]}};
}

inline wire::IpAddress synth_group(std::uint32_t group, bool ipv6) noexcept {
  const auto number = static_cast<std::uint8_t>(group + 1);
  if (!ipv6) return wire::IpAddress::v4(239, 192, 0, number);
  return {{0xff, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, number}};
}

// --- Who to whom --------------------------------------------------------------------------------------

struct Envelope {
  wire::MacAddress to;
  wire::MacAddress from;
  wire::IpAddress destination;
  wire::IpAddress source;
  std::uint16_t vlan = 0;  // 0: no tag
  std::uint8_t hops = 64;

  bool is_v6() const noexcept { return !source.is_v4(); }
};

inline Envelope to_user(std::uint32_t from, std::uint32_t to, bool ipv6, std::uint16_t vlan) noexcept {
  return {synth_mac(to), synth_mac(from), synth_address(to, ipv6), synth_address(from, ipv6), vlan, 64};
}

inline Envelope to_group(std::uint32_t from, std::uint32_t group, bool ipv6) noexcept {
  const auto address = synth_group(group, ipv6);
  return {wire::multicast_mac(address), synth_mac(from), address, synth_address(from, ipv6), 0, 1};
}

inline Envelope to_everybody(std::uint32_t from) noexcept {
  return {{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
          synth_mac(from),
          wire::IpAddress::v4(255, 255, 255, 255),
          synth_address(from, false),
          0,
          64};
}

}  // namespace vmlan::apps
