#include "apps/script/console_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace vmlan::apps {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Types what the test says, and keeps what it sees.
class TypedLines final : public LineSource {
 public:
  std::optional<std::string> next(const std::string& prompt, RunningSystem& system) override {
    prompts.push_back(prompt);
    system.settle();
    if (lines.empty()) return std::nullopt;
    std::string line = lines.front();
    lines.pop_front();
    return line;
  }
  void show(std::string_view line) override { shown.emplace_back(line); }
  bool is_person() const override { return person; }

  std::deque<std::string> lines;
  std::vector<std::string> shown;
  std::vector<std::string> prompts;
  bool person = false;
};

class ConsoleSessionTest : public testing::Test {
 protected:
  ExitCode run(std::deque<std::string> lines, const std::string& userid = "") {
    source.lines = std::move(lines);
    ConsoleSession session(source, {ClockKind::virtual_time, 1, {}});
    EXPECT_EQ(session.load_directory(starter_directory(), "starter"), std::nullopt);
    return session.run(userid);
  }
  TypedLines source;
};

TEST_F(ConsoleSessionTest, TheOperatorSitsThereFirst) {
  EXPECT_EQ(run({"QUERY USERID"}), ExitCode::success);
  EXPECT_THAT(source.shown, Contains("OPERATOR AT VMLAN1"));
  EXPECT_EQ(source.prompts.front(), "OPERATOR> ");
}

TEST_F(ConsoleSessionTest, AUserNamedAtTheStartIsLoggedOn) {
  run({"QUERY USERID"}, "ALICE");
  EXPECT_THAT(source.shown, Contains("ALICE    AT VMLAN1"));
  EXPECT_THAT(source.shown, Contains(HasSubstr("OPERATOR: GRAF L0003 LOGON  AS  ALICE")));
}

TEST_F(ConsoleSessionTest, LinesForAnotherConsoleNameIt) {
  run({"ALICE> LOGON ALICE", "ALICE> QUERY USERID", ".CONSOLE alice", "QUERY TIME"});
  EXPECT_THAT(source.shown, Contains("ALICE: ALICE    AT VMLAN1"));
  EXPECT_THAT(source.shown, Contains(HasSubstr("TIME IS")));
  EXPECT_EQ(source.prompts.back(), "ALICE> ");
}

TEST_F(ConsoleSessionTest, TheConsoleFollowsItsPersonThroughLogon) {
  run({".CONSOLE DESK", "LOGON BOB", "QUERY USERID"});
  EXPECT_THAT(source.shown, Contains("BOB      AT VMLAN1"));
  EXPECT_EQ(source.prompts.back(), "BOB> ");
}

TEST_F(ConsoleSessionTest, QuitLogsEverybodyOffAndEnds) {
  EXPECT_EQ(run({".QUIT", "QUERY USERID"}, "ALICE"), ExitCode::success);
  EXPECT_THAT(source.shown, Contains(HasSubstr("LOGOFF AT")));
  EXPECT_THAT(source.shown, Not(Contains(HasSubstr("AT VMLAN1"))));
}

TEST_F(ConsoleSessionTest, StatementsOfScriptsWorkOverSeveralLines) {
  run({"IPL CMS", ".FILE ALICE 191 HELLO DATA", "Hello,", "QUERY USERID", ".END", "TYPE HELLO DATA"},
      "ALICE");
  EXPECT_THAT(source.shown, Contains("Hello,"));
  EXPECT_THAT(source.shown, Contains("QUERY USERID"));
  EXPECT_THAT(source.prompts, Contains("...> "));
}

TEST_F(ConsoleSessionTest, WrongLinesAreSaidAndTheSessionGoesOn) {
  run({".FROB", ".CONSOLE not/a/name", ".PUT nowhere ALICE 191 A B", ".SLEEP x", ".HELP", "QUERY USERID"});
  for (const char* message :
       {"VMLSCR102E", "VMLCON401E", "VMLFIL011E", "VMLSCR104E", ".CONSOLE NAME", "AT VMLAN1"}) {
    EXPECT_THAT(source.shown, Contains(HasSubstr(message)));
  }
}

TEST_F(ConsoleSessionTest, WhatAPipeTypedLastIsCarriedOutBeforeTheEnd) {
  run({"DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO", "COUPLE 600 TO ALICE L", "IPL CMS",
       "IFCONFIG 600 10.1.1.1 255.255.255.0", "PING 10.1.1.9 (TIMEOUT 3"},
      "ALICE");
  EXPECT_THAT(source.shown, Contains("PING: Ping #1 timed out"));
}

TEST_F(ConsoleSessionTest, APersonNeedNotWaitForTheLineBefore) {
  source.person = true;
  run({"DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO", "COUPLE 600 TO ALICE L", "IPL CMS",
       "IFCONFIG 600 10.1.1.1 255.255.255.0", "PING 10.1.1.9 (TIMEOUT 3", "#CP QUERY USERID"},
      "ALICE");
  EXPECT_THAT(source.shown, Contains("ALICE    AT VMLAN1"));
  EXPECT_THAT(source.shown, Not(Contains("PING: Ping #1 timed out")));
}

}  // namespace
}  // namespace vmlan::apps
