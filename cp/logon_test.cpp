#include "cp/logon.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// Order and shape of the lines: console log of z/VM 6.3 (LOGON with a NICDEF in the directory).
TEST(Logon, LogonShowsNicsThenBannerThenTime) {
  TestSystem system(
      "USER ALPHA1 NOPASS 32M 64M G\n"
      "NICDEF 0700 TYPE QDIO DEVICES 3\n");
  EXPECT_EQ(system.type("ALPHA1", "logon alpha1"),
            (Lines{
                "ALPHA1: NIC 0700 is created; devices 0700-0702 defined",
                "ALPHA1: vmlan Version 0 Release 1.0, Service Level 0000 (64-bit),",
                "ALPHA1: built on virtual QDIO adapters",
                "ALPHA1: There is no logmsg data",
                "ALPHA1: FILES:   NO RDR,   NO PRT,   NO PUN",
                "ALPHA1: LOGON AT 09:00:00 UTC FRIDAY 03/29/02",
                "OPERATOR: GRAF L0003 LOGON  AS  ALPHA1   USERS = 2",
            }));
  EXPECT_EQ(system.code("ALPHA1"), 0);
}

TEST(Logon, OperatorIsLoggedOnFromTheStart) {
  TestSystem system;
  ASSERT_FALSE(system.consoles.lines.empty());
  EXPECT_EQ(system.consoles.lines.back(), "OPERATOR: GRAF  0009 LOGON  AS  OPERATOR USERS = 1");
  EXPECT_NE(system.cp.find("OPERATOR"), nullptr);
  EXPECT_TRUE(system.cp.can_read("OPERATOR"));
}

TEST(Logon, LogoffShowsUsageAndTellsTheOperator) {
  TestSystem system;
  system.log_on("ALICE");
  system.clock.advance_to(std::chrono::seconds(751));
  EXPECT_EQ(system.type("ALICE", "LOGOFF"),
            (Lines{"ALICE: CONNECT= 00:12:31 VIRTCPU= 000:00.00 TOTCPU= 000:00.00",
                   "ALICE: LOGOFF AT 09:12:31 UTC FRIDAY 03/29/02",
                   "OPERATOR: GRAF L0003 LOGOFF AS  ALICE    USERS = 1"}));
  EXPECT_EQ(system.cp.find("ALICE"), nullptr);
  EXPECT_EQ(system.code("ALICE"), 0);
}

TEST(Logon, LogIsLogoffAndLoIsLogon) {
  TestSystem system;
  system.type("ALICE", "l alice");
  EXPECT_NE(system.cp.find("ALICE"), nullptr);
  system.type("ALICE", "LOG");
  EXPECT_EQ(system.cp.find("ALICE"), nullptr);
  system.type("ALICE", "LO ALICE");
  EXPECT_NE(system.cp.find("ALICE"), nullptr);
}

TEST(Logon, PasswordIsAskedForAndJudged) {
  TestSystem system;
  EXPECT_EQ(system.type("DAVE", "LOGON DAVE"),
            (Lines{"DAVE: ENTER PASSWORD  (IT WILL NOT APPEAR WHEN TYPED):"}));
  EXPECT_EQ(system.type("DAVE", "wrong"),
            (Lines{"DAVE: HCPLGA050E LOGON unsuccessful--incorrect userid and/or password"}));
  EXPECT_EQ(system.code("DAVE"), 50);
  EXPECT_EQ(system.cp.find("DAVE"), nullptr);
  system.type("DAVE", "LOGON DAVE");
  system.type("DAVE", "secret");
  EXPECT_NE(system.cp.find("DAVE"), nullptr);
}

TEST(Logon, PasswordOnTheLineIsEnough) {
  TestSystem system;
  system.type("DAVE", "LOGON DAVE SECRET NOIPL");
  EXPECT_NE(system.cp.find("DAVE"), nullptr);
}

