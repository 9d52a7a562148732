#include "apps/script/script_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "apps/script/test_script.h"

namespace vmlan::apps {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(ScriptRunner, ATranscriptIsAScriptThatPrintsItselfAgain) {
  ASSERT_EQ(run(std::string("* A comment\n\n") + one_user +
                "ALICE> LOGON ALICE\nALICE> IPL CMS\nALICE> LISTFILE\nALICE: an answer of last year\n.EXPECT "
                "ALICE 28\n"),
            ExitCode::success)
      << errors.front();
  const std::string first = transcript;
  EXPECT_THAT(first, HasSubstr("ALICE: Ready(00028);"));
  EXPECT_THAT(first, Not(HasSubstr("last year")));
  EXPECT_EQ(run(first), ExitCode::success);
  EXPECT_EQ(transcript, first);
}

TEST_F(ScriptRunner, TheHeadingComesBeforeTheOperatorsConsole) {
  run("* A comment\n.DEFAULT &1 x\nOPERATOR> QUERY USERID\n");
  EXPECT_TRUE(transcript.starts_with("* A comment\n.DEFAULT &1 x\nOPERATOR: ")) << transcript;
}

TEST_F(ScriptRunner, WithoutEchoOnlyTheConsolesAreHeard) {
  options.echo = false;
  EXPECT_EQ(run("* A comment\nOPERATOR> QUERY USERID\n"), ExitCode::success);
  EXPECT_THAT(transcript, Not(HasSubstr("OPERATOR>")));
  EXPECT_THAT(transcript, Not(HasSubstr("comment")));
  EXPECT_THAT(transcript, HasSubstr("OPERATOR: OPERATOR AT VMLAN1"));
}

TEST_F(ScriptRunner, EverybodyIsLoggedOffAtTheEnd) {
  run(std::string(one_user) + "ALICE> LOGON ALICE\n");
  EXPECT_THAT(transcript, HasSubstr("ALICE: LOGOFF AT"));
}

TEST_F(ScriptRunner, SyntaxErrorsStopTheScriptBeforeItBegins) {
  EXPECT_EQ(run("OPERATOR> QUERY USERID\nnonsense\n.WAIT\n"), ExitCode::usage);
  EXPECT_EQ(transcript, "");
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:2: VMLSCR101E"), HasSubstr("test.vm:3: VMLSCR103E")));
}

TEST_F(ScriptRunner, AWrongReturnCodeEndsTheRunAtItsLine) {
  EXPECT_EQ(run("OPERATOR> QUERY NOBODY\n.EXPECT OPERATOR 0\nOPERATOR> QUERY USERID\n"), ExitCode::failure);
  EXPECT_THAT(errors,
              ElementsAre(HasSubstr("test.vm:2: VMLRUN204E The last command of OPERATOR ended with return "
                                    "code 3, not 0")));
  EXPECT_THAT(transcript, Not(HasSubstr("VMLAN1")));
}

TEST_F(ScriptRunner, DirectoryErrorsNameTheLineOfTheScript) {
  EXPECT_EQ(run("*\n.DIRECTORY\nUSER ALICE NOPASS 32M\n NONSENSE 5\n.END\n"), ExitCode::usage);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:4: VMLDIR301E"), HasSubstr("test.vm:2: VMLDIR302E")));
  EXPECT_THAT(errors.front(), HasSubstr("NONSENSE 5"));
}

TEST_F(ScriptRunner, TheCallersDirectoryIsLoadedFirst) {
  options.directory = file("users.direct", "USER CAROL NOPASS 32M\n").string();
  EXPECT_EQ(run("CAROL> LOGON CAROL\n.EXPECT CAROL 0\n"), ExitCode::success);
  options.directory = file("users.direct", "USER\n").string();
  EXPECT_EQ(run("CAROL> LOGON CAROL\n"), ExitCode::usage);
  EXPECT_THAT(errors.front(), HasSubstr("users.direct:1: VMLDIR301E"));
  options.directory = (folder / "nowhere").string();
  EXPECT_EQ(run("CAROL> LOGON CAROL\n"), ExitCode::usage);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("VMLFIL011E")));
}

