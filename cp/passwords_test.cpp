#include "cp/passwords.h"

#include <gtest/gtest.h>

#include <string>

#include "cp/directory.h"
#include "cp/test_system.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

bool alice_asks(std::string_view userid) { return userid == "ALICE"; }

TEST(Passwords, OfCommandsAreHidden) {
  struct Case {
    const char* line;
    const char* shown;
  };
  for (const Case& command : {
           Case{"LOGON ALICE SECRET", "LOGON ALICE ********"},
           Case{"l alice secret here", "l alice ******** here"},
           Case{"LOGON ALICE HERE SECRET NOIPL", "LOGON ALICE HERE ******** NOIPL"},
           Case{"  logi\talice\tsecret  ", "  logi\talice\tsecret  "},  // no abbreviation of LOGIN
           Case{"LOGIN ALICE SECRET", "LOGIN ALICE ********"},
           Case{"LOGO ALICE SECRET", "LOGO ALICE ********"},
           Case{"LOGON ALICE MY SECRET", "LOGON ALICE ******** ********"},
           Case{"CP LOGON ALICE SECRET", "CP LOGON ALICE ********"},
           Case{"#CP LOGON ALICE SECRET", "#CP LOGON ALICE ********"},
           Case{"QUERY TIME#LOGON ALICE SECRET#QUERY TIME", "QUERY TIME#LOGON ALICE ********#QUERY TIME"},
           Case{"SEND CP BOB LOGON ALICE SECRET", "SEND CP BOB LOGON ALICE ********"},
           Case{"SEND BOB CP LOGON ALICE SECRET", "SEND BOB CP LOGON ALICE ********"},
           Case{"LOGON ALICE &1", "LOGON ALICE &1"},
           Case{"LOGON\x01"
                "ALICE\x01SECRET",
                "LOGON\x01"
                "ALICE\x01********"},
           Case{"AUTOLOG ALICE SECRET", "AUTOLOG ALICE ********"},
           Case{"XAUTOLOG ALICE SECRET", "XAUTOLOG ALICE ********"},
           Case{"XAUTOLOG ALICE IPL CMS", "XAUTOLOG ALICE IPL CMS"},
           Case{"LINK TO BOB 191 AS 291 RR PASS= READ", "LINK TO BOB 191 AS 291 RR ******** ********"},
           Case{"LINK BOB 191 291 MR PASSWORD", "LINK BOB 191 291 MR ********"},
           Case{"LINK BOB 191 291 PASSWORD", "LINK BOB 191 291 ********"},
           Case{"LINK BOB 191 291 RR", "LINK BOB 191 291 RR"},
           Case{"LOGOFF", "LOGOFF"},
           Case{"LOGON", "LOGON"},
           Case{"", ""},
           Case{"QUERY LAN ALL DETAILS", "QUERY LAN ALL DETAILS"},
       }) {
    EXPECT_EQ(without_passwords(command.line), command.shown);
  }
}

TEST(Passwords, BehindALogonThatAsksForOneTheNextLineIsOne) {
  EXPECT_EQ(without_passwords("LOGON ALICE HERE#SECRET#IPL CMS", alice_asks),
            "LOGON ALICE HERE#********#IPL CMS");
  EXPECT_EQ(without_passwords("LOGON BOB#IPL CMS", alice_asks), "LOGON BOB#IPL CMS");
  EXPECT_EQ(without_passwords("LOGON ALICE SECRET#IPL CMS", alice_asks), "LOGON ALICE ********#IPL CMS");
  EXPECT_EQ(without_passwords("LOGON ALICE#\"#CRET WORD#IPL CMS", alice_asks),
            "LOGON ALICE#******** ********#IPL CMS");
}