TEST(Logon, UsersThatMayNotLogOnAreRefused) {
  TestSystem system;
  const Lines refused{"X: HCPLGA050E LOGON unsuccessful--incorrect userid and/or password"};
  EXPECT_EQ(system.type("X", "LOGON ROBOT"), refused);
  EXPECT_EQ(system.type("X", "LOGON NOBODY"), refused);
  EXPECT_EQ(system.type("X", "LOGON ZOE"), (Lines{"X: HCPLGA053E ZOE not in CP directory"}));
  EXPECT_EQ(system.code("X"), 53);
  EXPECT_EQ(system.type("X", "LOGON"), (Lines{"X: HCPLGA020E Userid missing or invalid"}));
  EXPECT_EQ(system.type("X", "LOGON DAVE SECRET EXTRA"), (Lines{"X: HCPLGA003E Invalid option - ********"}));
}

TEST(Logon, CommandsBeforeLogonAreRefused) {
  TestSystem system;
  EXPECT_EQ(system.type("X", "QUERY NIC"), (Lines{"X: HCPCFC015E Command not valid before LOGON: QUERY"}));
  EXPECT_EQ(system.code("X"), 15);
  EXPECT_EQ(system.type("X", "FROBNICATE"),
            (Lines{"X: HCPCFC015E Command not valid before LOGON: FROBNICATE"}));
  EXPECT_EQ(system.type("X", ""), Lines{});
}

TEST(Logon, LogonOfAnotherNameMovesThePerson) {
  TestSystem system;
  EXPECT_EQ(system.type("TUBE1", "LOGON ALICE").back(), "(TUBE1 is now ALICE)");
  EXPECT_EQ(system.answer("ALICE", "QUERY USERID"), (Lines{"ALICE    AT TESTNODE"}));
}

TEST(Logon, DisconnectAndReconnectStopsTheProgramUntilBegin) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.type("ALICE", "#CP DISC"), (Lines{"ALICE: DISCONNECT AT 09:00:00 UTC FRIDAY 03/29/02",
                                                     "OPERATOR: GRAF L0003 DISCONNECT ALICE    USERS = 2"}));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY ALICE"), (Lines{"ALICE    - DSC"}));
  const auto back = system.answer("ALICE", "LOGON ALICE NOIPL");
  ASSERT_EQ(back.size(), 6U);
  EXPECT_EQ(back[4], "RECONNECTED AT 09:00:00 UTC FRIDAY 03/29/02");
  EXPECT_EQ(back[5], "HCPLGO264I One or more options are ignored during reconnect processing - NOIPL");
  EXPECT_EQ(system.answer("ALICE", "QUERY USERID"), (Lines{"ALICE    AT TESTNODE"}));
  system.type("ALICE", "BEGIN");
  EXPECT_EQ(system.answer("ALICE", "hello"), (Lines{"read hello"}));
}

TEST(Logon, SecondLogonNeedsHere) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.type("TUBE2", "LOGON ALICE"), (Lines{"TUBE2: HCPLGA054E Already logged on GRAF L0003"}));
  EXPECT_EQ(system.type("TUBE2", "LOGON ALICE HERE").back(), "(TUBE2 is now ALICE)");
  EXPECT_EQ(system.answer("ALICE", "QUERY ALICE"), (Lines{"ALICE    -L0004"}));
  EXPECT_EQ(system.answer("ALICE", "LOGON BOB"), (Lines{"HCPLGA054E Already logged on GRAF L0004"}));
}

TEST(Logon, XautologStartsADisconnectedUser) {
  TestSystem system;
  const auto lines = system.answer("OPERATOR", "XAUTOLOG ROBOT");
  EXPECT_EQ(lines, (Lines{"Command accepted", "AUTO LOGON  ***       ROBOT    USERS = 2",
                          "HCPCLS6056I XAUTOLOG information for ROBOT: The IPL command is verified by the",
                          "IPL command processor."}));
  ASSERT_NE(system.cp.find("ROBOT"), nullptr);
  EXPECT_NE(system.cp.find("ROBOT")->program(), nullptr);
  EXPECT_FALSE(system.cp.find("ROBOT")->connected());
  EXPECT_EQ(system.answer("OPERATOR", "XAUTOLOG ROBOT"),
            (Lines{"HCPLGA054E ROBOT already logged on disconnected"}));
}

