#include "cms/shell/cms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cms/shell/test_machine.h"

namespace vmlan::cms {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Lines = std::vector<std::string>;

class CmsTest : public testing::Test {
 protected:
  CmsTest() {
    cms_->run();
    machine_.take_shown();
  }

  // What one line typed makes the console show.
  Lines type(const std::string& line) {
    machine_.typed.push_back(line);
    wait_ = cms_->run();
    return machine_.take_shown();
  }

  arch::VirtualClock clock_;
  TestMachine machine_{clock_};
  std::unique_ptr<arch::Program> cms_ = make_cms(machine_);
  arch::Wait wait_;
};

TEST(Cms, TheFirstTurnShowsTheBannerAndGetsReady) {
  arch::VirtualClock clock;
  TestMachine machine(clock);
  auto cms = make_cms(machine);
  const arch::Wait wait = cms->run();
  EXPECT_THAT(machine.shown, ElementsAre("vmlan CMS V0.1.0    2002-03-29 09:00", "Ready;"));
  EXPECT_TRUE(wait.console_read);
  EXPECT_EQ(wait.until, std::nullopt);
}

TEST(Cms, AProfileThatNamesNoDeviceOfTheMachineIsToldAndCmsComesUpAllTheSame) {
  arch::VirtualClock clock;
  TestMachine machine(clock);
  machine.put("PROFILE TCPIP",
              "DEVICE DEV@0600 OSD 0600\nLINK ETH0 QDIOETHERNET DEV@0600\nHOMME\n"
              "HOME 10.1.1.1 255.255.255.0 ETH0\nSTART DEV@0600\n");
  auto cms = make_cms(machine);
  cms->run();
  EXPECT_THAT(
      machine.shown,
      ElementsAre("vmlan CMS V0.1.0    2002-03-29 09:00", "DTCTCP001I vmlan TCP/IP Level 630",
                  "09:00:00 DTCIPI006I Using profile file PROFILE TCPIP A1",
                  "09:00:00 DTCPRS9001E PROFILE TCPIP A1 line 3: HOMME: unknown statement",
                  "09:00:00 DTCPRS354I AutoRestart is the default for device DEV@0600",
                  "09:00:00 DTCOSD080I OSD initializing:", "09:00:00 DTCPRI385I  Device DEV@0600:",
                  "09:00:00 DTCPRI386I     Type: OSD, Status: Not started",
                  HasSubstr("DTCQDI9001E QDIO device DEV@0600 device number 0600: "), "Ready(00008);"));
}

TEST(Cms, TheUsersOwnProfileGoesBeforeTheCommonOne) {
  arch::VirtualClock clock;
  TestMachine machine(clock, "alice");
  machine.put("PROFILE TCPIP", "");
  machine.put("ALICE TCPIP", "");
  auto cms = make_cms(machine);
  cms->run();
  EXPECT_THAT(machine.shown, testing::Contains(HasSubstr("Using profile file ALICE TCPIP A1")));
}

TEST_F(CmsTest, AnEmptyLineIsJustReady) { EXPECT_THAT(type("   "), ElementsAre("Ready;")); }

TEST_F(CmsTest, WhatCmsDoesNotKnowGoesToCpWithItsReturnCode) {
  machine_.cp_reply = {45, {"HCPCQU045E BOB not logged on"}};
  EXPECT_THAT(type("query bob"), ElementsAre("HCPCQU045E BOB not logged on", "Ready(00045);"));
  machine_.cp_reply = {1, {"HCPCMD001E Unknown CP command: FOO"}};
  EXPECT_THAT(type("foo Bar"), ElementsAre("Unknown CP/CMS command", "Ready(-0003);"));
  EXPECT_THAT(type("CP foo Bar"), ElementsAre("HCPCMD001E Unknown CP command: FOO", "Ready(00001);"));
  machine_.cp_reply = {0, {"NIC 0600 is created; devices 0600-0602 defined"}};
  EXPECT_THAT(type("cp define nic 600"),
              ElementsAre("NIC 0600 is created; devices 0600-0602 defined", "Ready;"));
  EXPECT_THAT(machine_.cp_commands, ElementsAre("QUERY bob", "foo Bar", "foo Bar", "define nic 600"));
}

TEST_F(CmsTest, LinesTypedAheadRunInOrderAndTheTurnIsBounded) {
  for (int i = 0; i < 40; ++i) machine_.typed.push_back("cp " + std::to_string(i));
  const arch::Wait wait = cms_->run();
  EXPECT_FALSE(wait.console_read);
  EXPECT_EQ(wait.until, clock_.now()) << "more is to be done at once";
  for (int turn = 0; turn < 5; ++turn) cms_->run();
  ASSERT_EQ(machine_.cp_commands.size(), 40U);
  EXPECT_EQ(machine_.cp_commands.back(), "39");
}

TEST_F(CmsTest, HelpListsTheTableAndTellsOneCommandsOperands) {
  EXPECT_THAT(type("help"), testing::Contains(HasSubstr("LISTFILE")));
  EXPECT_THAT(type("h ping"), ElementsAre("PING host [( Count n Length n Timeout seconds]",
                                          "  asks a host for echoes", "Ready;"));
  machine_.cp_reply = {1, {"HCPHLP254E Help is not known"}};
  EXPECT_THAT(type("help nonsense"),
              ElementsAre("HCPHLP254E Help is not known",
                          "DMSHLP254E HELP cannot find the information for NONSENSE", "Ready(00028);"));
}

TEST_F(CmsTest, FilesAreListedTypedCopiedRenamedAndErased) {
  machine_.put("ONE DATA", "first line\nsecond\x01line\n");
  EXPECT_THAT(type("type one data"), ElementsAre("first line", "second.line", "Ready;"));
  EXPECT_THAT(type("copyfile one data a two = ="), ElementsAre("Ready;"));
  EXPECT_THAT(type("rename two data a three data a"), ElementsAre("Ready;"));
  EXPECT_THAT(type("listf"), ElementsAre("ONE      DATA     A1", "THREE    DATA     A1", "Ready;"));
  EXPECT_THAT(type("listfile three"), ElementsAre("THREE    DATA     A1", "Ready;"));
  EXPECT_THAT(type("compare one data a three data a"),
              ElementsAre("DMSCMP179I Comparing ONE DATA A1 with THREE DATA A1", "Ready;"));
  EXPECT_THAT(type("erase one data"), ElementsAre("Ready;"));
  EXPECT_THAT(type("listfile one data"), ElementsAre("DMSLST002E File not found", "Ready(00028);"));
}

TEST_F(CmsTest, DifferingFilesAreToldWithTheFirstByte) {
  machine_.put("ONE DATA", "abc");
  machine_.put("TWO DATA", "abd");
  machine_.put("LONG DATA", "abcd");
  EXPECT_THAT(type("compare one data a two data a"),
              ElementsAre("DMSCMP179I Comparing ONE DATA A1 with TWO DATA A1", "Byte 2: 63 64",
                          "DMSCMP209W Files do not compare", "Ready(00004);"));
  EXPECT_THAT(type("compare one data a long data a"),
              ElementsAre("DMSCMP179I Comparing ONE DATA A1 with LONG DATA A1",
                          "DMSCMP010E Premature EOF on file ONE DATA A1", "Ready(00040);"));
}

TEST_F(CmsTest, DisksAreAccessedAndReleased) {
  machine_.put("MORE DATA", "12345", 0x192);
  EXPECT_THAT(type("access 192 b"), ElementsAre("Ready;"));
  EXPECT_THAT(type("query disk"), ElementsAre("VDEV M   FILES       BYTES", "0191 A       0           0",
                                              "0192 B       1           5", "Ready;"));
  EXPECT_THAT(type("listfile * * *"), ElementsAre("MORE     DATA     B1", "Ready;"));
  EXPECT_THAT(type("release b"), ElementsAre("Ready;"));
  EXPECT_THAT(type("release b"), ElementsAre("DMSARE069E Disk B not accessed", "Ready(00036);"));
  EXPECT_THAT(type("access 193 c"), ElementsAre("DMSACC113S C(0193) not attached", "Ready(00100);"));
}

TEST_F(CmsTest, ADiskDetachedUnderAnAccessIsNotTouchedAnyMore) {
  machine_.put("MORE DATA", "12345", 0x192);
  type("access 192 b");
  machine_.disks.erase(0x192);
  EXPECT_THAT(type("type more data b"),
              ElementsAre("DMSTYP002E File MORE DATA B not found", "Ready(00028);"));
}

struct Wrong {
  const char* line;
  const char* message;
  const char* ready;
};

class CmsErrors : public CmsTest, public testing::WithParamInterface<Wrong> {};

TEST_P(CmsErrors, AreToldWithNumberAndReturnCode) {
  machine_.put("HERE DATA", "x");
  machine_.put("ALSO DATA", "x");
  EXPECT_THAT(type(GetParam().line), ElementsAre(GetParam().message, GetParam().ready));
}

INSTANTIATE_TEST_SUITE_P(
    All, CmsErrors,
    testing::Values(
        Wrong{"type", "DMSTYP054E Incomplete fileid specified", "Ready(00024);"},
        Wrong{"type no data", "DMSTYP002E File NO DATA A not found", "Ready(00028);"},
        Wrong{"type n/o data", "DMSTYP062E Invalid character / in fileid N/O", "Ready(00020);"},
        Wrong{"type here data a b", "DMSTYP070E Invalid parameter B", "Ready(00024);"},
        Wrong{"listfile a b c d", "DMSLST070E Invalid parameter D", "Ready(00024);"},
        Wrong{"listfile a b c", "DMSLST069E Filemode C not accessed", "Ready(00036);"},
        Wrong{"copyfile here data a also data a",
              "DMSCPY024E File ALSO DATA A1 already exists; specify REPLACE option", "Ready(00028);"},
        Wrong{"copyfile here data a also", "DMSCPY054E Incomplete fileid specified", "Ready(00024);"},
        Wrong{"copyfile no data a x data a", "DMSCPY002E File NO DATA A not found", "Ready(00028);"},
        Wrong{"copyfile here data a x data c", "DMSCPY069E Filemode C not accessed", "Ready(00036);"},
        Wrong{"rename here data a also data a", "DMSRNM024E File ALSO DATA A1 already exists",
              "Ready(00028);"},
        Wrong{"rename here data a x data b", "DMSRNM051E Invalid mode change", "Ready(00024);"},
        Wrong{"erase no data", "DMSERS002E File NO DATA A not found", "Ready(00028);"},
        Wrong{"compare here data a", "DMSCMP054E Incomplete fileid specified", "Ready(00024);"},
        Wrong{"compare here data a no data a", "DMSCMP002E File NO DATA A not found", "Ready(00028);"},
        Wrong{"access xyz", "DMSACC017E Invalid device address XYZ", "Ready(00024);"},
        Wrong{"access 191 bb", "DMSACC048E Invalid filemode BB", "Ready(00024);"},
        Wrong{"release", "DMSARE029E Invalid parameter in the operand list", "Ready(00024);"},
        Wrong{"ping", "DTCPNG9004E Operand missing", "Ready(00024);"},
        Wrong{"ping 10.1.1.1 5", "DTCPNG9005E Invalid operand - 5", "Ready(00024);"},
        Wrong{"ping 10.1.1.1 (count", "DTCPNG9005E Invalid operand - COUNT", "Ready(00024);"},
        Wrong{"ping 10.1.1.1 (count x", "DTCPNG9005E Invalid operand - X", "Ready(00024);"},
        Wrong{"ping 10.1.1.1 (length 70000", "DTCPNG9005E Invalid operand - 70000", "Ready(00024);"},
        Wrong{"ping 10.1.1.1", "DTCPNG9001E TCP/IP is not started; use TCPIP or IFCONFIG", "Ready(00008);"},
        Wrong{"netstat", "DTCNET9001E TCP/IP is not started; use TCPIP or IFCONFIG", "Ready(00008);"},
        Wrong{"tcpsend here data to", "DTCSND9004E Operand missing", "Ready(00024);"},
        Wrong{"tcpsend here data a 10.1.1.1", "DTCSND9005E Invalid operand - 10.1.1.1", "Ready(00024);"},
        Wrong{"tcpsend here data to 10.1.1.1 port 0", "DTCSND9005E Invalid operand - 0", "Ready(00024);"},
        Wrong{"tcprecv", "DMSRCV054E Incomplete fileid specified", "Ready(00024);"},
        Wrong{"tcpip", "DMSTCP002E File PROFILE TCPIP * not found", "Ready(00028);"},
        Wrong{"ifconfig eth0", "DTCIFC9007E Interface ETH0 does not exist", "Ready(00008);"},
        Wrong{"ifconfig eth0 10.1.1.1", "DTCIFC9007E Interface ETH0 does not exist", "Ready(00008);"},
        Wrong{"ifconfig 600 10.1.1", "DTCIFC9005E Invalid operand - 10.1.1", "Ready(00024);"},
        Wrong{"ifconfig 600 10.1.1.1 255.0.255.0", "DTCIFC9005E Invalid operand - 255.0.255.0",
              "Ready(00024);"},
        Wrong{"ifconfig 600 10.1.1.1 255.0.0.0 mtu 9", "DTCIFC9005E Invalid operand - 9", "Ready(00024);"}));

TEST_F(CmsTest, AnInterfaceOverANicThatDoesNotExistIsRefusedAndLeavesNothing) {
  const Lines lines = type("ifconfig 600 10.1.1.1");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("DTCQDI9001E QDIO device DEV@0600 device number 0600: "));
  EXPECT_EQ(lines[1], "Ready(00008);");
  EXPECT_THAT(type("ifconfig"), ElementsAre("Ready;"));
}

}  // namespace
}  // namespace vmlan::cms