TEST(Passwords, OfADirectoryAreHidden) {
  EXPECT_EQ(without_directory_passwords("* USER ALICE COMMENT\n"
                                        "USER ALICE SECRET 32M 64M G\n"
                                        " IPL CMS\r\n"
                                        " MDISK 191 3390 1 10 VOL001 MR RPW WPW MPW\n"
                                        " mdisk 192 3390 T-DISK 10 secret\n"
                                        " MDISK 193 HOST work RR\n"
                                        " MDISK 194 3390 DEVNO 1234 MWV ALL\n"
                                        "USER BOB NOPASS\n"
                                        "IDENT CAROL,\n"
                                        "  WORD,\n"
                                        "  32M\n"
                                        "USR DAVE SECRET 32M"),
            "* USER ALICE COMMENT\n"
            "USER ALICE ******** 32M 64M G\n"
            " IPL CMS\r\n"
            " MDISK 191 3390 1 10 VOL001 MR ******** ******** ********\n"
            " mdisk 192 3390 T-DISK 10 ********\n"
            " MDISK 193 HOST work RR\n"
            " MDISK 194 3390 DEVNO 1234 MWV ********\n"
            "USER BOB NOPASS\n"
            "IDENT CAROL,\n"
            "  ********,\n"
            "  32M\n"
            "USR DAVE ******** ********");
}

TEST(Passwords, DoNotStandInTheErrorsOfADirectory) {
  for (const char* text : {
           "USER EVE TOPSECRET 12Q\n",
           "IDENT EVE TOPSECRET 12Q\n",
           "USR EVE TOPSECRET 32M\n",
           "USER EVE NOPASS\nMDISK 191 3390 1 10 VOL001 TOPSECRET\n",
           "USER EVE NOPASS\nMDISK 191 3390 1 10 VOL001 MR A B C TOPSECRET\n",
           "USER EVE NOPASS\nMDISK 191 3390 1 10 MR TOPSECRET TOPSECRET\n",
           "USER EVE NOPASS\nMDISK 191 HOST here TOPSECRET\n",
           "USER EVE NOPASS\nAPPCPASS A B C TOPSECRET\n",
           "USER EVE NOPASS\nMDISK 191 3390 T-DISK 10 topsecret\n",
       }) {
    Directory directory;
    const auto errors = directory.load(text, "D");
    ASSERT_FALSE(errors.empty()) << text;
    for (const auto& error : errors) {
      EXPECT_EQ(to_upper(to_string(error)).find("TOPSECRET"), std::string::npos) << to_string(error);
    }
  }
}

TEST(Passwords, AreNotQuotedByALogonThatGoesWrong) {
  TestSystem system("USER DAVE SECRET 32M\n");
  EXPECT_EQ(system.type("X", "LOGON DAVE HER SECRET"), (Lines{"X: HCPLGA003E Invalid option - ********"}));
}

TEST(Passwords, OfAConsoleThatIsAskedForOneAreWholeLines) {
  TestSystem system("USER DAVE SECRET 32M\nUSER ERIN NOPASS 32M\n");
  EXPECT_EQ(system.cp.shown_line("X", "LOGON DAVE#SECRET"), "LOGON DAVE#********");
  EXPECT_EQ(system.cp.shown_line("X", "LOGON ERIN#IPL CMS"), "LOGON ERIN#IPL CMS");
  EXPECT_FALSE(system.cp.asks_for_password("X"));
  system.type("X", "LOGON DAVE");
  EXPECT_TRUE(system.cp.asks_for_password("X"));
  EXPECT_FALSE(system.cp.asks_for_password("DAVE"));
  EXPECT_EQ(system.cp.shown_line("X", "MY SECRET"), "********");
  EXPECT_EQ(system.cp.shown_line("DAVE", "QUERY TIME"), "QUERY TIME");
  system.type("X", "SECRET");
  system.type("DAVE", "TERMINAL LINEND %");
  EXPECT_EQ(system.cp.shown_line("DAVE", "QUERY TIME%LINK BOB 191 192 RR SECRET"),
            "QUERY TIME%LINK BOB 191 192 RR ********");
  EXPECT_FALSE(system.cp.asks_for_password("X"));
  EXPECT_NE(system.cp.find("DAVE"), nullptr);
}

}  // namespace
}  // namespace vmlan::cp
