#include "cp/logical_lines.h"

#include <gtest/gtest.h>

#include "cp/command.h"
#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

// Lines for CP stand behind "CP:".
Lines cut(std::string_view typed, std::optional<char> line_end = default_line_end) {
  Lines lines;
  for (const auto& line : logical_lines(typed, line_end))
    lines.push_back((line.for_cp ? "CP:" : "") + line.text);
  return lines;
}

TEST(LogicalLines, EndAtTheLineEndCharacter) {
  EXPECT_EQ(cut("Q TIME"), (Lines{"Q TIME"}));
  EXPECT_EQ(cut("Q TIME#Q USERID"), (Lines{"Q TIME", "Q USERID"}));
  EXPECT_EQ(cut("A##B# "), (Lines{"A", "B"}));
  EXPECT_EQ(cut(""), (Lines{""}));
  EXPECT_EQ(cut("##"), (Lines{""}));
  EXPECT_EQ(cut("A;B#C", ';'), (Lines{"A", "B#C"}));
  EXPECT_EQ(cut("A#B", std::nullopt), (Lines{"A#B"}));
}

TEST(LogicalLines, CallCpBehindALineEnd) {
  EXPECT_EQ(cut("#CP QUERY  TIME"), (Lines{"CP:QUERY  TIME"}));
  EXPECT_EQ(cut("  #cp"), (Lines{"CP:"}));
  EXPECT_EQ(cut("PING BOB#CP EXT#LISTFILE"), (Lines{"PING BOB", "CP:EXT", "LISTFILE"}));
  EXPECT_EQ(cut("CP QUERY TIME"), (Lines{"CP QUERY TIME"})) << "who reads it passes it on";
  EXPECT_EQ(cut("#CPX"), (Lines{"CPX"}));
  EXPECT_EQ(cut(";CP Q T", ';'), (Lines{"CP:Q T"}));
  EXPECT_EQ(cut("#CP Q T#B", std::nullopt), (Lines{"CP:Q T#B"})) << "there is no attention key";
}

TEST(LogicalLines, EscapedCharacterIsText) {
  EXPECT_EQ(cut("MSG BOB Take \"#1"), (Lines{"MSG BOB Take #1"}));
  EXPECT_EQ(cut("MSG BOB Say \"yes\""), (Lines{"MSG BOB Say \"yes\""}));
}

TEST(Consoles, CarryOutOneLogicalLineAfterTheOther) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(
      system.answer("ALICE", "QUERY USERID#FROBNICATE#query userid"),
      (Lines{"ALICE    AT TESTNODE", "HCPCMD001E Unknown CP command: FROBNICATE", "ALICE    AT TESTNODE"}));
  EXPECT_EQ(system.answer("ALICE", "IPL ECHO#one#two#CP QUERY USERID"),
            (Lines{"ALICE    AT TESTNODE", "read one", "read two"}));
  EXPECT_EQ(system.type("ALICE", "#CP LOGOFF#QUERY TIME").back(),
            "ALICE: HCPCFC015E Command not valid before LOGON: QUERY");
}

TEST(Consoles, WhatStandsBehindALogonIsTypedAfterIt) {
  TestSystem system;
  EXPECT_EQ(system.type("DESK", "LOGON DAVE SECRET#QUERY USERID").back(), "DAVE: DAVE     AT TESTNODE");
  EXPECT_EQ(system.type("DESK", "LOGON NOONE#QUERY USERID").back(),
            "DESK: HCPCFC015E Command not valid before LOGON: QUERY");
}

TEST(Consoles, APasswordIsOneLineWhateverIsInIt) {
  TestSystem system("USER EVE A#B\nUSER DAVE A#B\n");
  system.type("DAVE", "LOGON DAVE");
  EXPECT_EQ(system.type("DAVE", "a#b").back().substr(0, 8), "OPERATOR") << "logged on";
  for (const auto& line : system.type("EVE", "LOGON EVE WRONG WORDS")) {
    EXPECT_EQ(line.find("WRONG"), std::string::npos) << line;
  }
}

TEST(TerminalLineEnd, IsTheDirectorysUntilItIsChanged) {
  TestSystem system(
      "USER ALICE NOPASS 1M 1M G ;\nUSER BOB NOPASS 1M 1M G 64 OFF ON ON ON\nUSER CAROL NOPASS 1M 1M G 64 "
      "5E\n");
  for (const auto* user : {"ALICE", "BOB", "CAROL"}) system.log_on(user);
  EXPECT_EQ(system.answer("ALICE", "Q USERID;Q USERID").size(), 2U);
  EXPECT_EQ(system.answer("CAROL", "Q USERID;Q USERID").size(), 2U) << "X'5E' is a semicolon";
  EXPECT_EQ(system.answer("BOB", "Q USERID#Q"), (Lines{"HCPCQV003E Invalid option - USERID#Q"}));
  EXPECT_EQ(system.answer("BOB", "TERM LINEND ON"), Lines{});
  EXPECT_EQ(system.answer("BOB", "Q USERID#Q USERID").size(), 2U);
  EXPECT_EQ(system.answer("BOB", "TERM LINEND A"), (Lines{"HCPTRM026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("BOB", "TERM FROG"), (Lines{"HCPTRM003E Invalid option - FROG"}));
}

TEST(CallCp, IsACommandAndAlonePutsTheConsoleIntoCpRead) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "CP QUERY USERID"), (Lines{"ALICE    AT TESTNODE"}));
  EXPECT_EQ(system.answer("ALICE", "CP CP QUERY USERID"), (Lines{"ALICE    AT TESTNODE"}));
  EXPECT_EQ(system.answer("ALICE", "CP"), (Lines{"CP"}));
  EXPECT_EQ(system.answer("ALICE", "CP FROBNICATE"), (Lines{"HCPCMD001E Unknown CP command: FROBNICATE"}));
  system.type("ALICE", "IPL ECHO");
  EXPECT_EQ(system.answer("ALICE", "DIAG CP").front(), "CP said CP");
  EXPECT_EQ(system.answer("ALICE", "Q USERID"), (Lines{"ALICE    AT TESTNODE"})) << "CP READ";
  EXPECT_EQ(system.answer("ALICE", "BEGIN"), Lines{});
  EXPECT_EQ(system.answer("ALICE", "again"), (Lines{"read again"}));
  EXPECT_EQ(system.cp.command("CP QUERY USERID").lines, (Lines{"SYSTEM   AT TESTNODE"}));
}

