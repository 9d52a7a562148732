#include "apps/replay/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmlan::apps {
namespace {

using ::testing::HasSubstr;

Mapping mapping(std::string_view text) {
  auto parsed = Mapping::parse(text);
  const auto* wrong = std::get_if<std::string>(&parsed);
  EXPECT_EQ(wrong, nullptr) << *wrong;
  return wrong == nullptr ? std::get<Mapping>(parsed) : Mapping{};
}

std::string mapping_refusal(std::string_view text) {
  auto parsed = Mapping::parse(text);
  const auto* wrong = std::get_if<std::string>(&parsed);
  return wrong == nullptr ? "" : *wrong;
}

Placement place(const Mapping& map, const char* address, std::uint16_t vlan = 0) {
  return map.place(*wire::parse_ip_address(address), vlan);
}

TEST(Mapping, TheLongestPrefixCounts) {
  const auto map = mapping("USER ALL 0.0.0.0/0\nuser web 10.1.0.0/16\nUSER DNS 10.1.2.3 2001:db8::53\n");
  EXPECT_EQ(place(map, "10.1.2.3").userid, "DNS");
  EXPECT_EQ(place(map, "10.1.2.4").userid, "WEB");
  EXPECT_EQ(place(map, "10.2.2.4").userid, "ALL");
  EXPECT_EQ(place(map, "2001:db8::53").userid, "DNS");
  EXPECT_EQ(place(map, "2001:db8::54").userid, "") << "an IPv4 prefix covers no IPv6 address";
}

TEST(Mapping, PrefixesEndAtAnyBit) {
  const auto map = mapping("USER A 10.0.0.0/9\nUSER B 10.128.0.0/9\nUSER C fd00::/12\n");
  EXPECT_EQ(place(map, "10.127.255.255").userid, "A");
  EXPECT_EQ(place(map, "10.128.0.0").userid, "B");
  EXPECT_EQ(place(map, "fd0f::1").userid, "C");
  EXPECT_EQ(place(map, "fd10::1").userid, "");
}

TEST(Mapping, EachKindOfLineSpeaksForItself) {
  const auto map = mapping(
      "# comment\n\nUSER WEB 10.1.1.0/24\nLAN BACK 10.1.0.0/16   * the others too\nPORT VLAN 7 10.1.1.1\n"
      "LAN ALICE.BLUE VLAN 42\nIGNORE 10.1.9.0/24\n");
  const auto web = place(map, "10.1.1.1");
  EXPECT_EQ(web.userid, "WEB");
  EXPECT_EQ(web.lan, (LanName{"SYSTEM", "BACK"}));
  EXPECT_EQ(web.port_vlan, 7);
  EXPECT_FALSE(web.ignored);
  EXPECT_EQ(place(map, "10.1.1.1", 42).lan, (LanName{"ALICE", "BLUE"}));
  EXPECT_EQ(place(map, "10.1.1.1", 43).lan, (LanName{"SYSTEM", "BACK"}));
  EXPECT_TRUE(place(map, "10.1.9.9").ignored);
  EXPECT_FALSE(place(map, "10.2.9.9").ignored);
}

TEST(Mapping, AMacAddressIsOneUser) {
  const auto map = mapping("USER WEB 02:00:00:00:00:07\n");
  EXPECT_EQ(map.place(StationKey::of({{2, 0, 0, 0, 0, 7}}, 0).address, 0).userid, "WEB");
  EXPECT_EQ(map.place(StationKey::of({{2, 0, 0, 0, 0, 8}}, 0).address, 0).userid, "");
}

TEST(Mapping, AWrongLineIsNamed) {
  EXPECT_THAT(mapping_refusal("USER WEB 10.1.1.1\nUSER WEB\n"), HasSubstr("2: no address"));
  EXPECT_THAT(mapping_refusal("USER WEBSERVER1 10.1.1.1"), HasSubstr("1: WEBSERVER1 is no user id"));
  EXPECT_THAT(mapping_refusal("USER WEB 10.1.1.1/33"), HasSubstr("10.1.1.1/33 is no address"));
  EXPECT_THAT(mapping_refusal("USER WEB fd00::/129"), HasSubstr("is no address"));
  EXPECT_THAT(mapping_refusal("LAN A.B.C 10.1.1.1"), HasSubstr("A.B.C is no LAN's"));
  EXPECT_THAT(mapping_refusal("LAN A VLAN 4095"), HasSubstr("1 to 4094"));
  EXPECT_THAT(mapping_refusal("PORT VLAN 0 10.1.1.1"), HasSubstr("1 to 4094"));
  EXPECT_THAT(mapping_refusal("HOST A 10.1.1.1"), HasSubstr("HOST is none of"));
}

}  // namespace
}  // namespace vmlan::apps
