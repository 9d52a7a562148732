// What the directory still says of a coupled NIC when a command changes its port, and what VNIC ... vlan n
// leaves of it.
#include <gtest/gtest.h>

#include "cp/join.h"
#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

class SwitchRights : public testing::Test, private qdio::ControlReplies {
 protected:
  std::string say(std::string_view command) {
    const auto lines = system.answer("OPERATOR", command);
    return lines.empty() ? std::string() : lines.front();
  }
  std::vector<std::string> lines_with(std::string_view command, std::string_view word) {
    auto lines = system.answer("OPERATOR", command);
    std::erase_if(lines, [&](const auto& line) { return line.find(word) == std::string::npos; });
    return lines;
  }
  guestlan::Nic& nic(std::string_view userid) { return *system.cp.find(userid)->nic({0x600}); }
  guestlan::Nic* join(std::string_view userid, std::uint16_t vlan) {
    JoinRequest guest;
    guest.userid = userid;
    guest.nic.device = {0x600};
    guest.nic.kind = qdio::AdapterKind::osd;
    guest.nic.lan_owner = "SYSTEM";
    guest.nic.lan_name = "VSW1";
    guest.vlan = vlan;
    return system.cp.join(guest, *this).nic;
  }

  static constexpr auto conflict = "HCPSWS013E Conflicting option - VLAN";
  TestSystem system{
      "USER ALICE NOPASS 32M 64M G\n"
      "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 PORTTYPE ACCESS VLAN 20\n"
      "USER BOB NOPASS 32M 64M G\n"
      "USER CAROL NOPASS 32M 64M G\n"
      "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 VLAN 10 20\n"
      "USER PORTER NOPASS 32M 64M G\n"
      "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 PORTNUMBER 70 PORTTYPE ACCESS VLAN 20\n"};

 private:
  void reply(unsigned, qdio::Message) override {}
};

TEST_F(SwitchRights, AGrantThatACoupledNicsDirectoryDoesNotFitIsRefused) {
  say("DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE PORTTYPE TRUNK");
  system.log_on("ALICE");
  ASSERT_NE(nic("ALICE").lan(), nullptr);
  EXPECT_EQ(say("SET VSWITCH VSW1 GRANT ALICE VLAN 5 20"), conflict);
  EXPECT_EQ(nic("ALICE").port_rules()->untagged, 20);
  EXPECT_EQ(say("SET VSWITCH VSW1 GRANT ALICE VLAN 5"), "Command complete");
  EXPECT_EQ(nic("ALICE").port_rules()->untagged, 5);
  EXPECT_EQ(say("SET VSWITCH VSW1 GRANT ALICE PORTTYPE TRUNK VLAN 5 20"), "Command complete")
      << "it names both";
  EXPECT_EQ(say("SET VSWITCH VSW1 GRANT BOB VLAN 5 20"), "Command complete") << "who has no such NIC";
}

TEST_F(SwitchRights, AModifiedPortTooMustFitTheDirectoryOfTheNicOnIt) {
  say("DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE PORTTYPE TRUNK PORTBASED");
  system.log_on("PORTER");
  ASSERT_NE(nic("PORTER").lan(), nullptr);
  EXPECT_EQ(say("SET VSWITCH VSW1 PORTNUMBER MODIFY 70 VLAN 5 20"), conflict);
  EXPECT_EQ(nic("PORTER").port_rules()->untagged, 20);
  EXPECT_EQ(say("SET VSWITCH VSW1 PORTNUMBER MODIFY 70 VLAN 5"), "Command complete");
  EXPECT_EQ(nic("PORTER").port_rules()->untagged, 5);
}

TEST_F(SwitchRights, TheVlanAGuestOutsideChoseIsShown) {
  say("DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE");
  say("SET VSWITCH VSW1 GRANT LINUX1 PORTTYPE TRUNK VLAN 10 20");
  ASSERT_NE(join("LINUX1", 20), nullptr);
  EXPECT_EQ(lines_with("QUERY NIC USERID LINUX1 DETAILS", "Porttype"),
            Lines{"  Porttype: Access VLAN: 0020"});
  EXPECT_EQ(lines_with("QUERY VSWITCH VSW1 DETAILS", "   Porttype:"),
            (Lines{"      Porttype: Access VLAN: 0020"}));
  EXPECT_EQ(lines_with("QUERY VSWITCH VSW1 ACCESSLIST", "LINUX1"),
            (Lines{"      LINUX1   Porttype: Trunk  VLAN: 0010 0020"}))
      << "what it may choose from";
  say("SET VSWITCH VSW1 GRANT LINUX1 PORTTYPE TRUNK VLAN 10");
  EXPECT_EQ(lines_with("QUERY NIC USERID LINUX1 DETAILS", "Porttype"),
            Lines{"  Porttype: Access VLAN: NONE"});
}

TEST_F(SwitchRights, RevokeTakesTheVlansOfWhoStaysCoupled) {
  say("DEFINE VSWITCH VSW1 ETHERNET VLAN 5");
  say("SET VSWITCH VSW1 GRANT BOB VLAN 20");
  system.log_on("BOB");
  system.type("BOB", "DEFINE NIC 600 QDIO");
  system.type("BOB", "COUPLE 600 SYSTEM VSW1");
  ASSERT_TRUE(nic("BOB").port_rules()->has(20));
  say("SET VSWITCH VSW1 REVOKE BOB");
  ASSERT_NE(nic("BOB").lan(), nullptr);
  EXPECT_FALSE(nic("BOB").port_rules()->has(20));
  EXPECT_FALSE(nic("BOB").port_rules()->has(5)) << "the default VLAN is no consolation";
  EXPECT_EQ(lines_with("QUERY NIC USERID BOB DETAILS", "VLAN:"), (Lines{"  Porttype: Access VLAN: NONE"}));
  say("SET VSWITCH VSW1 GRANT BOB");
  EXPECT_TRUE(nic("BOB").port_rules()->has(5)) << "as anybody whom it lets in";
}

TEST_F(SwitchRights, RevokeLeavesWhatANicdefSays) {
  say("DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE");
  say("SET VSWITCH VSW1 GRANT CAROL PORTTYPE TRUNK");
  system.log_on("CAROL");
  say("SET VSWITCH VSW1 REVOKE CAROL");
  const auto* rules = nic("CAROL").port_rules();
  EXPECT_TRUE(rules->trunk && rules->has(10) && rules->has(20)) << "two VLANs need a TRUNK port";
  EXPECT_EQ(lines_with("QUERY NIC USERID CAROL DETAILS", "VLAN:"),
            (Lines{"  Porttype: Trunk  VLAN: 0010 0020"}));
}

}  // namespace
}  // namespace vmlan::cp
