#include "wire/lacp.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstring>

namespace vmlan::wire {
namespace {

// Sent by Open vSwitch 3.1 for the second port of a bond that has heard of no partner; behind its Ethernet
// header, without the 52 zeros of the terminator.
constexpr std::uint8_t of_open_vswitch[] = {
    0x01, 0x01, 0x01, 0x14, 0xff, 0xfe, 0x02, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x00, 0x01, 0xff,
    0xff, 0x00, 0x02, 0xbf, 0x00, 0x00, 0x00, 0x02, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, 0x10, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
static_assert(sizeof(of_open_vswitch) + 52 == sizeof(LacpPdu));

TEST(Lacp, IsReadAsOpenVSwitchHasWrittenIt) {
  std::array<std::uint8_t, sizeof(LacpPdu)> bytes{};
  std::memcpy(bytes.data(), of_open_vswitch, sizeof(of_open_vswitch));
  const auto pdu = std::bit_cast<LacpPdu>(bytes);
  EXPECT_EQ(pdu.actor_type, 1);
  EXPECT_EQ(pdu.actor_length, 20);
  EXPECT_EQ(pdu.actor.system_priority.value(), 65534);
  EXPECT_EQ(to_string(pdu.actor.system), "02-0A-0B-0C-0D-0E");
  EXPECT_EQ(pdu.actor.key.value(), 1);
  EXPECT_EQ(pdu.actor.port_priority.value(), 65535);
  EXPECT_EQ(pdu.actor.port.value(), 2);
  EXPECT_EQ(pdu.actor.state, 0xff & ~lacp_state::defaulted);
  EXPECT_EQ(pdu.partner_type, 2);
  EXPECT_EQ(pdu.partner.state, lacp_state::timeout);
  EXPECT_EQ(pdu.collector_type, 3);
  EXPECT_EQ(pdu.collector_length, 16);
}

TEST(Lacp, IsWrittenAsOpenVSwitchDoes) {
  LacpPdu pdu;
  pdu.actor.system_priority = 65534;
  pdu.actor.system = {{2, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e}};
  pdu.actor.key = 1;
  pdu.actor.port_priority = 65535;
  pdu.actor.port = 2;
  pdu.actor.state = 0xbf;
  pdu.partner.system_priority = 0;
  pdu.partner.port_priority = 0;
  pdu.partner.state = lacp_state::timeout;
  EXPECT_EQ(std::memcmp(&pdu, of_open_vswitch, sizeof(of_open_vswitch)), 0);
  for (const std::uint8_t byte : pdu.terminator) EXPECT_EQ(byte, 0);
}

}  // namespace
}  // namespace vmlan::wire
