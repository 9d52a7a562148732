#include "cp/command.h"

#include <gtest/gtest.h>

#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

TEST(Words, KeywordsMatchFromTheirShortestAbbreviationOn) {
  EXPECT_TRUE(matches("DET", "DETails"));
  EXPECT_TRUE(matches("DETAILS", "DETails"));
  EXPECT_FALSE(matches("DE", "DETails"));
  EXPECT_FALSE(matches("DETAILSX", "DETails"));
  EXPECT_FALSE(matches("DETX", "DETails"));
  EXPECT_FALSE(matches("", "DETails"));
  EXPECT_TRUE(matches("Q", "Query"));
  EXPECT_FALSE(matches("OWN", "OWNERid"));
  EXPECT_TRUE(matches("VLAN_C", "VLAN_Counters"));
}

TEST(Words, NumbersAreTakenWholeOrNotAtAll) {
  EXPECT_EQ(parse_device("0600")->value, 0x600);
  EXPECT_EQ(parse_device("fffF")->value, 0xFFFF);
  for (const auto* bad : {"", "12345", "0x60", "-1", "G", "60 "}) EXPECT_FALSE(parse_device(bad)) << bad;
  EXPECT_EQ(parse_decimal("1024"), 1024U);
  for (const auto* bad : {"", "1234567890", "+1", "1K"}) EXPECT_FALSE(parse_decimal(bad)) << bad;
  EXPECT_EQ(parse_storage("2G"), std::uint64_t{2} << 30U);
  for (const auto* bad : {"", "M", "0M", "32", "M32", "12345678M"}) EXPECT_FALSE(parse_storage(bad)) << bad;
}

TEST(Words, NamesHaveOneToEightCharacters) {
  for (const auto* good : {"A", "ABCDEFGH", "$SYS", "TCP-IP", "9"}) EXPECT_TRUE(valid_name(good)) << good;
  for (const auto* bad : {"", "ABCDEFGHI", "a", "A.B", "A B", "*"}) EXPECT_FALSE(valid_name(bad)) << bad;
}

struct Abbreviation {
  std::string_view typed;
  std::string_view full;
};

class Abbreviations : public testing::TestWithParam<Abbreviation> {};

TEST_P(Abbreviations, AnswerAsTheFullCommandDoes) {
  TestSystem system;
  EXPECT_EQ(system.type("OPERATOR", GetParam().typed), system.type("OPERATOR", GetParam().full));
  EXPECT_EQ(system.code("OPERATOR"), system.code("OPERATOR"));
}

INSTANTIATE_TEST_SUITE_P(All, Abbreviations,
                         testing::Values(Abbreviation{"q n", "QUERY NAMES"},
                                         Abbreviation{"Q T", "QUERY TIME"},
                                         Abbreviation{"q v stor", "QUERY VIRTUAL STORAGE"},
                                         Abbreviation{"m * hello", "MESSAGE OPERATOR hello"},
                                         Abbreviation{"msg op hello", "MESSAGE OPERATOR hello"},
                                         Abbreviation{"w * hello", "WARNING OPERATOR hello"},
                                         Abbreviation{"b", "BEGIN"}, Abbreviation{"ext", "EXTERNAL"},
                                         Abbreviation{"i nosys", "IPL NOSYS"},
                                         Abbreviation{"det nic 700", "DETACH NIC 700"},
                                         Abbreviation{"xautol zoe", "XAUTOLOG ZOE"}));

TEST(PrivilegeClasses, CommandOutsideThemLooksUnknown) {
  TestSystem system;
  system.log_on("ALICE");
  for (const auto* command : {"FORCE BOB", "MSGNOH BOB hi", "WNG BOB hi", "WARNING BOB hi"}) {
    const std::string verb(Words(command).next());
    EXPECT_EQ(system.answer("ALICE", command), (Lines{"HCPCMD001E Unknown CP command: " + verb}));
    EXPECT_EQ(system.code("ALICE"), 1);
  }
  EXPECT_EQ(system.answer("OPERATOR", "FROBNICATE"), (Lines{"HCPCMD001E Unknown CP command: FROBNICATE"}));
}

