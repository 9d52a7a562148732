#include "apps/transcripts/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmlan::apps {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(Pattern, DotsStandForAnyText) {
  EXPECT_TRUE(matches_pattern("A: x", "A: x"));
  EXPECT_FALSE(matches_pattern("A: x", "A: x "));
  EXPECT_TRUE(matches_pattern("A: ... ms", "A: 12 ms"));
  EXPECT_TRUE(matches_pattern("A:...", "A:"));
  EXPECT_TRUE(matches_pattern("A: ...b...b", "A: abcb"));
  EXPECT_FALSE(matches_pattern("A: ...b...b", "A: ab"));
  EXPECT_FALSE(matches_pattern("A: x...x", "A: x")) << "the front is not the end too";
}

TEST(Transcript, WhatIsTheSameIsTheSame) {
  const std::string text = "* c\n\n.FILE A 191 B C\nA: in a file\n.END\nA> q\nA: one\nA: two\n";
  const Comparison comparison = compare_transcripts(text, text);
  EXPECT_TRUE(comparison.same);
  EXPECT_EQ(comparison.updated, text);
}

TEST(Transcript, ADifferenceHasItsLineAndItsNeighbours) {
  const Comparison comparison = compare_transcripts("* 1\n* 2\n* 3\n* 4\nA> q\nA: one\nA: two\n* 8\n",
                                                    "* 1\n* 2\n* 3\n* 4\nA> q\nA: One\nA: two\n* 8\n");
  EXPECT_FALSE(comparison.same);
  EXPECT_EQ(comparison.first_line, 6U);
  EXPECT_THAT(comparison.difference, ElementsAre("@@ -3,6 +3,6 @@", " * 3", " * 4", " A> q", "-A: one",
                                                 "+A: One", " A: two", " * 8"));
  EXPECT_EQ(comparison.updated, "* 1\n* 2\n* 3\n* 4\nA> q\nA: One\nA: two\n* 8\n");
}

TEST(Transcript, WhatWasNotPrintedAnyMoreIsShownWithoutPasswords) {
  const std::string recorded = "A> LOGON A TOPSECRET\nA: one\n.DIRECTORY\nUSER A TOPSECRET 32M\n.END\n";
  const Comparison comparison = compare_transcripts(recorded, "");
  EXPECT_THAT(comparison.difference, ElementsAre("@@ -1,5 +1,0 @@", "-A> LOGON A ********", "-A: one",
                                                 "-.DIRECTORY", "-USER A ******** 32M", "-.END"));
}

TEST(Transcript, AnUpdateKeepsThePasswordsOfTheScript) {
  const std::string recorded = "A> LOGON A TOPSECRET\nA: one\n";
  const Comparison comparison = compare_transcripts(recorded, "A> LOGON A ********\nA: two\n");
  EXPECT_EQ(comparison.updated, "A> LOGON A TOPSECRET\nA: two\n");
  EXPECT_THAT(comparison.difference, Contains(" A> LOGON A ********"));
}

TEST(Transcript, MissingAndAdditionalAnswersDiffer) {
  EXPECT_FALSE(compare_transcripts("A> q\nA: one\n", "A> q\n").same);
  EXPECT_FALSE(compare_transcripts("A> q\n", "A> q\nA: one\n").same);
  EXPECT_FALSE(compare_transcripts("", "A: one\n").same);
  EXPECT_FALSE(compare_transcripts("A> q\nA> r\nA: one\n", "A> q\nA: one\nA> r\n").same)
      << "before r, not after it";
}

TEST(Transcript, DotsOnALineStandForAnyAnswersUpToTheNextStatement) {
  const std::string recorded = "A> q\n...\nA: two\nA> r\nA: three\n";
  EXPECT_TRUE(compare_transcripts(recorded, "A> q\nA: two\nA> r\nA: three\n").same);
  EXPECT_TRUE(compare_transcripts(recorded, "A> q\nB: x\nA: two\nA: two\nA> r\nA: three\n").same);
  EXPECT_FALSE(compare_transcripts(recorded, "A> q\nA: two\nB: x\nA> r\nA: three\n").same);
}

TEST(Transcript, IgnoredAnswersCountOnNeitherSide) {
  const std::string statement = ".IGNORE OPERATOR: GRAF ...\n";
  EXPECT_TRUE(compare_transcripts(statement + "A> q\nOPERATOR: GRAF 1\nA: one\n",
                                  statement + "A> q\nA: one\nOPERATOR: GRAF 2\n")
                  .same);
}

TEST(Transcript, AnUpdateKeepsWildcardsThatStillFit) {
  const Comparison comparison =
      compare_transcripts("A> q\nA: ... ms\n...\nA: end\nA: old\n", "A> q\nA: 5 ms\nB: x\nA: end\nA: new\n");
  EXPECT_FALSE(comparison.same);
  EXPECT_EQ(comparison.updated, "A> q\nA: ... ms\n...\nA: end\nA: new\n");
}

TEST(Transcript, PasswordsThatARunHidesAreNoDifferenceAndStayHidden) {
  const Comparison comparison =
      compare_transcripts("A> LOGON A SECRET\nA: old\n", "A> LOGON A ********\nA: new\n");
  EXPECT_THAT(comparison.difference, Contains(" A> LOGON A ********"));
  EXPECT_EQ(comparison.updated, "A> LOGON A SECRET\nA: new\n");
  EXPECT_TRUE(compare_transcripts("A> SECRET\n", "A> ********\n").same);
}

TEST(Transcript, ManyAnswersAreStillCompared) {
  std::string one = "A> q\nA: first\n";
  std::string two = "A> q\n";
  for (int i = 0; i < 5000; ++i) {
    one += "A: " + std::to_string(i) + "\n";
    two += "A: " + std::to_string(i + 1) + "\n";
  }
  EXPECT_FALSE(compare_transcripts(one, two).same);
  EXPECT_TRUE(compare_transcripts(one, one).same);
}

}  // namespace
}  // namespace vmlan::apps
