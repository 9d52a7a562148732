#include <gtest/gtest.h>

#include <sstream>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// Text and columns: QUERY NIC log of z/VM 6.x ("Type:" 17, "Name:" 33, "Devices:" 51, "LAN:" 33).
TEST(QueryNic, BriefFormHasTheColumnsOfTheRealOne) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN GLAN7 OWNERID SYSTEM TYPE QDIO");
  system.cp.vmlan().macs.give_station();
  for (const auto* command : {"DEFINE NIC 600 QDIO", "DEFINE NIC 700 QDIO", "COUPLE 700 SYSTEM GLAN7",
                              "DEFINE NIC 800 HIPER DEVICES 3072"}) {
    system.type("ALICE", command);
  }
  EXPECT_EQ(system.answer("ALICE", "QUERY VIRTUAL NIC"),
            (Lines{
                "Adapter 0600.P00 Type: QDIO      Name: UNASSIGNED  Devices: 3",
                "  MAC: 02-00-00-00-00-02         LAN: * None",
                "Adapter 0700.P00 Type: QDIO      Name: UNASSIGNED  Devices: 3",
                "  MAC: 02-00-00-00-00-03         LAN: SYSTEM GLAN7",
                "Adapter 0800.P00 Type: HIPERS    Name: UNASSIGNED  Devices: 3072",
                "  MAC: 02-00-00-00-00-04         LAN: * Internal",
            }));
  EXPECT_EQ(system.answer("ALICE", "Q NIC 702").size(), 2U);
  EXPECT_EQ(system.answer("ALICE", "Q V NIC ALL").size(), 6U);
}

// Linux' lsqeth and znetconf read words 3, 10, 11 and 12 of the two lines.
TEST(QueryNic, WordsStandWhereLinuxToolsLookForThem) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN GLAN7 OWNERID SYSTEM TYPE QDIO");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  system.type("ALICE", "COUPLE 700 SYSTEM GLAN7");
  const auto lines = system.answer("ALICE", "Q V NIC 700");
  ASSERT_EQ(lines.size(), 2U);
  std::vector<std::string> words;
  std::istringstream text(lines[0] + ' ' + lines[1]);
  for (std::string word; text >> word;) words.push_back(word);
  ASSERT_EQ(words.size(), 13U);
  EXPECT_EQ(words[3], "QDIO");
  EXPECT_EQ(words[10], "LAN:");
  EXPECT_EQ(words[11], "SYSTEM");
  EXPECT_EQ(words[12], "GLAN7");
}

TEST(QueryNic, DetailsBeforeTheDriverStartsListsItsDevices) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  const auto lines = system.answer("ALICE", "Q NIC 700 DETAILS");
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[2], "      Device: 0700  Unit: 000   Role: Unassigned");
  EXPECT_EQ(lines[4], "      Device: 0702  Unit: 002   Role: Unassigned");
}

TEST(QueryNic, NoNicAtAllIsAnError) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "Q NIC"), (Lines{"HCPQVD9016E No NIC is defined"}));
}

TEST(QueryNic, ClassBLooksAtOthers) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB"}) {
    system.log_on(user);
    system.type(user, "DEFINE NIC 700 QDIO");
  }
  EXPECT_EQ(system.answer("OPERATOR", "QUERY NIC USERID ALICE 700").front(),
            "Adapter 0700.P00 Type: QDIO      Name: UNASSIGNED  Devices: 3");
  const auto all = system.answer("OPERATOR", "QUERY NIC USERID ALL");
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[0], "User: ALICE");
  EXPECT_EQ(all[3], "User: BOB");
  EXPECT_EQ(system.answer("OPERATOR", "QUERY NIC USERID ZOE"), (Lines{"HCPQVD045E ZOE not logged on"}));
  EXPECT_EQ(system.answer("ALICE", "QUERY NIC USERID BOB"),
            (Lines{"HCPQVD022E A virtual device number was not supplied or it was invalid"}));
}

// Shape: QUERY VIRTUAL OSA log of z/VM 6.3.
TEST(QueryVirtual, OsaShowsEachDevice) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  const auto lines = system.answer("ALICE", "QUERY VIRTUAL OSA");
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_EQ(Lines(lines.begin(), lines.begin() + 4), (Lines{
                                                         "OSA  0700 ON NIC  0700  UNIT 000 SUBCHANNEL = 0000",
                                                         "     0700 DEVTYPE OSA         VIRTUAL CHPID 00 OSD",
                                                         "     0700 MAC 02-00-00-00-00-01 CURRENT",
                                                         "     0700 QDIO-ELIGIBLE       QIOASSIST-ELIGIBLE",
                                                     }));
  EXPECT_EQ(lines[8], "OSA  0702 ON NIC  0700  UNIT 002 SUBCHANNEL = 0002");
  EXPECT_EQ(system.answer("ALICE", "Q V 701").size(), 4U);
}

TEST(QueryVirtual, ShowsTheWholeMachine) {
  TestSystem system(
      "USER MAINT NOLOG\n"
      "MDISK 0190 3390 1 100 VOL001 MR\n"
      "USER ALICE NOPASS 256M 256M G\n"
      "LINK MAINT 190 190 RR\n"
      "MDISK 0195 3390 101 10 VOL001 RR\n");
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "Q V ALL"), (Lines{
                                                   "STORAGE = 256M",
                                                   "CONS 0009 ON GRAF L0003  TERM START",
                                                   "DASD 0195 MEMORY   R/O",
                                                   "DASD 0190 LINK     R/O MAINT 0190",
                                                   "DASD 0191 MEMORY   R/W",
                                               }));
  EXPECT_EQ(system.answer("ALICE", "Q V STOR"), (Lines{"STORAGE = 256M"}));
  EXPECT_EQ(system.answer("ALICE", "Q V 190"), (Lines{"DASD 0190 LINK     R/O MAINT 0190"}));
  EXPECT_EQ(system.answer("ALICE", "Q V 9"), (Lines{"CONS 0009 ON GRAF L0003  TERM START"}));
  EXPECT_EQ(system.answer("ALICE", "Q V 0123"), (Lines{"HCPQVD040E Device 0123 does not exist"}));
  EXPECT_EQ(system.answer("ALICE", "Q V OSA"), (Lines{"HCPQVD9016E No NIC is defined"}));
}

}  // namespace
}  // namespace vmlan::cp
