// ARP for IPv4 over Ethernet. Source: RFC 826.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"
#include "wire/ethernet.h"
#include "wire/mac_address.h"

namespace vmlan::wire {

namespace arp_operation {
inline constexpr std::uint16_t request = 1;
inline constexpr std::uint16_t reply = 2;
}  // namespace arp_operation

struct ArpPacket {
  arch::be16 hardware{1};
  arch::be16 protocol{ether_type::ipv4};
  std::uint8_t hardware_length = 6;
  std::uint8_t protocol_length = 4;
  arch::be16 operation;
  MacAddress sender_mac;
  std::array<std::uint8_t, 4> sender{};
  MacAddress target_mac;
  std::array<std::uint8_t, 4> target{};
};
static_assert(sizeof(ArpPacket) == 28);
static_assert(offsetof(ArpPacket, operation) == 6);
static_assert(offsetof(ArpPacket, sender) == 14);
static_assert(offsetof(ArpPacket, target) == 24);

}  // namespace vmlan::wire