TEST_F(ScriptRunner, ADirectoryFileLiesBesideTheScript) {
  file("users.direct", "USER CAROL NOPASS 32M\n");
  EXPECT_EQ(run(".DIRECTORY users.direct\nCAROL> LOGON CAROL\n.EXPECT CAROL 0\n"), ExitCode::success);
}

TEST_F(ScriptRunner, FilesGoInAndComeOutAsTheyAre) {
  const std::string bytes("\0\r\n\xff end", 9);
  file("in.bin", bytes);
  const std::string out = (folder / "out.bin").string();
  EXPECT_EQ(
      run(std::string(one_user) + ".PUT in.bin ALICE 191 SOME DATA\n.GET ALICE 191 SOME DATA " + out + "\n"),
      ExitCode::success);
  std::ifstream stream(out, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), bytes);
}

TEST_F(ScriptRunner, AFolderBesideTheScriptIsAMinidisk) {
  fs::create_directory(folder / "disk");
  std::ofstream(folder / "disk" / "hello.data") << "Hello from the host.";
  EXPECT_EQ(run(".DIRECTORY\nUSER ALICE NOPASS 32M\n MDISK 191 HOST disk MR\n.END\nALICE> LOGON "
                "ALICE\nALICE> IPL CMS\n"
                "ALICE> TYPE HELLO DATA\nALICE> COPYFILE HELLO DATA A COPY = =\n.EXPECT ALICE 0\n"),
            ExitCode::success);
  EXPECT_THAT(transcript, HasSubstr("ALICE: Hello from the host."));
  EXPECT_TRUE(fs::exists(folder / "disk" / "COPY.DATA"));
}

TEST_F(ScriptRunner, MissingFilesAndDisksEndTheRun) {
  struct Case {
    const char* statement;
    const char* message;
  };
  for (const Case& wrong :
       {Case{".PUT nowhere ALICE 191 A B", "VMLFIL011E"}, Case{".PUT . ALICE 191 A B", "VMLFIL011E"},
        Case{".GET ALICE 191 A B x", "VMLRUN206E"}, Case{".GET ALICE 192 A B x", "VMLRUN205E"},
        Case{".PUT test.vm ZOE 191 A B", "VMLRUN205E"}}) {
    EXPECT_EQ(run(std::string(one_user) + wrong.statement + "\n"), ExitCode::failure) << wrong.statement;
    EXPECT_THAT(errors, ElementsAre(HasSubstr(std::string("test.vm:5: ") + wrong.message)));
  }
}

