#include "cp/directory.h"

#include <gtest/gtest.h>

namespace vmlan::cp {
namespace {

// "3: HCPDIR002E Invalid operand - X" for each error.
std::vector<std::string> errors_of(Directory& directory, std::string_view text) {
  std::vector<std::string> errors;
  for (const auto& error : directory.load(text, "USER DIRECT")) {
    errors.push_back(std::to_string(error.line) + ": " + error.message);
  }
  return errors;
}

std::vector<std::string> errors_of(std::string_view text) {
  Directory directory;
  return errors_of(directory, text);
}

using Errors = std::vector<std::string>;

TEST(Directory, EntryOfARealSystemIsAccepted) {
  Directory directory;
  ASSERT_EQ(errors_of(directory,
                      "* a directory\n"
                      "DIRECTORY 0123 3390 540RES\n"
                      "PROFILE LINDFLT\n"
                      "  CPU 00 BASE\n"
                      "  IPL CMS PARM AUTOCR\n"
                      "  MACHINE ESA 2\n"
                      "  OPTION LNKNOPAS APPLMON\n"
                      "  CONSOLE 0009 3215 T MAINT\n"
                      "  SPOOL 000C 2540 READER *\n"
                      "  SPOOL 000D 2540 PUNCH A\n"
                      "  SPOOL 000E 1403 A\n"
                      "  LINK MAINT 0190 0190 RR\n"
                      "\n"
                      "USER LINUX1 secret 512M 1G BG\n"
                      "  INCLUDE LINDFLT\n"
                      "  COMMAND SET RUN ON\n"
                      "  MDISK 0191 3390 1974 200 WRK001 MR ALL WRITE MULTI\n"
                      "  MDISK 0192 3390 T-DISK 10\n"
                      "  NICDEF 0600 TYPE QDIO DEVICES 3 LAN SYSTEM VMINTRA1 CHPID EC\n"
                      "  NICDEF 0600 MACID 0E4E8E PROMISCUOUS\n"
                      "  SPECIAL 0700 HIPERS 4 * MYLAN\n"),
            Errors{});
  const auto entry = directory.find("LINUX1");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->rule, LogonRule::password);
  EXPECT_EQ(entry->password, "SECRET");
  EXPECT_EQ(entry->storage, 512 * megabyte);
  EXPECT_EQ(entry->classes, "BG");
  EXPECT_EQ(entry->ipl_system, "CMS");
  EXPECT_EQ(entry->ipl_parameters, "AUTOCR");
  EXPECT_EQ(entry->commands, (Errors{"SET RUN ON"}));
  EXPECT_EQ(entry->disks.size(), 2U);
  EXPECT_EQ(entry->links.size(), 1U);
  ASSERT_EQ(entry->nics.size(), 2U);
  EXPECT_EQ(entry->nics[0].lan_name, "VMINTRA1");
  EXPECT_EQ(entry->nics[0].channel_path, 0xEC);
  EXPECT_EQ(entry->nics[0].macid, 0x0E4E8EU);
  EXPECT_EQ(entry->nics[0].port.promiscuous, true);
  EXPECT_EQ(entry->nics[1].kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(entry->nics[1].devices, 4U);
  EXPECT_EQ(entry->nics[1].lan_owner, "LINUX1");
}

TEST(Directory, PasswordWordsDecideWhoMayLogOn) {
  Directory directory;
  ASSERT_EQ(errors_of(directory, "USER A NOPASS\nUSER B AUTOONLY\nUSER C NOLOG\nUSER D LBYONLY\nUSER E PW\n"),
            Errors{});
  EXPECT_EQ(directory.find("A")->rule, LogonRule::no_password);
  EXPECT_EQ(directory.find("B")->rule, LogonRule::autolog_only);
  EXPECT_EQ(directory.find("C")->rule, LogonRule::never);
  EXPECT_EQ(directory.find("D")->rule, LogonRule::autolog_only);
  EXPECT_EQ(directory.find("E")->rule, LogonRule::password);
}

TEST(Directory, AllErrorsAreReportedWithTheirLinesAndNothingIsLoaded) {
  Directory directory;
  EXPECT_EQ(
      errors_of(directory,
                "USER ALICE NOPASS 32Q\n"
                "* comment\n"
                "FROBNICATE 1\n"
                "USER BOB NOPASS\n"
                "NICDEF 0600 DEVICES 3\n"
                "NICDEF XYZ TYPE QDIO\n"),
      (Errors{"1: HCPDIR002E Invalid operand - 32Q", "3: HCPDIR9050E Unknown directory statement: FROBNICATE",
              "5: HCPDIR9056E NICDEF 0600 has no TYPE on its first statement",
              "6: HCPDIR022E A virtual device number was not supplied or it was invalid"}));
  EXPECT_EQ(directory.find("BOB"), nullptr);
  EXPECT_EQ(directory.size(), 0U);
}

TEST(Directory, ErrorNamesFileLineAndStatement) {
  Directory directory;
  const auto errors = directory.load("\n  User  nine-chars  NOPASS\n", "USER DIRECT");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(to_string(errors[0]),
            "USER DIRECT, line 2: User  nine-chars  NOPASS: HCPDIR002E Invalid operand - NINE-CHARS");
}

TEST(Directory, DuplicateUsersAreRefusedInOneTextAndAcrossTexts) {
  Directory directory;
  EXPECT_EQ(errors_of(directory, "USER A NOPASS\nUSER A NOPASS\n"),
            (Errors{"2: HCPDIR9052E A is already in the CP directory"}));
  EXPECT_EQ(errors_of(directory, "USER A NOPASS\n"), Errors{});
  EXPECT_EQ(errors_of(directory, "USER A NOPASS\n"),
            (Errors{"1: HCPDIR9052E A is already in the CP directory"}));
}

TEST(Directory, EntryAddedByTheSystemMayBeReplacedByAText) {
  Directory directory;
  UserEntry entry;
  entry.userid = "OPERATOR";
  directory.add(entry);
  EXPECT_EQ(errors_of(directory, "USER OPERATOR NOPASS 16M\n"), Errors{});
  EXPECT_EQ(directory.find("OPERATOR")->storage, 16 * megabyte);
}

TEST(Directory, StatementGoesOnAfterAComma) {
  Directory directory;
  ASSERT_EQ(errors_of(directory, "USER A NOPASS\nNICDEF 600 TYPE QDIO,\n   LAN SYSTEM,\n  LAN1\n"), Errors{});
  EXPECT_EQ(directory.find("A")->nics[0].lan_name, "LAN1");
  EXPECT_EQ(errors_of("USER A NOPASS\nNICDEF 600 TYPE,\n  TOKEN\nIPL,\n"),
            (Errors{"2: HCPDIR026E Operand missing or invalid",
                    "4: HCPDIR9050E Unknown directory statement: IPL,"}));
}

TEST(Directory, UsersDevicesWinOverTheProfiles) {
  Directory directory;
  ASSERT_EQ(errors_of(directory,
                      "PROFILE P\n"
                      "NICDEF 600 TYPE QDIO LAN SYSTEM ONE\n"
                      "NICDEF 700 TYPE QDIO LAN SYSTEM TWO\n"
                      "IPL CMS\n"
                      "USER A NOPASS\n"
                      "INCLUDE P\n"
                      "IPL 150\n"
                      "NICDEF 600 TYPE HIPERS\n"),
            Errors{});
  const auto entry = directory.find("A");
  ASSERT_EQ(entry->nics.size(), 2U);
  EXPECT_EQ(entry->nics[0].kind, qdio::AdapterKind::iqd);
  EXPECT_EQ(entry->nics[1].lan_name, "TWO");
  EXPECT_EQ(entry->ipl_system, "150");
}

struct BadDirectory {
  std::string_view statement;  // line 2, in the entry of a user
  std::string_view message;
};

class DirectoryErrors : public testing::TestWithParam<BadDirectory> {};

TEST_P(DirectoryErrors, AreNumbered) {
  const auto text = "USER ALICE NOPASS\n" + std::string(GetParam().statement) + "\n";
  EXPECT_EQ(errors_of(text), (Errors{"2: HCPDIR" + std::string(GetParam().message)}));
}

INSTANTIATE_TEST_SUITE_P(
    All, DirectoryErrors,
    testing::Values(BadDirectory{"USER BOB", "026E Operand missing or invalid"},
                    BadDirectory{"USER BOB PW 1G 1M", "9057E Storage is limited to the maximum storage"},
                    BadDirectory{"USER BOB PW 99999G", "9057E 99999G is limited to 16384G"},
                    BadDirectory{"USER BOB PW 1M 1M G9", "002E Invalid operand - G9"},
                    BadDirectory{"USER BOB PW 1M 1M G LONG", "002E Invalid operand - LONG"},
                    BadDirectory{"USER BOB PW 1M 1M G # @ % ! X", "002E Invalid operand - X"},
                    BadDirectory{"PROFILE", "026E Operand missing or invalid"},
                    BadDirectory{"PROFILE P EXTRA", "002E Invalid operand - EXTRA"},
                    BadDirectory{"INCLUDE NOWHERE", "9054E Profile NOWHERE does not exist"},
                    BadDirectory{"IPL", "026E Operand missing or invalid"},
                    BadDirectory{"IPL CMS CLEAR", "002E Invalid operand - CLEAR"},
                    BadDirectory{"COMMAND", "026E Operand missing or invalid"},
                    BadDirectory{"MACHINE S370", "002E Invalid operand - S370"},
                    BadDirectory{"MACHINE ESA X", "002E Invalid operand - X"},
                    BadDirectory{"CPU ZZ", "026E Operand missing or invalid"},
                    BadDirectory{"XAUTOLOG", "026E Operand missing or invalid"},
                    BadDirectory{"OPTION", "026E Operand missing or invalid"},
                    BadDirectory{"CONSOLE 9", "026E Operand missing or invalid"},
                    BadDirectory{"CONSOLE 9 1052", "006E Invalid device type - 1052"},
                    BadDirectory{"SPOOL C", "026E Operand missing or invalid"},
                    BadDirectory{"LINK", "026E Operand missing or invalid"},
                    BadDirectory{"LINK MAINT",
                                 "022E A virtual device number was not supplied or it was invalid"},
                    BadDirectory{"LINK MAINT 190 190 XX", "002E Invalid operand - XX"},
                    BadDirectory{"MDISK 191", "006E Invalid device type - "},
                    BadDirectory{"MDISK 191 3390", "026E Operand missing or invalid"},
                    BadDirectory{"MDISK 191 3390 1 TEN", "026E Operand missing or invalid"},
                    BadDirectory{"MDISK 191 3390 1 10", "026E Operand missing or invalid"},
                    BadDirectory{"MDISK 191 HOST", "026E Operand missing or invalid"},
                    BadDirectory{"MDISK 191 HOST /tmp ZZ", "002E Invalid operand - ********"},
                    BadDirectory{"MDISK 191 HOST /tmp RR X", "002E Invalid operand - ********"},
                    BadDirectory{"NICDEF", "022E A virtual device number was not supplied or it was invalid"},
                    BadDirectory{"NICDEF 600 TYPE", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO DEVICES 2", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO DEVICES 241", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO LAN", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO LAN SYSTEM", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO CHPID 123", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO MACID GG", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO VLAN", "026E Operand missing or invalid"},
                    BadDirectory{"NICDEF 600 TYPE QDIO TYPE QDIO", "002E Invalid operand - TYPE"},
                    BadDirectory{"NICDEF FFFE TYPE QDIO",
                                 "022E A virtual device number was not supplied or it was invalid"},
                    BadDirectory{"SPECIAL 600 CTCA", "9058W SPECIAL CTCA means nothing here and is ignored"},
                    BadDirectory{"SPECIAL 600 QDIO 3 SYSTEM L1 X", "002E Invalid operand - X"}));

TEST(Directory, DevicesOfOneEntryMayNotOverlap) {
  EXPECT_EQ(errors_of("USER A NOPASS\nMDISK 602 3390 1 1 V MR\nNICDEF 600 TYPE QDIO\nMDISK 602 HOST /x\n"),
            (Errors{"4: HCPDIR9053E Device 0602 is already defined in this entry",
                    "3: HCPDIR9053E Device 0602 is already defined in this entry"}));
  EXPECT_EQ(errors_of("USER A NOPASS\nSPECIAL 600 QDIO\nNICDEF 600 TYPE QDIO\n"),
            (Errors{"3: HCPDIR9053E Device 0600 is already defined in this entry"}));
}

TEST(Directory, StatementsOfOneNicMustStandTogether) {
  EXPECT_EQ(errors_of("USER A NOPASS\nNICDEF 600 TYPE QDIO\nCPU 00\nNICDEF 600 CHPID 01\n"),
            (Errors{"4: HCPDIR9056E NICDEF 0600 has no TYPE on its first statement"}));
}

TEST(Directory, IncludeStandsRightAfterUserAndNowhereElse) {
  EXPECT_EQ(errors_of("PROFILE P\nINCLUDE P\nUSER A NOPASS\nCPU 00\nINCLUDE P\n"),
            (Errors{"2: HCPDIR9055E INCLUDE is not valid at this place",
                    "5: HCPDIR9055E INCLUDE is not valid at this place"}));
}

TEST(Directory, StatementsBeforeTheFirstUserBelongToNobody) {
  EXPECT_EQ(errors_of("IPL CMS\nUSER A NOPASS\n"),
            (Errors{"1: HCPDIR9051E Statement outside a USER or PROFILE entry"}));
}

TEST(Directory, ControlCharactersAreBlanks) {
  Directory directory;
  EXPECT_EQ(errors_of(directory, "USER\tA\tNOPASS\r\nIPL\tCMS\r\n"), Errors{});
  EXPECT_EQ(directory.find("A")->ipl_system, "CMS");
}

// A directory of a real system names much that this one has not: that is said, and the rest is used.
TEST(RealDirectory, StatementsThatMeanNothingHereAreWarnings) {
  Directory directory;
  const auto notes = directory.load(
      "\xef\xbb\xbfGLOBALDEFS\n POSIXGROUP staff 1\nPROFILE LINDFLT\n  CLASS G\n  IPL CMS LOADPARM AUTO\n"
      "  DATEFORMAT ISODATE\n  SCREEN ALL GREEN NON\n  SPOOL 000C 2540 READER *\n"
      "IDENTITY MAINT WD5JU8QP 128M 1000M ABCDEFG 64 ON ON ON ON\n BUILD ON * USING SUBCONFIG MAINT-1\n"
      "SUBCONFIG MAINT-1\n  MDISK 0191 3390 1 10 VOL001 MR READ WRITE\n"
      "USER LINUX1 LBYONLY 1G 4G G\n  INCLUDE LINDFLT\n  STORAGE 2G\n  MAXSTORAGE 8G\n  ACIGROUP PROD\n"
      "  APPCPASS RES1\n  CRYPTO APVIRTUAL\n  D8ONECMD FAIL\n  DASDOPT WRKALLEG\n  DEDICATE 0A00 1000\n"
      "  IOPRIORITY ABSOLUTE 1 2\n  LOADDEV PORTNAME 5005076300C700A6\n  LOGONBY MAINT\n  MINIOPT NOMDC\n"
      "  NAMESAVE GCS\n  NOPDATA\n  POOL LOW 1 HIGH 9 PROFILE P\n  POSIXINFO UID 7\n  SPECIAL 0500 CTCA\n"
      "  SPOOLFILE MAXIMUM 100\n  STDEVOPT LIBRARY CTL\n  SYSAFFIN EXIST_AT *\n  VMRELOCATE ON\n"
      "  XCONFIG ACCESSLIST\n  XSTORE 64M\n  MDISK 0200 3390 DEVNO 1234 MR\n"
      "  NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1 VLAN 10 20-29 PORTTYPE TRUNK PORTNUMBER 5 PQUPLINKTX LOW\n",
      "USER DIRECT");
  EXPECT_FALSE(has_errors(notes));
  for (const auto& note : notes) {
    EXPECT_TRUE(note.warning) << to_string(note);
    EXPECT_NE(note.message.find("HCPDIR9058W "), std::string::npos) << note.message;
  }
  ASSERT_NE(directory.find("LINUX1"), nullptr);
  EXPECT_EQ(directory.find("LINUX1")->storage, std::uint64_t{2} << 30U);
  EXPECT_EQ(directory.find("LINUX1")->nics.front().lan_name, "LAN1");
  EXPECT_NE(directory.find("MAINT"), nullptr);
  const auto& nic = directory.find("LINUX1")->nics.front();
  EXPECT_EQ(nic.port.vlans.count(), 11U);
  EXPECT_EQ(nic.port.trunk, true);
  EXPECT_EQ(nic.port_number, 5U);
  EXPECT_EQ(nic.port.priority, guestlan::UplinkPriority::low);
  ASSERT_FALSE(notes.empty());
  EXPECT_EQ(to_string(notes.back()).substr(0, 40), "USER DIRECT, line 37: XSTORE 64M: HCPDIR");
}

TEST(DirectoryErrors, ShowNeitherPasswordsNorWhatATerminalObeys) {
  Directory directory;
  const auto errors = directory.load(
      "USER EVE TOPSECRET 12Q\nFROG \x1b[2J\x9bx TOPSECRET\nSNAKE " + std::string(1000, 'x') + "\n", "D");
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(to_string(errors[0]), "D, line 1: USER EVE ******** 12Q: HCPDIR002E Invalid operand - 12Q");
  EXPECT_EQ(errors[1].statement, "FROG  [2J.x ********");
  EXPECT_LE(errors[2].statement.size(), 200U);
  EXPECT_EQ(directory.find("EVE"), nullptr);
}

}  // namespace
}  // namespace vmlan::cp
