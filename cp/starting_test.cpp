// COMMAND and IPL statements of users that log each other on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

TEST(Starting, AUserStartedByACommandIsReadyForTheNextCommand) {
  TestSystem system(
      "USER FIRST NOPASS 64K 64K G\nCOMMAND XAUTOLOG OTHER\nCOMMAND SEND OTHER HELLO\n"
      "USER OTHER NOPASS 64K 64K G\nIPL ECHO\n");
  const auto lines = system.type("OPERATOR", "XAUTOLOG FIRST");
  EXPECT_NE(std::find(lines.begin(), lines.end(), "OTHER: read HELLO"), lines.end());
}

TEST(Starting, ALogonAmongTheCommandsOfAUserWithoutAConsoleIsAnsweredInFull) {
  TestSystem system("USER FIRST NOPASS 64K 64K G\nCOMMAND LOGON FIRST\n");
  const auto lines = system.type("OPERATOR", "XAUTOLOG FIRST");
  EXPECT_NE(std::find(lines.begin(), lines.end(), "FIRST: HCPLGA054E FIRST already logged on disconnected"),
            lines.end());
}

TEST(Starting, AProgramGetsTheParametersOfItsIpl) {
  TestSystem system("USER ALICE NOPASS 64K 64K G\nIPL ECHO PARM AUTOCR\nUSER BOB NOPASS 64K 64K G\n");
  system.log_on("ALICE");
  system.log_on("BOB");
  EXPECT_EQ(system.answer("ALICE", "PARM"), Lines{"loaded with 'AUTOCR'"});
  system.type("BOB", "IPL ECHO PARM NOPROF  A B");
  EXPECT_EQ(system.answer("BOB", "PARM"), Lines{"loaded with 'NOPROF  A B'"});
  system.type("BOB", "#CP IPL ECHO");
  EXPECT_EQ(system.answer("BOB", "PARM"), Lines{"loaded with ''"});
}

// COMMAND XAUTOLOG of one user starts the next: no deeper than one command, however many there are.
TEST(Starting, AChainOfUsersIsAsLongAsTheDirectory) {
  constexpr unsigned users = 10000;
  std::string directory;
  for (unsigned number = 0; number < users; ++number) {
    directory += fmt::format("USER U{} NOPASS 64K 64K G\nCOMMAND XAUTOLOG U{}\n", number, number + 1);
  }
  TestSystem system(directory + fmt::format("USER U{} NOPASS 64K 64K G\n", users));
  system.type("OPERATOR", "XAUTOLOG U0");
  EXPECT_NE(system.cp.find(fmt::format("U{}", users)), nullptr);
  EXPECT_EQ(system.cp.users().size(), users + 2U);
}

}  // namespace
}  // namespace vmlan::cp
