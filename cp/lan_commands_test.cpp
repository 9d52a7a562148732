#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

TEST(DefineLan, ClassBMayNameAnyOwnerAndSystemMeansPersistent) {
  TestSystem system;
  EXPECT_EQ(system.answer("OPERATOR", "define lan glan7 ownerid system type qdio"),
            (Lines{"LAN SYSTEM GLAN7 is created"}));
  EXPECT_EQ(system.code("OPERATOR"), 0);
  EXPECT_TRUE(system.cp.vmlan().find("SYSTEM", "GLAN7")->attributes().persistent());
  EXPECT_EQ(system.answer("OPERATOR", "DEF LAN MINE OWNER ALICE TYPE HIPER MFS 40K"),
            (Lines{"LAN ALICE MINE is created"}));
  EXPECT_EQ(system.cp.vmlan().find("ALICE", "MINE")->attributes().max_frame_size, 40960U);
}

TEST(DefineLan, ClassGOwnsItsLansItself) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "DEFINE LAN L1 TYPE QDIO ETHERNET"), (Lines{"LAN ALICE L1 is created"}));
  EXPECT_EQ(system.answer("ALICE", "DEFINE LAN L2 OWNERID *"), (Lines{"LAN ALICE L2 is created"}));
  EXPECT_EQ(system.answer("ALICE", "DEFINE LAN L3 OWNERID SYSTEM"),
            (Lines{"HCPLAN9005E You are not authorized to act for LAN owner SYSTEM"}));
  EXPECT_EQ(system.code("ALICE"), 9005);
  EXPECT_EQ(system.cp.vmlan().find("ALICE", "L2")->attributes().type, guestlan::LanType::hipers);
}

TEST(DefineLan, SecondDefinitionIsRefusedAndSaysWhetherItDiffers) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO");
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO"),
            (Lines{"HCPLAN9002E LAN SYSTEM L1 already exists"}));
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO MAXCONN 5"),
            (Lines{"HCPLAN9003E LAN SYSTEM L1 already exists with different attributes"}));
}

TEST(DefineLan, LimitOfTheSystemIsKept) {
  TestSystem system;
  system.cp.vmlan().limits.persistent = 1;
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM");
  EXPECT_EQ(system.answer("OPERATOR", "DEFINE LAN L2 OWNERID SYSTEM"),
            (Lines{"HCPLAN9004E LAN SYSTEM L2 not created; the PERSISTENT limit of VMLAN is reached"}));
}

struct BadDefinition {
  std::string_view operands;
  std::string_view answer;
};

class DefineLanErrors : public testing::TestWithParam<BadDefinition> {};

TEST_P(DefineLanErrors, AreNumbered) {
  TestSystem system;
  EXPECT_EQ(system.answer("OPERATOR", fmt::format("DEFINE LAN {}", GetParam().operands)),
            (Lines{std::string(GetParam().answer)}));
  EXPECT_TRUE(system.cp.vmlan().all().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, DefineLanErrors,
    testing::Values(BadDefinition{"", "HCPLAN026E Operand missing or invalid"},
                    BadDefinition{"NINECHARS", "HCPLAN002E Invalid operand - NINECHARS"},
                    BadDefinition{"L1 MAXCONN 0", "HCPLAN002E Invalid operand - 0"},
                    BadDefinition{"L1 MAXCONN 1025", "HCPLAN002E Invalid operand - 1025"},
                    BadDefinition{"L1 MAXCONN -1", "HCPLAN002E Invalid operand - -1"},
                    BadDefinition{"L1 MAXCONN", "HCPLAN026E Operand missing or invalid"},
                    BadDefinition{"L1 TYPE", "HCPLAN026E Operand missing or invalid"},
                    BadDefinition{"L1 TYPE TOKENRING", "HCPLAN026E Operand missing or invalid"},
                    BadDefinition{"L1 TYPE HIPER MFS 32K", "HCPLAN026E Operand missing or invalid"},
                    BadDefinition{"L1 TYPE QDIO MFS 16K", "HCPLAN013E Conflicting option - MFS"},
                    BadDefinition{"L1 OWNERID", "HCPLAN020E Userid missing or invalid"},
                    BadDefinition{"L1 ACCOUNTING MAYBE", "HCPLAN026E Operand missing or invalid"},
                    BadDefinition{"L1 TYPE QDIO NONSENSE", "HCPLAN002E Invalid operand - NONSENSE"}));

TEST(DefineLan, AccountingNeedsClassB) {
  TestSystem system;
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "DEFINE LAN L1 ACCOUNTING ON"),
            (Lines{"HCPLAN003E Invalid option - ACCOUNTING"}));
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO ACCOUNTING ON");
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "L1")->attributes().accounting, true);
}

TEST(LanCommands, TheLastOfTwoLimitsCounts) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO MAXCONN 5 MAXCONN INFINITE");
  EXPECT_FALSE(system.cp.vmlan().find("SYSTEM", "L1")->attributes().max_connections);
  system.type("OPERATOR", "DEFINE LAN L2 OWNERID SYSTEM TYPE QDIO MAXCONN INFINITE MAXCONN 5");
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "L2")->attributes().max_connections, 5U);
}

TEST(LanCommands, OnlyClassBCountsForAccounting) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE LAN L1 TYPE QDIO");
  EXPECT_EQ(system.answer("ALICE", "SET LAN L1 ACCOUNTING ON"),
            (Lines{"HCPLAN003E Invalid option - ACCOUNTING"}));
  EXPECT_EQ(system.cp.vmlan().find("ALICE", "L1")->attributes().accounting, false);
}

