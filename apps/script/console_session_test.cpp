#include "apps/script/console_session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace vmlan::apps {
namespace {

using testing::Contains;
using testing::ElementsAre;
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
  void complain(std::string_view message) override { complaints.emplace_back(message); }
  Typist typist() const override { return kind; }

  std::deque<std::string> lines;
  std::vector<std::string> shown;
  std::vector<std::string> complaints;
  std::vector<std::string> prompts;
  Typist kind = Typist::pipe;
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
  EXPECT_EQ(run({".FROB", ".CONSOLE not/a/name", ".PUT nowhere ALICE 191 A B", ".SLEEP x", ".HELP",
                 "QUERY USERID"}),
            ExitCode::failure);
  for (const char* message :
       {"console:1: VMLSCR102E", "console:2: VMLCON401E", "console:3: VMLFIL011E", "console:4: VMLSCR104E"}) {
    EXPECT_THAT(source.complaints, Contains(HasSubstr(message)));
  }
  for (const char* line : {".CONSOLE NAME", "AT VMLAN1"}) {
    EXPECT_THAT(source.shown, Contains(HasSubstr(line)));
  }
}

TEST_F(ConsoleSessionTest, WhatAPipeTypedLastIsCarriedOutBeforeTheEnd) {
  run({"DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO", "COUPLE 600 TO ALICE L", "IPL CMS",
       "IFCONFIG 600 10.1.1.1 255.255.255.0", "PING 10.1.1.9 (TIMEOUT 3"},
      "ALICE");
  EXPECT_THAT(source.shown, Contains("PING: Ping #1 timed out"));
}

const std::deque<std::string> network{"DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO",
                                      "COUPLE 600 TO ALICE L", "IPL CMS",
                                      "IFCONFIG 600 10.1.1.1 255.255.255.0"};

std::deque<std::string> after_network(std::initializer_list<std::string> lines) {
  auto all = network;
  all.insert(all.end(), lines);
  return all;
}

TEST_F(ConsoleSessionTest, TheEndOfAPipeWaitsForTheLastCommandOfEveryConsole) {
  EXPECT_EQ(
      run(after_network({"PING 10.1.1.9 (TIMEOUT 3", "OPERATOR> QUERY TIME", ".CONSOLE OPERATOR"}), "ALICE"),
      ExitCode::failure);
  EXPECT_THAT(source.shown, Contains(HasSubstr("PING: Ping #1 timed out")));
  EXPECT_THAT(source.complaints, ElementsAre(HasSubstr("console:6: VMLRUN211E The command of ALICE ended")));
}

TEST_F(ConsoleSessionTest, QuitInAPipeWaitsAsItsEndDoes) {
  EXPECT_EQ(run(after_network({"PING 10.1.1.9 (TIMEOUT 3", ".QUIT", "QUERY TIME"}), "ALICE"),
            ExitCode::failure);
  EXPECT_THAT(source.shown, Contains(HasSubstr("PING: Ping #1 timed out")));
}

TEST_F(ConsoleSessionTest, LinesOfAStartDoNotWaitAtTheEndAndNobodyAsksForTheirCodes) {
  source.kind = LineSource::Typist::start_lines;
  EXPECT_EQ(run(after_network({"FROB", "PING 10.1.1.9 (TIMEOUT 3"}), "ALICE"), ExitCode::success);
  EXPECT_THAT(source.shown, Not(Contains(HasSubstr("PING: Ping #1 timed out"))));
  EXPECT_THAT(source.complaints, ElementsAre());
}

TEST_F(ConsoleSessionTest, StatementsAmongLinesAreJudgedBeforeAnyIsTyped) {
  const auto errors = [](std::vector<std::string> lines) {
    std::string said;
    for (const auto& error : ConsoleSession::errors_of(lines))
      said += fmt::format("{} {}\n", error.line, error.message);
    return said;
  };
  EXPECT_EQ(errors({"QUERY TIME", "ALICE> PING X", "", ".CONSOLE ALICE", " .SLEEP 1", ".FILE ALICE 191 A B",
                    "text", ".more", ".END", "FROB"}),
            "");
  EXPECT_THAT(errors({"QUERY TIME", ".NOSUCH"}), HasSubstr("2 VMLSCR"));
  EXPECT_THAT(errors({"QUERY TIME", ".FILE ALICE 191 A B", "DEFINE LAN X"}), HasSubstr("2 VMLSCR"));
  EXPECT_THAT(errors({".FILE ALICE 191 A B", ".END", ".WAIT", ".SLEEP X"}), HasSubstr("3 VMLSCR"));
}

TEST_F(ConsoleSessionTest, ACommandOfAPipeThatFailsIsInItsExitCode) {
  for (const char* line : {"FROB", "QUERY LAN NOWHERE", "ZOE> QUERY TIME", "ZOE> LOGON ZOE", ".WAIT ZOE",
                           ".EXPECT OPERATOR 7", ".FILE ALICE 191 A B"}) {
    EXPECT_EQ(run({"QUERY TIME", line, "QUERY USERID"}), ExitCode::failure) << line;
    EXPECT_THAT(source.complaints, Contains(HasSubstr("console:"))) << line;
    source.complaints.clear();
  }
  EXPECT_EQ(run({"IPL CMS", "FROB", "QUERY TIME"}, "ALICE"), ExitCode::failure);
  EXPECT_EQ(run({}, "ZOE"), ExitCode::failure);
  EXPECT_EQ(run({"QUERY TIME", "LOGON ALICE"}, "ALICE"), ExitCode::failure);
}

TEST_F(ConsoleSessionTest, ACodeThatAPipeExpectsIsNoFailure) {
  EXPECT_EQ(run({"FROB", ".EXPECT OPERATOR 1", "QUERY TIME"}), ExitCode::success);
  EXPECT_EQ(run({"FROB", ".EXPECT OPERATOR \"Unknown CP\"", "QUERY TIME"}), ExitCode::failure);
}

TEST_F(ConsoleSessionTest, ACommandThatWaitsForEverEndsAPipeOnlyWithAFailure) {
  const auto waiting =
      after_network({"TCPRECV LETTER TEXT A", "QUERY TIME", "QUERY USERID", "OPERATOR> QUERY TIME"});
  EXPECT_EQ(run(waiting, "ALICE"), ExitCode::failure);
  EXPECT_THAT(source.complaints, ElementsAre(HasSubstr("console:7: VMLRUN20")));
  EXPECT_THAT(source.shown, Not(Contains(HasSubstr("TIME IS"))));
}

TEST_F(ConsoleSessionTest, APersonsEndIsASuccess) {
  source.kind = LineSource::Typist::person;
  EXPECT_EQ(run({"FROB", ".FROB"}), ExitCode::success);
  EXPECT_THAT(source.complaints, ElementsAre(HasSubstr("VMLSCR102E")));
}

TEST_F(ConsoleSessionTest, APersonNeedNotWaitForTheLineBefore) {
  source.kind = LineSource::Typist::person;
  run({"DEFINE LAN L TYPE QDIO", "DEFINE NIC 600 TYPE QDIO", "COUPLE 600 TO ALICE L", "IPL CMS",
       "IFCONFIG 600 10.1.1.1 255.255.255.0", "PING 10.1.1.9 (TIMEOUT 3", "#CP QUERY USERID"},
      "ALICE");
  EXPECT_THAT(source.shown, Contains("ALICE    AT VMLAN1"));
  EXPECT_THAT(source.shown, Not(Contains("PING: Ping #1 timed out")));
}

}  // namespace
}  // namespace vmlan::apps
