#include <gtest/gtest.h>

#include <string>

#include "qdio/adapter/ipa.h"
#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

// --- Layer 3 registrations; requests observed with Linux 6.1

const std::string set_ip_v4 =
    head("B1", "0004") + "C0A84602 FFFFFF00 00000000 00000000 00000000 00000000 00000000 00000000 00000000";
const std::string set_ip_v6 =
    head("B1", "0006") + "FE800000 00000000 02005EFF FEAB64B9 FFFFFFFF FFFFFFFF 00000000 00000000 00000000";

TEST_F(IpaTest, AddressesAreRegisteredWithTheirPrefixLength) {
  EXPECT_EQ(code(set_ip_v4), "0000");
  EXPECT_EQ(code(set_ip_v6), "0000");
  EXPECT_EQ(code(head("B1", "0004") + "0A000001 FFFFFFFF 00000003 00000000"), "0000");
  EXPECT_EQ(code(head("B1", "0004") + "0A000001 00000000 00000000"), "0000");
  EXPECT_EQ(code(head("B1", "0004") + "0A000001 FFFE0000 00000000"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_ip 192.168.70.2/24 0", "set_ip fe80::200:5eff:feab:64b9/64 0",
                               "set_ip 10.0.0.1/32 3", "set_ip 10.0.0.1/0 0", "set_ip 10.0.0.1/15 0"}));
}

TEST_F(IpaTest, ADuplicateAddressIsE005) {
  port.answers["set_ip"] = IpaCode::duplicate_ip_address;
  EXPECT_EQ(code(set_ip_v4), "E005");
}

TEST_F(IpaTest, AddressesThatAreNoneAreBadFormat) {
  for (const char* data : {"00000000 FFFFFF00 00000000",   // unspecified
                           "E0000001 FFFFFF00 00000000",   // a group
                           "FFFFFFFF FFFFFF00 00000000",   // broadcast
                           "0A000001 FFFFFF00 000000"}) {  // cut short
    EXPECT_EQ(code(head("B1", "0004") + data), "0006") << data;
  }
  // An IPv4 address in an IPv6 one's clothes would be the same key in the LAN's table.
  EXPECT_EQ(code(head("B1", "0006") +
                 "00000000 00000000 0000FFFF 0A000001 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF 00000000"),
            "0006");
  EXPECT_EQ(code(head("B7", "0006") +
                 "00000000 00000000 0000FFFF 0A000001 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF 00000000"),
            "0006");
  EXPECT_EQ(code(head("B4", "0006") + "333300000001 0000 00000000 00000000 0000FFFF E0000001"), "0006");
  EXPECT_EQ(code(head("B1", "0000") + "0A000001 FFFFFF00 00000000"), "F001");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, AddressesAreDeletedWhateverTheFlags) {
  EXPECT_EQ(code(head("B7", "0004") + "C0A84602 FFFFFF00 00000040 00000000"), "0000");
  EXPECT_EQ(port.calls, Calls{"delete_ip 192.168.70.2"});
  port.answers["delete_ip"] = IpaCode::primary_exists;
  EXPECT_EQ(code(head("B7", "0004") + "C0A84602 FFFFFF00 00000000"), "E010");
}

TEST_F(IpaTest, GroupsAreJoinedAndLeft) {
  EXPECT_EQ(code(head("B4", "0004") + "01005E000001 0000 00000000 00000000 00000000 E0000001"), "0000");
  EXPECT_EQ(code(head("B4", "0006") + "333300000001 0000 FF020000 00000000 00000000 00000001"), "0000");
  EXPECT_EQ(code(head("B5", "0004") + "01005E000001 0000 00000000 00000000 00000000 E0000001"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_multicast 224.0.0.1 01-00-5E-00-00-01",
                               "set_multicast ff02::1 33-33-00-00-00-01", "delete_multicast 224.0.0.1"}));
  EXPECT_EQ(code(head("B4", "0004") + "020000000001 0000 00000000 00000000 00000000 0A000001"), "0006");
  port.answers["delete_multicast"] = IpaCode::multicast_not_found;
  EXPECT_EQ(code(head("B5", "0004") + "01005E000001 0000 00000000 00000000 00000000 E0000001"), "E00B");
}

