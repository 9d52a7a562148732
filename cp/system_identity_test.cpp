// The system acts under an identity of its own; OPERATOR is a user like others.
#include <gtest/gtest.h>

#include "cp/command.h"
#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

Lines lines_of(TestSystem& system, std::string_view command) { return system.cp.command(command).lines; }

TEST(SystemIdentity, CommandsFromOutsideNeedNobodyToBeLoggedOn) {
  TestSystem system;
  system.type("OPERATOR", "LOGOFF");
  ASSERT_EQ(system.cp.user_count(), 0U);
  EXPECT_EQ(lines_of(system, "QUERY USERID"), (Lines{"SYSTEM   AT TESTNODE"}));
  EXPECT_EQ(lines_of(system, "QUERY USERS"), (Lines{"     0 USERS,      0 DIALED,      0 NET"}));
  EXPECT_EQ(lines_of(system, "QUERY NAMES"), Lines{});
  EXPECT_EQ(lines_of(system, "DEFINE LAN LAN1 TYPE QDIO"), (Lines{"LAN SYSTEM LAN1 is created"}));
  EXPECT_EQ(lines_of(system, "XAUTOLOG ROBOT").front(), "Command accepted");
}

TEST(SystemIdentity, OperatorLogsOffAndOnAgain) {
  TestSystem system;
  EXPECT_EQ(system.type("OPERATOR", "LOGOFF"),
            (Lines{"OPERATOR: CONNECT= 00:00:00 VIRTCPU= 000:00.00 TOTCPU= 000:00.00",
                   "OPERATOR: LOGOFF AT 09:00:00 UTC FRIDAY 03/29/02",
                   "SYSTEM: GRAF  0009 LOGOFF AS  OPERATOR USERS = 0"}));
  system.consoles.take();
  system.cp.type("ALICE", "LOGON ALICE");
  EXPECT_EQ(system.consoles.take().back(), "SYSTEM: GRAF L0003 LOGON  AS  ALICE    USERS = 1");
  EXPECT_EQ(system.answer("ALICE", "MSG OP hello"), (Lines{"HCPMFS045E OPERATOR not logged on"}));
  EXPECT_EQ(system.type("OPERATOR", "LOGON OPERATOR").back(),
            "OPERATOR: GRAF  0009 LOGON  AS  OPERATOR USERS = 2");
  EXPECT_EQ(system.type("OPERATOR", "FORCE ALICE").back(),
            "OPERATOR: GRAF L0003 LOGOFF AS  ALICE    USERS = 1    FORCED BY OPERATOR");
}

TEST(SystemIdentity, WhatNeedsAVirtualMachineIsRefused) {
  TestSystem system;
  for (const auto* command : {"LOGOFF",          "LOGOUT HOLD",
                              "LOGON ALICE",     "DISCONNECT",
                              "BEGIN",           "EXTERNAL",
                              "IPL CMS",         "SYSTEM RESET",
                              "SYSTEM CLEAR",    "SET RUN ON",
                              "DEFINE NIC 600",  "DETACH NIC 600",
                              "DETACH 600",      "COUPLE 600 * LAN",
                              "UNCOUPLE 600",    "SET NIC 600 PROMISCUOUS",
                              "QUERY NIC",       "QUERY NIC ALL DETAILS",
                              "QUERY VIRTUAL",   "QUERY V NIC",
                              "QUERY V ALL",     "QUERY V OSA",
                              "QUERY V STORAGE", "QUERY V 600"}) {
    const auto reply = system.cp.command(command);
    EXPECT_EQ(reply.return_code, 9023) << command;
    ASSERT_EQ(reply.lines.size(), 1U) << command;
    EXPECT_NE(reply.lines.front().find("SYSTEM has none"), std::string::npos) << reply.lines.front();
  }
  EXPECT_NE(system.cp.find("OPERATOR"), nullptr);
}

TEST(SystemIdentity, EveryCommandOfTheTableCanBeGivenWithAndWithoutOperands) {
  TestSystem system;
  for (const auto& command : command_table()) {
    for (const auto* operands : {"", " 600", " ALICE", " * X", " SYSTEM LAN1 Y"}) {
      system.cp.command(fmt::format("{}{}", command.name, operands));
      for (const auto& sub : command.table)
        system.cp.command(fmt::format("{} {}{}", command.name, sub.name, operands));
    }
  }
  EXPECT_EQ(lines_of(system, "QUERY USERID"), (Lines{"SYSTEM   AT TESTNODE"}));
}

TEST(SystemIdentity, ForceAnswersWhoeverGaveIt) {
  TestSystem system("USER ALICE NOPASS 1M 1M AG\nUSER BOB NOPASS 1M 1M G\nUSER CAROL NOPASS 1M 1M G\n");
  for (const auto* user : {"ALICE", "BOB", "CAROL"}) system.log_on(user);
  EXPECT_EQ(system.answer("ALICE", "FORCE BOB"),
            (Lines{"GRAF L0004 LOGOFF AS  BOB      USERS = 3    FORCED BY ALICE"}));
  EXPECT_EQ(lines_of(system, "FORCE CAROL"),
            (Lines{"GRAF L0005 LOGOFF AS  CAROL    USERS = 2    FORCED BY SYSTEM"}));
  EXPECT_EQ(lines_of(system, "FORCE OPERATOR"),
            (Lines{"GRAF  0009 LOGOFF AS  OPERATOR USERS = 1    FORCED BY SYSTEM"}));
  EXPECT_EQ(lines_of(system, "FORCE OPERATOR"), (Lines{"HCPFRC045E OPERATOR not logged on"}));
  EXPECT_EQ(lines_of(system, "QUERY NAMES"), (Lines{"ALICE    -L0003"}));
}

TEST(SystemIdentity, NobodyIsCalledSystem) {
  TestSystem system("USER SYSTEM NOPASS 1M 1M G\n");
  const auto lines = system.consoles.take();
  EXPECT_EQ(lines.back(),
            "DIRECTORY: USER DIRECT, line 1: USER SYSTEM NOPASS 1M 1M G: "
            "HCPDIR007E Invalid userid - SYSTEM");
  UserEntry entry;
  entry.userid = "SYSTEM";
  EXPECT_EQ(system.cp.logon(entry), nullptr);
}

TEST(Commands, TooLongOnesAreRefusedNotCut) {
  TestSystem system;
  std::string command = "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO";
  command.resize(longest_command - 11, ' ');
  command += " RESTRICTED";
  EXPECT_EQ(system.cp.command(command).return_code, 0);
  EXPECT_TRUE(system.cp.vmlan().find("SYSTEM", "LAN1")->attributes().restricted);
  command = "DEFINE LAN LAN2 OWNERID SYSTEM" + std::string(longest_command, ' ') + "RESTRICTED";
  EXPECT_EQ(lines_of(system, command),
            (Lines{"HCPCMD9024E Command not carried out; it is longer than 240 characters"}));
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "LAN2"), nullptr);
}

}  // namespace
}  // namespace vmlan::cp