TEST(DetachLan, UncouplesFirstAndTellsTheOwners) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN GLAN7 OWNERID SYSTEM TYPE QDIO");
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  system.type("ALICE", "COUPLE 700 SYSTEM GLAN7");
  EXPECT_EQ(system.type("OPERATOR", "DETACH LAN GLAN7 OWNERID SYSTEM"),
            (Lines{"ALICE: NIC 0700 is disconnected from LAN SYSTEM GLAN7",
                   "OPERATOR: LAN SYSTEM GLAN7 is destroyed"}));
  EXPECT_EQ(system.cp.find("ALICE")->nic({0x700})->lan(), nullptr);
  EXPECT_EQ(system.answer("OPERATOR", "DET LAN GLAN7 OWNER SYSTEM"),
            (Lines{"HCPLAN9001E LAN SYSTEM GLAN7 does not exist"}));
}

TEST(DetachLan, ClassGDetachesItsOwnOnly) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM");
  EXPECT_EQ(system.answer("ALICE", "DETACH LAN L1 OWNERID SYSTEM"),
            (Lines{"HCPLAN9005E You are not authorized to act for LAN owner SYSTEM"}));
  system.type("ALICE", "DEFINE LAN L1");
  EXPECT_EQ(system.answer("ALICE", "DETACH LAN L1"), (Lines{"LAN ALICE L1 is destroyed"}));
}

TEST(LanLifeCycle, TransientLanEndsWithItsOwnerIfNothingIsCoupled) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE LAN L1 TYPE QDIO");
  system.type("ALICE", "LOGOFF");
  EXPECT_EQ(system.cp.vmlan().find("ALICE", "L1"), nullptr);
}

TEST(LanLifeCycle, OrphanLivesUntilItsLastAdapterLeaves) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB"}) system.log_on(user);
  system.type("ALICE", "DEFINE LAN L1 TYPE QDIO");
  system.type("BOB", "DEFINE NIC 600 QDIO");
  system.type("BOB", "COUPLE 600 ALICE L1");
  system.type("ALICE", "LOGOFF");
  ASSERT_NE(system.cp.vmlan().find("ALICE", "L1"), nullptr);
  EXPECT_TRUE(system.cp.vmlan().find("ALICE", "L1")->orphaned);
  system.type("BOB", "UNCOUPLE 600");
  EXPECT_EQ(system.cp.vmlan().find("ALICE", "L1"), nullptr);
}

TEST(LanLifeCycle, OrphanIsSavedByItsOwnersLogon) {
  TestSystem system;
  for (const auto* user : {"ALICE", "BOB"}) system.log_on(user);
  system.type("ALICE", "DEFINE LAN L1 TYPE QDIO");
  system.type("BOB", "DEFINE NIC 600 QDIO");
  system.type("BOB", "COUPLE 600 ALICE L1");
  system.type("ALICE", "LOGOFF");
  system.log_on("ALICE");
  system.type("BOB", "DETACH NIC 600");
  EXPECT_NE(system.cp.vmlan().find("ALICE", "L1"), nullptr);
}

TEST(SetLan, GrantAndRevokeEditTheAccessList) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO RESTRICTED");
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 OWNERID SYSTEM GRANT ALICE PROMISCUOUS"),
            (Lines{"Command complete"}));
  auto* lan = system.cp.vmlan().find("SYSTEM", "L1");
  EXPECT_EQ(lan->access_list().find("ALICE")->second.promiscuous, true);
  system.type("OPERATOR", "SET LAN L1 OWNER SYSTEM GRA ALICE");
  EXPECT_NE(lan->access_list().find("ALICE")->second.promiscuous, true);
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 OWNERID SYSTEM REV ALICE"), (Lines{"Command complete"}));
  EXPECT_TRUE(lan->access_list().empty());
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 OWNERID SYSTEM REVOKE ALICE"),
            (Lines{"HCPLAN9019E ALICE is not on the access list of LAN SYSTEM L1"}));
}

TEST(SetLan, RevokeDoesNotBreakAConnection) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO RESTRICTED");
  system.type("OPERATOR", "SET LAN L1 OWNERID SYSTEM GRANT ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  system.type("ALICE", "COUPLE 600 SYSTEM L1");
  system.type("OPERATOR", "SET LAN L1 OWNERID SYSTEM REVOKE ALICE");
  EXPECT_NE(system.cp.find("ALICE")->nic({0x600})->lan(), nullptr);
}

TEST(SetLan, ErrorsAreNumbered) {
  TestSystem system;
  system.type("OPERATOR", "DEFINE LAN L1");
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1"), (Lines{"HCPLAN026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 COLOUR ON"), (Lines{"HCPLAN003E Invalid option - COLOUR"}));
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 GRANT"), (Lines{"HCPLAN026E Operand missing or invalid"}));
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 GRANT ALICE BOB"),
            (Lines{"HCPLAN002E Invalid operand - BOB"}));
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L2 GRANT ALICE"),
            (Lines{"HCPLAN9001E LAN OPERATOR L2 does not exist"}));
  EXPECT_EQ(system.answer("OPERATOR", "SET LAN L1 ACCOUNTING ON"), (Lines{"Command complete"}));
  EXPECT_EQ(system.cp.vmlan().find("OPERATOR", "L1")->attributes().accounting, true);
}

}  // namespace
}  // namespace vmlan::cp