TEST_F(IpaTest, RouterTypesDependOnTheKind) {
  const auto route = [&](const char* type) { return code(head("B6", "0004") + type); };
  EXPECT_EQ(route("00"), "0000");
  EXPECT_EQ(route("01"), "0000");
  EXPECT_EQ(route("02"), "0000");
  EXPECT_EQ(route("03"), "0000");
  EXPECT_EQ(route("04"), "E012");
  EXPECT_EQ(route("06"), "E012");
  EXPECT_EQ(route("FF"), "E012");
  EXPECT_EQ(code(head("B6", "0006") + "01"), "0000");
  EXPECT_EQ(code(head("B6", "0005") + "01"), "F001");
  use(AdapterKind::iqd);
  EXPECT_EQ(route("01"), "E012");
  EXPECT_EQ(route("03"), "0000");
  EXPECT_EQ(route("05"), "0000");
  port.answers["set_router"] = IpaCode::primary_exists;
  EXPECT_EQ(route("04"), "E010");
}

TEST_F(IpaTest, CreateAddressTellsMacAndUniqueId) {
  EXPECT_EQ(code(head("C3", "0006") + "000000000000 0000"), "0000");
  EXPECT_EQ(at(0x14, 8), "02005EAB64B9FFFE");  // observed, Linux 6.1 qeth on OSD
  use(AdapterKind::iqd);
  EXPECT_EQ(code(head("C3", "0006") + "000000000000 0000"), "0000");
  EXPECT_EQ(at(0x14, 8), "02005EAB64B90000");
  EXPECT_EQ(code(head("C4", "0006") + "02005EAB64B9 0000"), "0000");
}

// --- Layer 2 registrations

TEST_F(IpaTest, Layer2CommandsReachThePortOfALayer2Session) {
  use(AdapterKind::osd, Transport::ethernet);
  const auto mac = [&](const char* command, const char* data) {
    return code(head(command, "0004", "02") + data);
  };
  EXPECT_EQ(mac("21", "00000006 8E40085AF4CB"), "0000");
  EXPECT_EQ(mac("22", "00000006 8E40085AF4CB"), "0000");
  EXPECT_EQ(mac("23", "00000006 333300000001"), "0000");
  EXPECT_EQ(mac("24", "00000006 333300000001"), "0000");
  EXPECT_EQ(mac("25", "0064"), "0000");
  EXPECT_EQ(mac("26", "0064"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_mac 8E-40-08-5A-F4-CB", "delete_mac 8E-40-08-5A-F4-CB",
                               "set_group_mac 33-33-00-00-00-01", "delete_group_mac 33-33-00-00-00-01",
                               "set_vlan 100", "delete_vlan 100"}));
  EXPECT_EQ(mac("21", "00000007 8E40085AF4CB"), "0006");
  EXPECT_EQ(mac("21", "00000006 8E40085AF4"), "0006");
  EXPECT_EQ(mac("25", "00"), "0006");
  port.answers["set_mac"] = IpaCode::duplicate_mac;
  EXPECT_EQ(mac("21", "00000006 8E40085AF4CB"), "2005");
}

TEST_F(IpaTest, EachLayerRefusesTheOthersCommands) {
  EXPECT_EQ(code(head("21", "0004") + "00000006 8E40085AF4CB"), "2003");
  use(AdapterKind::osd, Transport::ethernet);
  EXPECT_EQ(code(set_ip_v4), "0001");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, RandomCommandsAreAnsweredWithTheirOwnSequenceNumber) {
  arch::Prng chance(7);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> request(20 + chance.below(80));
    for (auto& byte : request) byte = static_cast<std::byte>(chance.below(256));
    constexpr unsigned commands[] = {0x01, 0x21, 0x25, 0xb1, 0xb2, 0xb3, 0xb4, 0xb6, 0xb7, 0xb8, 0xb9, 0xc3};
    request[0] = static_cast<std::byte>(commands[chance.below(std::size(commands))]);
    if (chance.below(2) == 0) request[10] = std::byte{0}, request[11] = std::byte{4};
    if (round % 100 == 0) use(AdapterKind::osd, round % 200 == 0 ? Transport::ip : Transport::ethernet);
    const auto answer = ipa->answer(request);
    ASSERT_GE(answer.bytes().size(), 20U);
    EXPECT_EQ(answer.bytes()[0], request[0]);
    EXPECT_EQ(answer.bytes()[1], std::byte{0});
    EXPECT_EQ(answer.bytes()[2], request[2]);
    EXPECT_EQ(answer.bytes()[3], request[3]);
  }
}

}  // namespace
}  // namespace vmlan::qdio
