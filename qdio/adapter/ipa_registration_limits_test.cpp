// Registrations: masks, versions, router types, MAC addresses, from both sides of what is accepted.
#include <gtest/gtest.h>

#include <string>

#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

// z/OS' masks: what is no prefix says nothing, the address stands for itself.
TEST_F(IpaTest, AMaskThatIsNoPrefixMeansTheAddressItself) {
  const std::pair<const char*, const char*> masks[] = {
      {"FFFFFF00", "24"}, {"FF000000", "8"},  {"FFFFFFFF", "32"}, {"FFFFFFFE", "31"}, {"80000000", "1"},
      {"00000000", "0"},  {"FF00FF00", "32"}, {"FFFE8000", "32"}, {"FFFD0000", "32"}, {"7F000000", "32"},
      {"00000001", "32"}, {"FFFFFF80", "25"}, {"00FF0000", "32"}};
  for (const auto& [mask, length] : masks) {
    port.calls.clear();
    EXPECT_EQ(code(head("B1", "0004") + "0A000001 " + mask + " 00000000"), "0000");
    EXPECT_EQ(port.calls, Calls{std::string("set_ip 10.0.0.1/") + length + " 0"}) << mask;
  }
  port.calls.clear();
  const std::string address = head("B1", "0006") + "FE800000 00000000 00000000 00000001 ";
  code(address + "FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF 00000002");
  code(address + "FFFFFFFF FFFFFFFF 00000000 00000000 00000000");
  code(address + "DEADBEEF FFFFFFFF 00000000 00000000 00000000");
  EXPECT_EQ(port.calls, (Calls{"set_ip fe80::1/128 2", "set_ip fe80::1/64 0", "set_ip fe80::1/128 0"}));
}

TEST_F(IpaTest, AddressesThatAreNoneAreRefusedInVersionSixToo) {
  const std::string rest = "FFFFFFFF FFFFFFFF 00000000 00000000 00000000";
  EXPECT_EQ(code(head("B1", "0006") + "00000000 00000000 00000000 00000000 " + rest), "0006");
  EXPECT_EQ(code(head("B1", "0006") + "FF020000 00000000 00000000 00000001 " + rest), "0006");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, RegistrationsNeedAVersion) {
  const std::string data = "0A000001 FFFFFF00 00000000 00000000 00000000 E0000001 00000000 00000000 00000000";
  for (const char* command : {"B1", "B4", "B5", "B7"}) {
    for (const char* version : {"0000", "0005", "0007", "0600"}) {
      EXPECT_EQ(code(head(command, version) + data), "F001") << command << version;
    }
  }
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, GroupsOfVersionSixAreLeftToo) {
  EXPECT_EQ(code(head("B5", "0006") + "333300000001 0000 FF020000 00000000 00000000 00000001"), "0000");
  EXPECT_EQ(port.calls, Calls{"delete_multicast ff02::1"});
  EXPECT_EQ(code(head("B5", "0006") + "333300000001 0000 00000000 00000000 0000FFFF E0000001"), "0006");
  port.answers["set_multicast"] = IpaCode::ip_table_full;
  EXPECT_EQ(code(head("B4", "0006") + "333300000001 0000 FF020000 00000000 00000000 00000001"), "E006");
}

TEST_F(IpaTest, ARouterIsOneOfItsVersion) {
  EXPECT_EQ(code(head("B6", "0004") + "01"), "0000");
  EXPECT_EQ(code(head("B6", "0006") + "02"), "0000");
  EXPECT_EQ(code(head("B6", "0000") + "00"), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_router 4 1", "set_router 6 2", "set_router 4 0"}));
  use(AdapterKind::iqd);
  port.calls.clear();
  for (const char* type : {"00", "03", "04", "05"}) EXPECT_EQ(code(head("B6", "0004") + type), "0000");
  EXPECT_EQ(port.calls, (Calls{"set_router 4 0", "set_router 4 3", "set_router 4 4", "set_router 4 5"}));
  for (const char* type : {"01", "02", "06"}) EXPECT_EQ(code(head("B6", "0004") + type), "E012");
  use(AdapterKind::osd);
  EXPECT_EQ(code(head("B6", "0004") + "05"), "E012");
}

TEST_F(IpaTest, InLayer3AMacAddressIsConfirmedNotChosen) {
  for (const char* command : {"21", "22"}) {
    EXPECT_EQ(code(head(command, "0004") + "00000006 02005EAB64B9"), "0000");
    EXPECT_EQ(code(head(command, "0004") + "00000006 02005EAB64BA"), "2003");
    EXPECT_EQ(code(head(command, "0004") + "00000005 02005EAB64B9"), "0006");
  }
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, ThePortsCodeIsThatOfEachRegistration) {
  use(AdapterKind::osd, Transport::ethernet);
  const std::pair<const char*, const char*> calls[] = {
      {"21", "set_mac"}, {"22", "delete_mac"}, {"23", "set_group_mac"}, {"24", "delete_group_mac"}};
  for (const auto& [command, call] : calls) {
    port.answers[call] = IpaCode::mac_not_authorized;
    EXPECT_EQ(code(head(command, "0004", "02") + "00000006 8E40085AF4CB"), "200C") << call;
    EXPECT_EQ(code(head(command, "0004", "02") + "00000008 8E40085AF4CB"), "0006") << call;
  }
  port.answers["stop_lan"] = IpaCode::lan_offline;
  EXPECT_EQ(code(head("02", "0000")), "E080");
}

}  // namespace
}  // namespace vmlan::qdio