TEST_F(ScriptRunner, WaitingForWhatCannotComeEndsAtOnce) {
  EXPECT_EQ(run("OPERATOR> QUERY USERID\n.WAIT OPERATOR never said\n"), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:2: VMLRUN202E OPERATOR has not shown 'never said'")));
}

TEST_F(ScriptRunner, WaitingFindsWhatWasShownSinceTheLastLine) {
  EXPECT_EQ(run("OPERATOR> QUERY USERID\n.WAIT OPERATOR AT VMLAN1\n"), ExitCode::success);
}

TEST_F(ScriptRunner, SleepLetsTimePassEvenIfNobodyWaits) {
  EXPECT_EQ(run(".SLEEP 61\nOPERATOR> QUERY TIME\n"), ExitCode::success);
  EXPECT_THAT(transcript, HasSubstr("TIME IS 09:01:01"));
}

TEST_F(ScriptRunner, ALineAtABusyConsoleWaitsUntilTheLimit) {
  const std::string stack =
      "OPERATOR> DEFINE LAN L OWNERID SYSTEM TYPE QDIO\n"
      "ALICE> LOGON ALICE\nALICE> DEFINE NIC 600 TYPE QDIO\nALICE> COUPLE 600 TO SYSTEM L\nALICE> IPL CMS\n"
      "ALICE> IFCONFIG 600 10.1.1.1 255.255.255.0\nALICE> TCPRECV A B\n";
  EXPECT_EQ(run(one_user + stack + ".TIMEOUT 2\nALICE> LISTFILE\n"), ExitCode::failure);
  EXPECT_THAT(
      errors,
      ElementsAre(HasSubstr("test.vm:13: VMLRUN201E The last command of ALICE has not ended after 2")));
  // CP and HX do not wait.
  EXPECT_EQ(run(one_user + stack + ".TIMEOUT 2\nALICE> #cp query userid\nALICE> HX\nALICE> LISTFILE\n"),
            ExitCode::success);
}

TEST_F(ScriptRunner, TheEndWaitsForEveryConsolesLastCommand) {
  EXPECT_EQ(run(std::string(receiver) + "ALICE> PING 10.1.1.9 (COUNT 2 TIMEOUT 3\nOPERATOR> QUERY USERID\n"),
            ExitCode::success);
  EXPECT_THAT(transcript, HasSubstr("ALICE: PING: Ping #2 timed out\nALICE: Ready(00008);\nALICE: CONNECT="));
}

TEST_F(ScriptRunner, ACommandThatNeverEndsIsNotCutOffInSilence) {
  EXPECT_EQ(run(std::string(receiver) + "ALICE> TCPRECV A B\nOPERATOR> QUERY USERID\n"), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:12: VMLRUN201E The last command of ALICE")));
}

TEST_F(ScriptRunner, ThePersonBehindAnotherNameIsWaitedForToo) {
  EXPECT_EQ(
      run(std::string(one_user) +
          "DESK> LOGON ALICE\nALICE> IPL CMS\n.EXPECT ALICE 0\nALICE> FROBNICATE\n.EXPECT ALICE NOT 0\n"),
      ExitCode::success)
      << errors.front();
}

TEST_F(ScriptRunner, AConsoleThatNeverAppearsIsAnError) {
  for (const char* statement : {".WAIT BOBB", ".EXPECT BOBB 0", ".EXPECT BOBB NOT 0", ".EXPECT BOBB \"x\"",
                                ".EXPECT BOBB NOT \"x\""}) {
    EXPECT_EQ(run(std::string(one_user) + "ALICE> LOGON ALICE\n" + statement + "\n"), ExitCode::failure)
        << statement;
    EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:6: VMLRUN210E There is no console BOBB")));
  }
  EXPECT_EQ(run(std::string(one_user) + "ALICE> LOGON ALICE\nALICE> LOGOFF\n.WAIT ALICE\n"),
            ExitCode::success)
      << "it was there";
}

TEST_F(ScriptRunner, ExpectedTextsAreThoseSinceTheLastLine) {
  EXPECT_EQ(
      run("OPERATOR> QUERY USERID\n.WAIT OPERATOR VMLAN1\n.EXPECT OPERATOR \"AT VMLAN1\"\n"
          ".EXPECT OPERATOR NOT \"at vmlan1\"\nOPERATOR> QUERY TIME\n.EXPECT OPERATOR NOT \"AT VMLAN1\"\n"),
      ExitCode::success);
  EXPECT_EQ(run("OPERATOR> QUERY USERID\n.EXPECT OPERATOR \"nothing\"\n"), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:2: VMLRUN213E OPERATOR has not shown 'nothing'")));
  EXPECT_EQ(run("OPERATOR> QUERY USERID\n.EXPECT OPERATOR NOT \"VMLAN1\"\n"), ExitCode::failure);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("test.vm:2: VMLRUN214E OPERATOR has shown 'VMLAN1'")));
}

TEST_F(ScriptRunner, WhatMustNotBeShownIsJudgedWhenTheCommandHasEnded) {
  const std::string ping = std::string(receiver) + "ALICE> PING 10.1.1.9 (COUNT 2 TIMEOUT 3\n";
  EXPECT_EQ(run(ping + ".EXPECT ALICE NOT \"Ping #2 timed out\"\n"), ExitCode::failure);
  EXPECT_EQ(run(ping + ".EXPECT ALICE \"Ping #2 timed out\"\n"), ExitCode::success);
  EXPECT_EQ(run(std::string(receiver) + "ALICE> TCPRECV A B\n.EXPECT ALICE \"Listening\"\nALICE> HX\n"),
            ExitCode::success)
      << "what is there already need not be waited for";
}

TEST_F(ScriptRunner, NoScriptIsAUsageError) {
  options.script = (folder / "nowhere.vm").string();
  EXPECT_EQ(run_script(options, {[](std::string_view) {},
                                 [this](std::string_view line) { errors.emplace_back(line); }}),
            ExitCode::usage);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("VMLFIL011E Cannot read")));
}

}  // namespace
}  // namespace vmlan::apps