TEST(PrivilegeClasses, UserWithoutAnyStillHasTheCommandsForEverybody) {
  TestSystem system("USER GUEST NOPASS 1M 1M Z\n");
  system.log_on("GUEST");
  EXPECT_EQ(system.answer("GUEST", "QUERY USERID"), (Lines{"GUEST    AT TESTNODE"}));
  EXPECT_EQ(system.answer("GUEST", "DEFINE NIC 600"), (Lines{"HCPCMD001E Unknown CP command: DEFINE"}));
  EXPECT_EQ(system.answer("GUEST", "QUERY NAMES"), (Lines{"HCPCQV003E Invalid option - NAMES"}));
}

TEST(SubCommands, UnknownOneIsAnInvalidOption) {
  TestSystem system;
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE FROG 1"), (Lines{"HCPDEF003E Invalid option - FROG"}));
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE"), (Lines{"HCPCFC026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("OPERATOR", "SET FROG ON"), (Lines{"HCPSET003E Invalid option - FROG"}));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY"), (Lines{"HCPCFC026E Operand missing or invalid"}));
}

TEST(QueryUser, TellsDisconnectedUnknownAndAbsentApart) {
  TestSystem system;
  system.type("OPERATOR", "XAUTOLOG ROBOT");
  EXPECT_EQ(system.answer("OPERATOR", "QUERY ROBOT"), (Lines{"ROBOT    - DSC"}));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY ALICE"), (Lines{"HCPCQU045E ALICE not logged on"}));
  EXPECT_EQ(system.code("OPERATOR"), 45);
  EXPECT_EQ(system.answer("OPERATOR", "QUERY ZOE"), (Lines{"HCPCQV003E Invalid option - ZOE"}));
  EXPECT_EQ(system.code("OPERATOR"), 3);
}

TEST(QueryNames, PutsFourOnALine) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB", "CAROL"}) system.log_on(user);
  system.type("OPERATOR", "XAUTOLOG ROBOT");
  EXPECT_EQ(system.answer("OPERATOR", "QUERY NAMES"),
            (Lines{"OPERATOR - SYSC, ALICE    -L0003, BOB      -L0004, CAROL    -L0005", "ROBOT    - DSC"}));
  EXPECT_EQ(system.answer("OPERATOR", "Q USERS"), (Lines{"     5 USERS,      0 DIALED,      0 NET"}));
}

TEST(QuerySystem, TimeAndLevel) {
  TestSystem system;
  system.clock.advance_to(std::chrono::seconds(61));
  EXPECT_EQ(system.answer("OPERATOR", "Q TIME"),
            (Lines{"TIME IS 09:01:01 UTC FRIDAY 03/29/02",
                   "CONNECT= 00:01:01 VIRTCPU= 000:00.00 TOTCPU= 000:00.00"}));
  EXPECT_EQ(
      system.answer("OPERATOR", "Q CPLEVEL"),
      (Lines{"vmlan Version 0 Release 1.0, service level 0000 (64-bit)", "IPL at 03/29/02 09:00:00 UTC"}));
  EXPECT_EQ(system.answer("OPERATOR", "Q TIME NOW"), (Lines{"HCPCQT003E Invalid option - NOW"}));
}

// Receiver's line: "12:31:05  * MSG FROM ALPHA1  : text".
TEST(Messages, ReachTheirReceiverAsTyped) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB"}) system.log_on(user);
  EXPECT_EQ(system.type("ALICE", "msg bob Hello,  Bob"),
            (Lines{"BOB: 09:00:00  * MSG FROM ALICE   : Hello,  Bob"}));
  EXPECT_EQ(system.type("OPERATOR", "WNG BOB Going down"),
            (Lines{"BOB: 09:00:00  * WNG FROM OPERATOR: Going down"}));
  EXPECT_EQ(system.type("OPERATOR", "MSGNOH BOB Plain"), (Lines{"BOB: Plain"}));
}

