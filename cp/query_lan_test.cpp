#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// Text and columns: QUERY LAN log of z/VM 6.x ("Type:" 24, class 2, restriction 14, transport 28,
// "Accounting:" 54).
TEST(QueryLan, BriefFormHasTheColumnsOfTheRealOne) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB"}) system.log_on(user);
  system.type("OPERATOR", "DEFINE LAN GLAN7 OWNERID SYSTEM TYPE QDIO");
  for (const auto* user : {"ALICE", "BOB"}) {
    system.type(user, "DEFINE NIC 700 QDIO");
    system.type(user, "COUPLE 700 SYSTEM GLAN7");
  }
  EXPECT_EQ(system.answer("OPERATOR", "QUERY LAN GLAN7"),
            (Lines{
                "LAN SYSTEM GLAN7        Type: QDIO    Connected: 2    Maxconn: INFINITE",
                "  PERSISTENT  UNRESTRICTED  IP                        Accounting: OFF",
                "  IPTimeout: 5                 MAC Protection: Unspecified",
                "  Isolation Status: OFF",
            }));
}

TEST(QueryLan, ShowsOtherAttributes) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1 TYPE QDIO ETHERNET RESTRICTED MAXCONN 12 ACCOUNTING ON");
  system.type("OPERATOR", "DEFINE LAN L2 TYPE HIPERSOCKETS MFS 64K");
  const auto lines = system.answer("OPERATOR", "Q LAN");
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_EQ(lines[0], "LAN OPERATOR L1         Type: QDIO    Connected: 0    Maxconn: 12");
  EXPECT_EQ(lines[1], "  TRANSIENT   RESTRICTED    ETHERNET                  Accounting: ON");
  EXPECT_EQ(lines[4], "LAN OPERATOR L2         Type: HIPERS  Connected: 0    Maxconn: INFINITE");
  EXPECT_EQ(lines[5], "  TRANSIENT   UNRESTRICTED  MFS: 65536                Accounting: OFF");
  system.type("OPERATOR", "DEFINE LAN L3 TYPE HIPERSOCKETS ETHERNET MFS 16K");
  EXPECT_EQ(system.answer("OPERATOR", "QUERY LAN L3").at(1),
            "  TRANSIENT   UNRESTRICTED  ETHERNET MFS: 16384       Accounting: OFF");
  EXPECT_EQ(system.cp.vmlan().find("OPERATOR", "L3")->attributes().transport, qdio::Transport::ethernet);
}

TEST(QueryLan, SelectsByNameOwnerTypeAndActivity) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO");
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID ALICE");
  constexpr std::size_t one = 4;
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L1").size(), 2 * one);
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L1 OWNER SYSTEM").size(), one);
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN ALL OWNERID ALICE").size(), one);
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN ALL ANYOWNER TYPE QDIO").size(), one);
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN ALL ANYTYPE").size(), 2 * one);
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN ACTIVE"), (Lines{"HCPLAN9022E No LAN of this kind is defined"}));
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L9"), (Lines{"HCPLAN9001E LAN * L9 does not exist"}));
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L1 SIDEWAYS"), (Lines{"HCPLAN003E Invalid option - SIDEWAYS"}));
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L1 TYPE WRONG"),
            (Lines{"HCPLAN026E Operand missing or invalid"}));
}

TEST(QueryLan, ClassGDoesNotSeeRestrictedLansOfOthers) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO RESTRICTED");
  EXPECT_EQ(system.answer("ALICE", "Q LAN"), (Lines{"HCPLAN9022E No LAN of this kind is defined"}));
  system.type("OPERATOR", "SET LAN L1 OWNERID SYSTEM GRANT ALICE");
  EXPECT_EQ(system.answer("ALICE", "Q LAN").size(), 4U);
}

TEST(QueryLan, AccessListNamesTheOwnerFirst) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO RESTRICTED");
  for (const auto* user : {"BOB", "ALICE", "CAROL", "DAVE"}) {
    system.type("OPERATOR", fmt::format("SET LAN L1 OWNERID SYSTEM GRANT {}", user));
  }
  const auto lines = system.answer("OPERATOR", "Q LAN L1 ACC");
  EXPECT_EQ(Lines(lines.begin() + 4, lines.end()),
            (Lines{"  Authorized userids:", "      SYSTEM   ALICE    BOB      CAROL", "      DAVE"}));
}

TEST(QueryLan, DetailsShowsEachAdapterAndClassGOnlyItsOwn) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB"}) system.log_on(user);
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO");
  for (const auto* user : {"ALICE", "BOB"}) {
    system.type(user, "DEFINE NIC 700 QDIO");
    system.type(user, "COUPLE 700 SYSTEM L1");
  }
  const auto all = system.answer("OPERATOR", "Q LAN L1 DETAILS");
  EXPECT_EQ(Lines(all.begin() + 4, all.end()),
            (Lines{
                "  Adapter Connections:                 Connected: 2",
                "    Adapter Owner: ALICE    NIC: 0700.P00 Name: UNASSIGNED Type: QDIO",
                "      RX Packets: 0          Discarded: 0          Errors: 0",
                "      TX Packets: 0          Discarded: 0          Errors: 0",
                "      RX Bytes: 0                    TX Bytes: 0",
                "    Adapter Owner: BOB      NIC: 0700.P00 Name: UNASSIGNED Type: QDIO",
                "      RX Packets: 0          Discarded: 0          Errors: 0",
                "      TX Packets: 0          Discarded: 0          Errors: 0",
                "      RX Bytes: 0                    TX Bytes: 0",
            }));
  const auto own = system.answer("BOB", "Q LAN L1 DET");
  ASSERT_EQ(own.size(), 9U);
  EXPECT_EQ(own[5], "    Adapter Owner: BOB      NIC: 0700.P00 Name: UNASSIGNED Type: QDIO");
}

// Shape: QUERY VMLAN of z/VM 7.1.
TEST(QueryVmlan, ShowsLimitsAndCounts) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE LAN L1");
  EXPECT_EQ(system.answer("ALICE", "Q VMLAN"), (Lines{
                                                   "VMLAN maintenance level:",
                                                   "  Latest Service: Base",
                                                   "VMLAN MAC address assignment:",
                                                   "  System MAC Protection: OFF",
                                                   "  MACADDR Prefix: 020000 USER Prefix: 020000",
                                                   "  MACIDRANGE SYSTEM: 000001-FFFFFF",
                                                   "             USER:   000000-000000",
                                                   "VMLAN default accounting status:",
                                                   "  SYSTEM Accounting: OFF       USER Accounting: OFF",
                                                   "VMLAN general activity:",
                                                   "  PERSISTENT Limit: INFINITE   Current: 0",
                                                   "  TRANSIENT  Limit: INFINITE   Current: 1",
                                                   "Trace Pages: 0",
                                                   "VMLAN Directory Network Authorization: ENABLED",
                                                   "IVL Domain: None",
                                               }));
}

}  // namespace
}  // namespace vmlan::cp