TEST(Logon, XautologNeedsAuthority) {
  TestSystem system(
      "USER ALICE NOPASS 32M 64M G\n"
      "USER SERVER NOPASS 32M 64M G\n"
      "XAUTOLOG BOB\n"
      "USER BOB NOPASS 32M 64M G\n");
  system.log_on("ALICE");
  system.log_on("BOB");
  EXPECT_EQ(system.answer("ALICE", "XAUTOLOG SERVER"),
            (Lines{"HCPLGA050E LOGON unsuccessful--incorrect userid and/or password"}));
  EXPECT_EQ(system.answer("BOB", "XAUTOLOG SERVER NOIPL").front(), "Command accepted");
  EXPECT_EQ(system.answer("OPERATOR", "XAUTOLOG"), (Lines{"HCPLGA026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("OPERATOR", "XAUTOLOG ZOE"), (Lines{"HCPLGA053E ZOE not in CP directory"}));
  EXPECT_EQ(system.answer("OPERATOR", "XAUTOLOG ALICE NOIPL IPL ECHO"),
            (Lines{"HCPLGA013E Conflicting option - NOIPL"}));
  EXPECT_EQ(system.answer("OPERATOR", "XAUTOLOG ALICE SOON"), (Lines{"HCPLGA003E Invalid option - SOON"}));
}

TEST(Logon, ForceEndsAUserAndSaysWhoDidIt) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.type("OPERATOR", "FORCE ALICE"),
            (Lines{"ALICE: CONNECT= 00:00:00 VIRTCPU= 000:00.00 TOTCPU= 000:00.00",
                   "ALICE: LOGOFF AT 09:00:00 UTC FRIDAY 03/29/02 BY OPERATOR",
                   "OPERATOR: GRAF L0003 LOGOFF AS  ALICE    USERS = 1    FORCED BY OPERATOR"}));
  EXPECT_EQ(system.answer("OPERATOR", "FORCE ALICE"), (Lines{"HCPFRC045E ALICE not logged on"}));
  EXPECT_EQ(system.answer("OPERATOR", "FORCE"), (Lines{"HCPFRC020E Userid missing or invalid"}));
}

// Shape: "USER DSC   LOGOFF AS  BRAVO2   USERS = 31    FORCED BY MAINT", log of z/VM 6.3.
TEST(Logon, ForceOfADisconnectedUser) {
  TestSystem system;
  system.type("OPERATOR", "XAUTOLOG ROBOT");
  EXPECT_EQ(system.type("OPERATOR", "FORCE ROBOT").back(),
            "OPERATOR: USER DSC   LOGOFF AS  ROBOT    USERS = 1    FORCED BY OPERATOR");
}

TEST(Logon, DirectoryCommandsRunWithFullAuthorityThenIpl) {
  TestSystem system(
      "PROFILE COMMON\n"
      "COMMAND DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO RESTRICTED\n"
      "IPL ECHO PARM AUTOCR\n"
      "USER ALICE NOPASS 32M 64M G\n"
      "INCLUDE COMMON\n"
      "COMMAND SET LAN LAN1 OWNERID SYSTEM GRANT &USERID\n"
      "COMMAND DEFINE NIC 600 TYPE QDIO\n"
      "COMMAND COUPLE 600 TO SYSTEM LAN1\n");
  const auto lines = system.answer("ALICE", "LOGON ALICE");
  ASSERT_GE(lines.size(), 4U);
  EXPECT_EQ(Lines(lines.end() - 4, lines.end()), (Lines{"LAN SYSTEM LAN1 is created", "Command complete",
                                                        "NIC 0600 is created; devices 0600-0602 defined",
                                                        "NIC 0600 is connected to LAN SYSTEM LAN1"}));
  EXPECT_NE(system.cp.find("ALICE")->program(), nullptr);
  EXPECT_TRUE(system.cp.vmlan().find("SYSTEM", "LAN1")->authorizes("ALICE"));
}

TEST(Logon, NoiplLeavesTheUserInCp) {
  TestSystem system("USER ALICE NOPASS\nIPL ECHO\n");
  system.type("ALICE", "LOGON ALICE NOIPL");
  EXPECT_EQ(system.cp.find("ALICE")->program(), nullptr);
  EXPECT_TRUE(system.cp.can_read("ALICE"));
}

TEST(Logon, LogoffByTheProgramItselfWaitsForTheEndOfItsTurn) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  system.cp.type("ALICE", "DIAG LOGOFF");
  system.cp.type("ALICE", "still read");
  system.cp.run_until_idle(10);
  const auto lines = system.consoles.take();
  EXPECT_EQ(lines[lines.size() - 5], "ALICE: code 0");
  EXPECT_EQ(lines[lines.size() - 4], "ALICE: read still read");
  EXPECT_EQ(system.cp.find("ALICE"), nullptr);
}

