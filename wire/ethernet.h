// Ethernet II and the first bytes of IP: just enough to decide where a frame goes.
#pragma once

#include <array>
#include <cstdint>

#include "arch/big_endian.h"
#include "wire/mac_address.h"

namespace vmlan::wire {

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  arch::be16 type;
};
static_assert(sizeof(EthernetHeader) == 14);

namespace ether_type {
inline constexpr std::uint16_t ipv4 = 0x0800;
inline constexpr std::uint16_t arp = 0x0806;
inline constexpr std::uint16_t vlan = 0x8100;
inline constexpr std::uint16_t ipv6 = 0x86dd;
}  // namespace ether_type

// RFC 791.
struct Ipv4Header {
  std::uint8_t version_ihl = 0x45;
  std::uint8_t tos = 0;
  arch::be16 total_length;
  arch::be16 identification;
  arch::be16 fragment;
  std::uint8_t ttl = 64;
  std::uint8_t protocol = 0;
  arch::be16 checksum;
  std::array<std::uint8_t, 4> source{};
  std::array<std::uint8_t, 4> destination{};
};
static_assert(sizeof(Ipv4Header) == 20);

// RFC 8200.
struct Ipv6Header {
  arch::be32 version_class_flow{0x60000000U};
  arch::be16 payload_length;
  std::uint8_t next_header = 59;
  std::uint8_t hop_limit = 64;
  std::array<std::uint8_t, 16> source{};
  std::array<std::uint8_t, 16> destination{};
};
static_assert(sizeof(Ipv6Header) == 40);

}  // namespace vmlan::wire
