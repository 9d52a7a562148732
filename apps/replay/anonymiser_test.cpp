#include "apps/replay/anonymiser.h"

#include <gtest/gtest.h>

#include <set>

#include "arch/clock.h"

namespace vmlan::apps {
namespace {

unsigned common_bits(const wire::IpAddress& a, const wire::IpAddress& b) {
  for (unsigned bit = 0; bit < 128; ++bit) {
    if (((a.bytes[bit / 8] ^ b.bytes[bit / 8]) & (0x80U >> bit % 8)) != 0) return bit;
  }
  return 128;
}

TEST(Anonymiser, KeepsTheLengthsOfCommonPrefixes) {
  const Anonymiser secret("secret");
  arch::Prng chance(1);
  for (unsigned i = 0; i < 200; ++i) {
    const auto number = static_cast<std::uint32_t>(chance.next()) & 0x7fff'ffffU;
    const auto other = number ^ (1U << chance.next() % 31);
    const auto ip = [](std::uint32_t value) {
      return wire::IpAddress::v4(static_cast<std::uint8_t>(value >> 24U),
                                 static_cast<std::uint8_t>(value >> 16U),
                                 static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value));
    };
    EXPECT_EQ(common_bits(secret.address(ip(number)), secret.address(ip(other))),
              common_bits(ip(number), ip(other)));
  }
  const auto six = *wire::parse_ip_address("2001:db8::1");
  const auto near = *wire::parse_ip_address("2001:db8::2");
  EXPECT_EQ(common_bits(secret.address(six), secret.address(near)), common_bits(six, near));
  EXPECT_NE(secret.address(six), six);
}

TEST(Anonymiser, WhatItMakesDependsOnTheSecretAlone) {
  const auto address = wire::IpAddress::v4(10, 1, 2, 3);
  EXPECT_EQ(Anonymiser("a").address(address), Anonymiser("a").address(address));
  std::set<std::string> made;
  for (const char* secret : {"a", "b", "c", "d"}) made.insert(to_string(Anonymiser(secret).address(address)));
  EXPECT_EQ(made.size(), 4U);
  EXPECT_EQ(Anonymiser("").address(address), address);
}

TEST(Anonymiser, GroupsStayGroupsAndMacAddressesBecomeLocalOnes) {
  const Anonymiser secret("secret");
  EXPECT_TRUE(secret.address(wire::IpAddress::v4(239, 1, 1, 1)).is_multicast());
  EXPECT_TRUE(secret.address(*wire::parse_ip_address("ff02::fb")).is_multicast());
  const wire::MacAddress mac{{0, 0x1b, 0x21, 1, 2, 3}};
  const auto shown = secret.shown(StationKey::of(mac, 0));
  EXPECT_NE(shown, to_string(mac));
  const auto parsed = wire::parse_mac_address(shown);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->bytes[0] & 3U, 2U);
}

}  // namespace
}  // namespace vmlan::apps
