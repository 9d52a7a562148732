#include "apps/system/console_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vmlan::apps {
namespace {

using testing::ElementsAre;

class ConsoleWatchTest : public testing::Test {
 protected:
  std::vector<std::string> shown;
  ConsoleWatch watch{[this](std::string_view console, std::string_view text) {
    shown.push_back(std::string(console) + "|" + std::string(text));
  }};
};

TEST_F(ConsoleWatchTest, EveryLineIsHandedOn) {
  watch.line("ALICE", "one");
  watch.line("BOB", "");
  EXPECT_THAT(shown, ElementsAre("ALICE|one", "BOB|"));
}

TEST_F(ConsoleWatchTest, ControlCharactersDoNotReachTheTerminal) {
  watch.line("ALICE", "a\x1b[2Jb\nc\x7f");
  EXPECT_THAT(shown, ElementsAre("ALICE|a.[2Jb.c."));
}

TEST_F(ConsoleWatchTest, ALineThatWasShownBeforeTheWaitCounts) {
  watch.line("BOB", "TCPRECV: Listening on port 2001.");
  EXPECT_TRUE(watch.take("BOB", "Listening"));
  EXPECT_FALSE(watch.take("BOB", "Listening"));
}

TEST_F(ConsoleWatchTest, TextsAreTakenInTheirOrder) {
  for (const char* text : {"one", "two", "three"}) watch.line("BOB", text);
  EXPECT_TRUE(watch.take("BOB", "two"));
  EXPECT_FALSE(watch.take("BOB", "one"));
}

TEST_F(ConsoleWatchTest, OtherConsolesDoNotCount) {
  watch.line("ALICE", "Ready;");
  EXPECT_FALSE(watch.take("BOB", "Ready"));
  EXPECT_EQ(watch.ready("BOB"), std::nullopt);
}

TEST_F(ConsoleWatchTest, WhatWasShownBeforeALineWasTypedIsOld) {
  watch.line("BOB", "Ready(00028);");
  watch.typed("BOB");
  EXPECT_FALSE(watch.take("BOB", "Ready"));
  EXPECT_EQ(watch.ready("BOB"), std::nullopt);
}

TEST_F(ConsoleWatchTest, TheReturnCodeStandsInThePrompt) {
  struct Case {
    const char* line;
    std::optional<int> code;
  };
  for (const Case& prompt :
       {Case{"Ready;", 0}, Case{"Ready; T=0.01/0.01 09:00:00", 0}, Case{"Ready(00045);", 45},
        Case{"Ready(-0003);", -3}, Case{"Ready(x);", std::nullopt}, Case{"Ready(1", std::nullopt},
        Case{"Already;", std::nullopt}}) {
    watch.typed("BOB");
    watch.line("BOB", prompt.line);
    EXPECT_EQ(watch.ready("BOB"), prompt.code) << prompt.line;
  }
}

TEST_F(ConsoleWatchTest, TextsThatWereTakenAreStillKnown) {
  for (const char* text : {"one", "two"}) watch.line("BOB", text);
  EXPECT_TRUE(watch.take("BOB", "two"));
  EXPECT_EQ(watch.shows("BOB", "one"), true);
  EXPECT_EQ(watch.shows("BOB", "three"), false);
  EXPECT_EQ(watch.shows("ZOE", "one"), false);
}

TEST_F(ConsoleWatchTest, ConsolesAreThoseSomethingHappenedAt) {
  watch.typed("ALICE");
  watch.line("BOB", "x");
  watch.moved("DESK", "CAROL");
  EXPECT_THAT(watch.consoles(), ElementsAre("ALICE", "BOB", "CAROL"));
  EXPECT_FALSE(watch.knows("DESK"));
}

TEST_F(ConsoleWatchTest, AConsoleThatShowsTooMuchForgetsItsOldestLines) {
  watch.line("BOB", "first");
  for (int i = 0; i < 10'000; ++i) watch.line("BOB", "more");
  EXPECT_EQ(watch.shows("BOB", "never"), std::nullopt) << "nobody can say what the first line was";
  EXPECT_FALSE(watch.take("BOB", "first"));
}

}  // namespace
}  // namespace vmlan::apps
