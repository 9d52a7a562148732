// Link aggregation control between two systems: what they tell each other once a second or when something has
// changed. Source: IEEE 802.1AX-2008, 5.4 (version 1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"
#include "wire/mac_address.h"

namespace vmlan::wire {

// Frames to it stay on their link: no bridge passes them on.
inline constexpr MacAddress slow_protocols_group{{0x01, 0x80, 0xc2, 0x00, 0x00, 0x02}};
inline constexpr std::uint16_t slow_protocols_type = 0x8809;

namespace slow_subtype {
inline constexpr std::uint8_t lacp = 1;
inline constexpr std::uint8_t marker = 2;
}  // namespace slow_subtype

namespace lacp_state {
inline constexpr std::uint8_t activity = 0x01;  // speaks without being spoken to
inline constexpr std::uint8_t timeout = 0x02;   // short: wants to hear something each second
inline constexpr std::uint8_t aggregation = 0x04;
inline constexpr std::uint8_t synchronization = 0x08;  // belongs to the right aggregate
inline constexpr std::uint8_t collecting = 0x10;
inline constexpr std::uint8_t distributing = 0x20;
inline constexpr std::uint8_t defaulted = 0x40;  // has never heard a partner, or not for long
inline constexpr std::uint8_t expired = 0x80;
}  // namespace lacp_state

struct LacpInformation {
  arch::be16 system_priority{0x8000};
  MacAddress system;
  arch::be16 key;
  arch::be16 port_priority{0x8000};
  arch::be16 port;
  std::uint8_t state = 0;
  std::array<std::uint8_t, 3> reserved{};
};
static_assert(sizeof(LacpInformation) == 18);

struct LacpPdu {
  std::uint8_t subtype = slow_subtype::lacp;
  std::uint8_t version = 1;
  std::uint8_t actor_type = 1;
  std::uint8_t actor_length = 20;
  LacpInformation actor;
  std::uint8_t partner_type = 2;
  std::uint8_t partner_length = 20;
  LacpInformation partner;
  std::uint8_t collector_type = 3;
  std::uint8_t collector_length = 16;
  arch::be16 collector_max_delay;  // tens of microseconds
  std::array<std::uint8_t, 12> collector_reserved{};
  std::array<std::uint8_t, 52> terminator{};
};
static_assert(sizeof(LacpPdu) == 110);
static_assert(offsetof(LacpPdu, partner_type) == 22);
static_assert(offsetof(LacpPdu, collector_type) == 42);
static_assert(offsetof(LacpPdu, terminator) == 58);

// "Has all that I sent before arrived?", and the answer, with the same request.
struct MarkerPdu {
  static constexpr std::uint8_t request = 1, response = 2;

  std::uint8_t subtype = slow_subtype::marker;
  std::uint8_t version = 1;
  std::uint8_t type = request;
  std::uint8_t length = 16;
  std::array<std::uint8_t, 14> request_of{};  // port, system, transaction
  std::array<std::uint8_t, 92> terminator{};
};
static_assert(sizeof(MarkerPdu) == 110);

}  // namespace vmlan::wire