TEST(Queries, NameAWordThatIsTooManyAnInvalidOption) {
  TestSystem system;
  system.log_on("ALICE");
  for (const auto* command :
       {"Q NAMES FROG", "Q USERS ALICE FROG", "Q USER ALICE FROG", "Q USERID FROG", "Q ALICE FROG"})
    EXPECT_EQ(system.answer("OPERATOR", command), (Lines{"HCPCQU003E Invalid option - FROG"})) << command;
  EXPECT_EQ(system.answer("OPERATOR", "QUERY USER ALICE"), (Lines{"ALICE    -L0003"}));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY USERS BOB"), (Lines{"HCPCQU045E BOB not logged on"}));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY USER ZOE"), (Lines{"HCPCQV003E Invalid option - ZOE"}));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY USER"), (Lines{"     2 USERS,      0 DIALED,      0 NET"}));
}

TEST(QueryLan, TakesItsQualifiersInAnyPlace) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN QLAN OWNERID SYSTEM TYPE QDIO#DEFINE LAN HLAN TYPE HIPERSOCKETS");
  const auto names = [&](std::string_view operands) {
    std::string found;
    for (const auto& line : system.answer("OPERATOR", fmt::format("QUERY LAN {}", operands))) {
      const auto name = line.find("LAN ");
      if (line.substr(0, 3) != "   " && name != std::string::npos && line.find("Type:") != std::string::npos)
        found += line.substr(0, line.find("  Type:")).append(";");
      if (line.substr(0, 3) == "HCP") found = line;
    }
    std::erase(found, ' ');
    return found;
  };
  EXPECT_EQ(names("OWNERID SYSTEM"), "LANSYSTEMQLAN;");
  EXPECT_EQ(names("OWNERID *"), "LANOPERATORHLAN;");
  EXPECT_EQ(names("TYPE QDIO"), "LANSYSTEMQLAN;");
  EXPECT_EQ(names("TYPE HIPER OWNERID OPERATOR"), "LANOPERATORHLAN;");
  EXPECT_EQ(names("ALL TYPE QDIO OWNERID OPERATOR"), "HCPLAN9022ENoLANofthiskindisdefined");
  EXPECT_EQ(names("ACTIVE"), "HCPLAN9022ENoLANofthiskindisdefined");
  EXPECT_EQ(names("QLAN ACTIVE"), "HCPLAN9022ENoLANofthiskindisdefined")
      << "it is there, but nothing is on it";
  EXPECT_EQ(names("NOLAN ACTIVE"), "HCPLAN9001ELAN*NOLANdoesnotexist");
  EXPECT_EQ(names("DETAILS ACTIVE"), "HCPLAN013EConflictingoption-ACTIVE");
  system.type("OPERATOR", "DEFINE NIC 600 QDIO#COUPLE 600 SYSTEM QLAN");
  EXPECT_EQ(names("ACTIVE"), "LANSYSTEMQLAN;");
  EXPECT_EQ(names("ACTIVE OWNERID SYSTEM TYPE QDIO"), "LANSYSTEMQLAN;");
}

TEST(Detach, TakesRangesOfWholeNics) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO#DEFINE NIC 700 QDIO#DEFINE NIC 703 QDIO#DEFINE NIC 800 QDIO");
  EXPECT_EQ(system.answer("ALICE", "DETACH 600"), (Lines{"HCPDTV9015E Device 0600 is part of NIC 0600"}));
  EXPECT_EQ(system.answer("ALICE", "DETACH 600-601"), (Lines{"HCPDTV9015E Device 0600 is part of NIC 0600"}));
  EXPECT_EQ(system.answer("ALICE", "DETACH 601-602"), (Lines{"HCPDTV9015E Device 0601 is part of NIC 0600"}));
  EXPECT_EQ(system.answer("ALICE", "DETACH 700-706"), (Lines{"HCPDTV040E Device 0706 does not exist"}));
  EXPECT_EQ(system.answer("ALICE", "DETACH 700-705 900"), (Lines{"HCPDTV040E Device 0900 does not exist"}));
  EXPECT_EQ(system.cp.find("ALICE")->nics().size(), 4U) << "all or nothing";
  EXPECT_EQ(system.answer("ALICE", "QUERY V 0600-0701").size(), 5U * 4U);
  EXPECT_EQ(system.answer("ALICE", "DETACH 600-602"),
            (Lines{"NIC 0600 is destroyed; devices 0600-0602 detached"}));
  EXPECT_EQ(system.answer("ALICE", "DETACH 800-802 700-705"),
            (Lines{"NIC 0800 is destroyed; devices 0800-0802 detached",
                   "NIC 0700 is destroyed; devices 0700-0702 detached",
                   "NIC 0703 is destroyed; devices 0703-0705 detached"}));
  for (const auto* operand : {"602-600", "600-", "-602", "600-6020F", ""}) {
    EXPECT_EQ(system.answer("ALICE", fmt::format("DETACH {}", operand)).front().substr(0, 10), "HCPDTV022E")
        << operand;
  }
}

}  // namespace
}  // namespace vmlan::cp
