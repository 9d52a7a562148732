#include "apps/script/shown_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "apps/script/script_runner.h"

namespace vmlan::apps {
namespace {

std::string shown(const std::string& script) {
  std::string text;
  for (const Statement& statement : parse_script(script, {"WORD"}).statements) {
    text += shown_source(statement) + "\n";
  }
  return text;
}

TEST(ShownSource, HidesPasswordsAndNothingElse) {
  EXPECT_EQ(shown("* LOGON ALICE SECRET\n"
                  "\n"
                  "  ALICE>  LOGON ALICE SECRET\n"
                  "ALICE>LOGON ALICE &1\n"
                  "ALICE>\n"
                  ".DIRECTORY\n"
                  "USER ALICE SECRET 32M\n"
                  " MDISK 191 3390 1 10 VOL001 MR ALL\n"
                  ".END\n"
                  ".FILE ALICE 191 A B\n"
                  "USER ALICE SECRET\n"
                  ".END\n"
                  ".WAIT ALICE Ready"),
            "* LOGON ALICE SECRET\n"
            "\n"
            "  ALICE>  LOGON ALICE ********\n"
            "ALICE>LOGON ALICE &1\n"
            "ALICE>\n"
            ".DIRECTORY\n"
            "USER ALICE ******** 32M\n"
            " MDISK 191 3390 1 10 VOL001 MR ********\n"
            ".END\n"
            ".FILE ALICE 191 A B\n"
            "USER ALICE SECRET\n"
            ".END\n"
            ".WAIT ALICE Ready\n");
}

class Transcripts : public testing::Test {
 protected:
  // All that a run prints.
  std::string run(const std::string& text) {
    std::ofstream(path_) << text;
    std::string printed;
    const auto print = [&printed](std::string_view line) { (printed += line) += '\n'; };
    RunOptions options;
    options.script = path_.string();
    code = run_script(options, {print, print});
    std::filesystem::remove(path_);
    return printed;
  }
  ExitCode code = ExitCode::success;

 private:
  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "vmlan_shown_source.vm";
};

TEST_F(Transcripts, OfARunHaveNoPasswords) {
  const std::string printed =
      run(".DIRECTORY\nUSER ALICE TOPSECRET 32M 64M G\n.END\n"
          "ALICE> LOGON ALICE\nALICE> topsecret\nALICE> QUERY USERID\nALICE> LOGOFF\n"
          "ALICE> LOGON ALICE TOPSECRET\nALICE> QUERY USERID\nALICE> LOGOFF\n"
          "ALICE> LOGON ALICE#TOPSECRET#QUERY USERID\n");
  EXPECT_EQ(code, ExitCode::success);
  EXPECT_EQ(printed.find("TOPSECRET"), std::string::npos) << printed;
  EXPECT_EQ(printed.find("topsecret"), std::string::npos) << printed;
  for (const char* line : {"USER ALICE ******** 32M 64M G\n", "ALICE> LOGON ALICE\n", "ALICE> ********\n",
                           "ALICE> LOGON ALICE ********\n", "ALICE> LOGON ALICE#********#QUERY USERID\n"}) {
    EXPECT_NE(printed.find(line), std::string::npos) << line;
  }
}

TEST_F(Transcripts, OfScriptsWithErrorsHaveNoPasswords) {
  for (const char* script :
       {"LOGON ALICE TOPSECRET\n", "ALICE LOGON ALICE TOPSECRET\n",
        ".DIRECTORY\nUSER ALICE TOPSECRET 12Q\n.END\n", ".DIRECTORY\nUSR ALICE TOPSECRET 32M\n.END\n"}) {
    const std::string printed = run(script);
    EXPECT_EQ(code, ExitCode::usage) << script;
    EXPECT_EQ(printed.find("TOPSECRET"), std::string::npos) << printed;
  }
}

}  // namespace
}  // namespace vmlan::apps
