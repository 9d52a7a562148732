// What a strict script, and one that expects a code, takes for a success.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "apps/script/test_script.h"

namespace vmlan::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(ScriptRunner, StrictScriptsEndAtACodeThatNobodyExpects) {
  const std::string wrong = "OPERATOR> QUERY NOBODY\n* What now?\nOPERATOR> QUERY USERID\n";
  EXPECT_EQ(run(wrong), ExitCode::success);
  EXPECT_EQ(run(".STRICT\n" + wrong), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:2: VMLRUN211E The command of OPERATOR ended with return "
                                            "code 3")));
  EXPECT_THAT(transcript, Not(HasSubstr("VMLAN1")));
  EXPECT_EQ(run(wrong + ".STRICT\n.STRICT OFF\n" + wrong), ExitCode::success);
  EXPECT_EQ(run(".STRICT\nOPERATOR> QUERY NOBODY\n* Expected.\n.EXPECT OPERATOR 3\n"), ExitCode::success);
  options.strict = true;
  EXPECT_EQ(run(wrong), ExitCode::failure);
}

TEST_F(ScriptRunner, StrictScriptsSeeTheCodesOfCommandsThatEndLater) {
  options.strict = true;
  const std::string ping = std::string(receiver) + "ALICE> PING 10.1.1.9 (COUNT 1 TIMEOUT 3\n";
  EXPECT_EQ(run(ping + "OPERATOR> QUERY USERID\n"), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:11: VMLRUN211E")));
  // #CP has a code of its own, and does not hide that of the command below it.
  EXPECT_EQ(run(ping + "ALICE> #CP QUERY USERID\n"), ExitCode::failure);
  EXPECT_EQ(run(ping + "OPERATOR> QUERY USERID\n.EXPECT ALICE 8\n"), ExitCode::success);
}

TEST_F(ScriptRunner, StrictScriptsSeeEveryCommandOfALine) {
  const std::string cms = std::string(".STRICT\n") + one_user + "ALICE> LOGON ALICE\nALICE> IPL CMS\n";
  for (const char* line : {"ALICE> FROB#Q USERID\n", "ALICE> #CP FROB#CP Q USERID\n"}) {
    EXPECT_EQ(run(cms + line), ExitCode::failure) << line;
    EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:8: VMLRUN211E")));
  }
  EXPECT_EQ(run(std::string(".STRICT\n") + one_user + "X> LOGON ALICE#FROB\n"), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:6: VMLRUN211E")));
}

TEST_F(ScriptRunner, StrictnessBelongsToTheCommand) {
  const std::string ping = std::string(receiver) + ".STRICT\nALICE> PING 10.1.1.9 (COUNT 1 TIMEOUT 3\n";
  EXPECT_EQ(run(ping + ".STRICT OFF\n"), ExitCode::failure);
  EXPECT_EQ(run(ping + ".STRICT OFF\nALICE> #CP QUERY USERID\n"), ExitCode::failure);
}

TEST_F(ScriptRunner, ALogonWithoutItsPasswordHasNotHappened) {
  const std::string logon = ".STRICT\n.DIRECTORY\nUSER CAROL SECRET 32M\n.END\nY> LOGON CAROL\n";
  EXPECT_EQ(run(logon), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:5: VMLRUN216E Y still asks")));
  EXPECT_EQ(run(logon + ".EXPECT Y 0\n"), ExitCode::failure);
  EXPECT_EQ(run(logon + "Y> SECRET\n.EXPECT Y 0\n"), ExitCode::success);
}

// TCPRECV waits until somebody sends.
TEST_F(ScriptRunner, ACommandThatIsCutOffIsNoSuccess) {
  const std::string begun = std::string(receiver) + ".STRICT\nALICE> TCPRECV A B\n";
  for (const char* line : {"OPERATOR> FORCE ALICE\n", "ALICE> #CP SYSTEM RESET\n", "ALICE> #CP IPL CMS\n",
                           "ALICE> #CP LOGOFF\n"}) {
    EXPECT_EQ(run(begun + line), ExitCode::failure) << line;
    EXPECT_THAT(errors, ElementsAre(HasSubstr("VMLRUN217E The command of ALICE was cut off"))) << line;
    EXPECT_EQ(run(begun + ".STRICT OFF\n" + line + ".EXPECT ALICE 0\n"), ExitCode::failure) << line;
  }
  EXPECT_EQ(run(begun + "ALICE> HX\nOPERATOR> FORCE ALICE\n"), ExitCode::success) << "HX has ended it";
  EXPECT_EQ(run(std::string(receiver) + ".STRICT\nOPERATOR> FORCE ALICE\n"), ExitCode::success);
  EXPECT_EQ(run(std::string(receiver) + ".STRICT\nALICE> LOGOFF\n"), ExitCode::success) << "its own wish";
}

TEST_F(ScriptRunner, ACommandOfWhoIsDisconnectedOrStoppedHasNotEnded) {
  const std::string begun = std::string(receiver) + "ALICE> TCPRECV A B\n";
  for (const char* lines : {"ALICE> #CP DISC\n", "ALICE> #CP\nALICE> QUERY USERID\n"}) {
    EXPECT_EQ(run(begun + lines), ExitCode::failure) << lines;
    EXPECT_EQ(run(begun + lines + ".EXPECT ALICE 0\n"), ExitCode::failure) << lines;
  }
  const std::string ping = std::string(receiver) + "ALICE> PING 10.1.1.9 (COUNT 1 TIMEOUT 3\n";
  EXPECT_EQ(run(ping + "ALICE> #CP DISC\n.EXPECT ALICE 8\n"), ExitCode::success);
}

}  // namespace
}  // namespace vmlan::apps