TEST(Logon, ForceOfAUserWhoseLogoffIsPendingIsRefused) {
  TestSystem system("USER ALICE NOPASS 1M 1M ABG\n");
  system.log_on("ALICE");
  system.type("ALICE", "IPL ECHO");
  system.cp.type("ALICE", "DIAG LOGOFF");
  system.cp.type("ALICE", "DIAG FORCE ALICE");
  system.cp.run_until_idle(10);
  const auto lines = system.consoles.take();
  EXPECT_NE(
      std::find(lines.begin(), lines.end(), "ALICE: CP said HCPFRC361E LOGOFF/FORCE pending for user ALICE"),
      lines.end());
}

TEST(Logon, ShutDownLogsEverybodyOffInLogonOrder) {
  TestSystem system;
  system.log_on("BOB");
  system.log_on("ALICE");
  system.consoles.take();
  system.cp.shut_down();
  const auto lines = system.consoles.take();
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[2], "OPERATOR: GRAF L0003 LOGOFF AS  BOB      USERS = 2");
  EXPECT_EQ(lines[5], "OPERATOR: GRAF L0004 LOGOFF AS  ALICE    USERS = 1");
  EXPECT_EQ(system.cp.user_count(), 1U);
}

TEST(Logon, LinksAndFoldersThatCantBeHadAreSaidAtLogon) {
  TestSystem system(
      "USER OWNER NOLOG\n"
      "MDISK 0192 3390 1 10 VOL001 MR\n"
      "USER ALICE NOPASS\n"
      "LINK MAINT 0190 0190 RR\n"
      "LINK OWNER 0199 0199 RR\n"
      "LINK OWNER 0192 0192 RR\n"
      "MDISK 0193 HOST /does/not/exist\n");
  const auto lines = system.answer("ALICE", "LOGON ALICE");
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[0], "HCPLNM053E MAINT not in CP directory");
  EXPECT_EQ(lines[1], "HCPLNM107E OWNER 0199 not linked; not in CP directory");
  EXPECT_EQ(lines[2], "HCPLGN9020E Disk 0193: host folder /does/not/exist can't be used");
}

TEST(Logon, ProgramsLogUsersOnWithoutAWord) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO RESTRICTED");
  auto entry = user_with_nic("FAST");
  auto* user = system.cp.logon(entry);
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(system.consoles.take(), Lines{});
  ASSERT_NE(user->nic({0x0600}), nullptr);
  EXPECT_EQ(user->nic({0x0600})->lan(), system.cp.vmlan().find("SYSTEM", "LAN1"));
  EXPECT_EQ(system.cp.logon(entry), nullptr);
  entry.userid = "not valid";
  EXPECT_EQ(system.cp.logon(entry), nullptr);
}

}  // namespace
}  // namespace vmlan::cp