TEST(Send, TypesAtTheConsoleOfAnother) {
  TestSystem system;
  system.type("OPERATOR", "XAUTOLOG ROBOT");
  EXPECT_EQ(system.type("OPERATOR", "SEND ROBOT Hello,  Robot"), (Lines{"ROBOT: read Hello,  Robot"}));
  EXPECT_EQ(system.type("OPERATOR", "SEND CP ROBOT QUERY USERID"), (Lines{"ROBOT: ROBOT    AT TESTNODE"}));
  system.log_on("ALICE");
  EXPECT_EQ(system.type("OPERATOR", "SEND ALICE FORCE BOB"),
            (Lines{"ALICE: HCPCMD001E Unknown CP command: FORCE"}))
      << "CP READ, and Alice's own privileges";
}

TEST(Send, ErrorsAreNumbered) {
  TestSystem system;
  EXPECT_EQ(system.answer("OPERATOR", "SEND ALICE hi"), (Lines{"HCPSND045E ALICE not logged on"}));
  EXPECT_EQ(system.answer("OPERATOR", "SEND CP"), (Lines{"HCPSND026E Operand missing or invalid"}));
  system.log_on("ALICE");
  EXPECT_EQ(system.code("ALICE"), 0);
  system.type("ALICE", "SEND OPERATOR hi");
  EXPECT_EQ(system.code("ALICE"), 1) << "class C";
}

TEST(Messages, ErrorsAreNumbered) {
  TestSystem system;
  system.type("OPERATOR", "XAUTOLOG ROBOT");
  EXPECT_EQ(system.answer("OPERATOR", "MSG ALICE hi"), (Lines{"HCPMFS045E ALICE not logged on"}));
  EXPECT_EQ(system.answer("OPERATOR", "MSG ROBOT hi"),
            (Lines{"HCPMFS057I ROBOT not receiving; disconnected"}));
  EXPECT_EQ(system.code("OPERATOR"), 57);
  EXPECT_EQ(system.answer("OPERATOR", "MSG ALICE"), (Lines{"HCPMFS026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("OPERATOR", "MSG"), (Lines{"HCPMFS020E Userid missing or invalid"}));
}

TEST(Help, ListsWhatTheUserMayUseAndExplainsIt) {
  TestSystem system;
  system.log_on("ALICE");
  const auto list = system.answer("ALICE", "HELP");
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[1].find("FORCE"), std::string::npos);
  EXPECT_NE(list[1].find("COUPle"), std::string::npos);
  const auto couple = system.answer("ALICE", "HELP COUPLE");
  ASSERT_FALSE(couple.empty());
  EXPECT_EQ(couple[0], "  COUPle vdev [To] [{owner | *} lanname [PORTNUMber {AUTO | n}]]");
  EXPECT_EQ(system.answer("ALICE", "HELP QUERY LAN").front().substr(0, 12), "  Query LAN ");
  EXPECT_EQ(system.answer("ALICE", "HELP FORCE"), (Lines{"HCPHLP002E Invalid operand - FORCE"}));
  EXPECT_EQ(system.answer("ALICE", "HELP COUPLE X"), (Lines{"HCPHLP002E Invalid operand - X"}));
}

// Every row can be asked about, and no line is too wide for a terminal.
TEST(Help, ExplainsEveryCommand) {
  TestSystem system;
  const auto check = [&](std::string_view topic) {
    const auto lines = system.answer("OPERATOR", fmt::format("HELP {}", topic));
    EXPECT_GE(lines.size(), 2U) << topic;
    EXPECT_EQ(system.code("OPERATOR"), 0) << topic;
  };
  for (const auto& command : command_table()) {
    check(command.name);
    for (const auto& sub : command.table) check(fmt::format("{} {}", command.name, sub.name));
  }
}

TEST(CommandTable, EveryRowHasAFunctionOrATableAndItsTexts) {
  const auto check = [](const Command& command) {
    EXPECT_TRUE(command.handler != nullptr || !command.table.empty()) << command.name;
    EXPECT_EQ(command.module.size(), 3U) << command.name;
    EXPECT_FALSE(command.syntax.empty()) << command.name;
    EXPECT_FALSE(command.help.empty()) << command.name;
  };
  for (const auto& command : command_table()) {
    check(command);
    for (const auto& sub : command.table) check(sub);
  }
}

}  // namespace
}  // namespace vmlan::cp
