// Guests from outside come and go: whose user, whose NIC, which MAC address.
#include "cp/join.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

class NoReplies final : public qdio::ControlReplies {
 public:
  void reply(unsigned, qdio::Message) override {}
};

constexpr arch::DeviceNumber nic_number{0x0600};

class OutsideGuests : public testing::Test {
 protected:
  explicit OutsideGuests(std::string_view directory = TestSystem::standard_directory) : system(directory) {
    system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  }
  static JoinRequest guest(const std::string& userid) {
    JoinRequest guest;
    guest.userid = userid;
    guest.nic.device = nic_number;
    guest.nic.kind = qdio::AdapterKind::osd;
    guest.nic.lan_owner = "SYSTEM";
    guest.nic.lan_name = "LAN1";
    return guest;
  }
  Joined join(const JoinRequest& guest) { return system.cp.join(guest, replies); }
  static std::string mac_of(const Joined& joined) {
    return joined.nic == nullptr ? joined.refusal : wire::to_string(joined.nic->settings().mac);
  }

  NoReplies replies;
  TestSystem system;
};

TEST_F(OutsideGuests, LogOnCoupledAndLeaveLoggedOff) {
  const auto joined = join(guest("LINUX1"));
  ASSERT_NE(joined.nic, nullptr) << joined.refusal;
  ASSERT_NE(joined.nic->lan(), nullptr);
  EXPECT_EQ(joined.nic->lan()->attributes().name, "LAN1");
  EXPECT_NE(system.cp.find("LINUX1"), nullptr);
  system.cp.leave("LINUX1", nic_number, true);
  EXPECT_EQ(system.cp.find("LINUX1"), nullptr);
}

TEST_F(OutsideGuests, LeaveNothingBehindInTheDirectory) {
  ASSERT_NE(join(guest("LINUX1")).nic, nullptr);
  EXPECT_EQ(system.answer("OPERATOR", "QUERY LINUX1"), Lines{"LINUX1   - DSC"});
  system.cp.leave("LINUX1", nic_number, true);
  EXPECT_EQ(system.answer("OPERATOR", "QUERY LINUX1"), Lines{"HCPCQV003E Invalid option - LINUX1"});
}

TEST_F(OutsideGuests, ASecondOneOfTheSameUserIsRefused) {
  ASSERT_NE(join(guest("LINUX1")).nic, nullptr);
  const auto second = join(guest("LINUX1"));
  EXPECT_EQ(second.nic, nullptr);
  EXPECT_EQ(second.refusal, "HCPLGA054E LINUX1 already logged on disconnected");
}

TEST_F(OutsideGuests, AnotherNicOfTheSameGuestJoinsAndTheUserStaysWithIt) {
  ASSERT_NE(join(guest("LINUX1")).nic, nullptr);
  auto second = guest("LINUX1");
  second.nic.device = {0x0700};
  second.may_be_logged_on = true;
  ASSERT_NE(join(second).nic, nullptr);
  system.cp.leave("LINUX1", nic_number, false);
  ASSERT_NE(system.cp.find("LINUX1"), nullptr);
  EXPECT_EQ(system.cp.find("LINUX1")->nic(nic_number), nullptr);
  EXPECT_NE(system.cp.find("LINUX1")->nic({0x0700}), nullptr);
}

TEST_F(OutsideGuests, WhoIsRefusedASecondNicHasNoMoreThanBefore) {
  ASSERT_NE(join(guest("LINUX1")).nic, nullptr);
  auto second = guest("LINUX1");
  second.nic.device = {0x0700};
  second.nic.lan_name = "NOWHERE";
  second.may_be_logged_on = true;
  EXPECT_EQ(join(second).nic, nullptr);
  EXPECT_EQ(system.cp.find("LINUX1")->nic({0x0700}), nullptr);
  EXPECT_NE(system.cp.find("LINUX1")->nic(nic_number), nullptr);
}

TEST_F(OutsideGuests, KeepTheMacAddressTheyAskForIfItIsFree) {
  auto wish = guest("LINUX1");
  wish.mac = wire::MacAddress{{0x02, 0, 0, 0, 0, 0x21}};
  wish.mac_is_wish = true;
  EXPECT_EQ(mac_of(join(wish)), "02-00-00-00-00-21");
  wish.userid = "LINUX2";
  EXPECT_NE(mac_of(join(wish)), "02-00-00-00-00-21") << "somebody has it";
  system.cp.leave("LINUX1", nic_number, true);
  wish.userid = "LINUX3";
  EXPECT_EQ(mac_of(join(wish)), "02-00-00-00-00-21") << "it is free again";
}

TEST_F(OutsideGuests, AMacAddressAskedForIsNotHandedOutTwice) {
  auto wish = guest("LINUX1");
  wish.mac = wire::MacAddress{{0x02, 0, 0, 0, 0, 0x02}};
  wish.mac_is_wish = true;
  ASSERT_EQ(mac_of(join(wish)), "02-00-00-00-00-02");
  for (const char* user : {"LINUX2", "LINUX3", "LINUX4"}) {
    EXPECT_NE(mac_of(join(guest(user))), "02-00-00-00-00-02");
  }
}

TEST_F(OutsideGuests, DoNotGetAMacAddressThatTheSystemWouldNotGiveOut) {
  auto wish = guest("LINUX1");
  wish.mac_is_wish = true;
  wish.mac = wire::MacAddress{{0x0a, 0, 0, 0, 0, 0x21}};
  EXPECT_EQ(mac_of(join(wish)).substr(0, 8), "02-00-00");
  wish.userid = "LINUX2";
  wish.mac = wire::MacAddress{{0x02, 0, 0, 0, 0, 0}};
  EXPECT_NE(mac_of(join(wish)), "02-00-00-00-00-00");
}

TEST_F(OutsideGuests, HaveTheMacAddressTheirOperatorNamesOrAreRefused) {
  auto named = guest("LINUX1");
  named.mac = wire::MacAddress{{0x0a, 1, 2, 3, 4, 5}};
  EXPECT_EQ(mac_of(join(named)), "0A-01-02-03-04-05");
  named.userid = "LINUX2";
  EXPECT_EQ(mac_of(join(named)), "HCPVNI9011E MAC address 0A-01-02-03-04-05 is already in use");
  EXPECT_EQ(system.cp.find("LINUX2"), nullptr);
}

TEST_F(OutsideGuests, NeitherMaySomebodyHaveTheAddressOfAStationOfANic) {
  auto several = guest("LINUX1");
  several.nic.devices = 6;  // two stations
  several.mac = wire::MacAddress{{0x0a, 1, 2, 3, 4, 5}};
  auto other = guest("LINUX2");
  other.mac = wire::MacAddress{{0x0a, 0, 2, 3, 4, 5}};
  ASSERT_EQ(mac_of(join(several)), "0A-01-02-03-04-05");
  EXPECT_EQ(mac_of(join(other)), "HCPVNI9011E MAC address 0A-00-02-03-04-05 is already in use");
  system.cp.leave("LINUX1", nic_number, true);
  EXPECT_EQ(mac_of(join(other)), "0A-00-02-03-04-05");
  EXPECT_EQ(mac_of(join(several)), "HCPVNI9011E MAC address 0A-01-02-03-04-05 is already in use");
  system.cp.leave("LINUX2", nic_number, true);
  ASSERT_EQ(mac_of(join(several)), "0A-01-02-03-04-05");
}

TEST_F(OutsideGuests, WhoMayNeverLogOnDoesNotJoin) {
  EXPECT_EQ(join(guest("NOBODY")).nic, nullptr);
  EXPECT_EQ(join(guest("TOOLONGNAME")).nic, nullptr);
}

TEST_F(OutsideGuests, CannotMakeALanUnderANameThatNobodyCouldType) {
  auto linux1 = guest("LINUX1");
  linux1.create_lan = true;
  for (const auto* name : {"lan 1", "A\x1b[2J", "lower", "WAYTOOLONG"}) {
    linux1.nic.lan_name = name;
    EXPECT_EQ(join(linux1).refusal.substr(0, 30), "HCPVNI002E Invalid operand - " + std::string(name, 1));
  }
  EXPECT_EQ(system.cp.vmlan().all().size(), 1U);
}

TEST_F(OutsideGuests, MakeABoundedNumberOfLans) {
  for (unsigned number = 0; number < 80; ++number) {
    auto one = guest(fmt::format("LINUX{}", number));
    one.create_lan = true;
    one.nic.lan_name = fmt::format("LAN{}", number + 100);
    EXPECT_EQ(join(one).nic != nullptr, number < 64) << number;
  }
  EXPECT_EQ(system.cp.vmlan().all().size(), 1U + 64U);
}

TEST_F(OutsideGuests, AreToldThatThereIsNoRoomForTheirLan) {
  system.cp.vmlan().limits.persistent = 1;
  auto one = guest("LINUX1");
  one.create_lan = true;
  one.nic.lan_name = "LAN9";
  EXPECT_EQ(join(one).refusal,
            "HCPVNI9004E LAN SYSTEM LAN9 not created; the PERSISTENT limit of VMLAN is reached");
}

class DirectoryGuests : public OutsideGuests {
 protected:
  DirectoryGuests()
      : OutsideGuests(
            "USER LINUX1 NOPASS 32M 64M G\n"
            "  NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1 MACID 00ABCD\n"
            "  NICDEF 0700 TYPE QDIO\n") {}
};

TEST_F(DirectoryGuests, HaveTheirNicsAsTheDirectorySaysAlsoWhenTheyComeBack) {
  auto linux1 = guest("LINUX1");
  linux1.nic.lan_name.clear();
  linux1.mac = wire::MacAddress{{0x02, 0, 0, 0, 0, 0x21}};
  linux1.mac_is_wish = true;
  EXPECT_EQ(mac_of(join(linux1)), "02-00-00-00-AB-CD");
  auto other = guest("LINUX1");
  other.nic.device = {0x0700};
  other.may_be_logged_on = true;
  ASSERT_NE(join(other).nic, nullptr);

  system.cp.leave("LINUX1", nic_number, false);
  linux1.may_be_logged_on = true;
  const auto again = join(linux1);
  EXPECT_EQ(mac_of(again), "02-00-00-00-AB-CD");
  ASSERT_NE(again.nic, nullptr);
  EXPECT_NE(again.nic->lan(), nullptr);
}

TEST_F(DirectoryGuests, AreLoggedOffThoughTheDirectoryGaveThemMore) {
  ASSERT_NE(join(guest("LINUX1")).nic, nullptr);
  system.cp.leave("LINUX1", nic_number, true);
  EXPECT_EQ(system.cp.find("LINUX1"), nullptr);
  EXPECT_NE(join(guest("LINUX1")).nic, nullptr) << "and may come back";
}

TEST_F(DirectoryGuests, ACardOfAnotherKindThanTheDirectorysIsRefused) {
  auto linux1 = guest("LINUX1");
  linux1.nic.kind = qdio::AdapterKind::iqd;
  EXPECT_EQ(join(linux1).refusal, "HCPVNI9006E Device 0600 already exists");
  EXPECT_EQ(system.cp.find("LINUX1"), nullptr);
}

TEST_F(OutsideGuests, AreInTheVlanTheyAskForIfTheirUserMayBe) {
  system.type("OPERATOR", "DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE");
  system.type("OPERATOR", "SET VSWITCH VSW1 GRANT LINUX1 PORTTYPE TRUNK VLAN 10 20");
  auto asked = guest("LINUX1");
  asked.nic.lan_name = "VSW1";
  asked.vlan = 20;
  const auto joined = join(asked);
  ASSERT_NE(joined.nic, nullptr) << joined.refusal;
  ASSERT_NE(joined.nic->port_rules(), nullptr);
  EXPECT_FALSE(joined.nic->port_rules()->trunk);
  EXPECT_EQ(joined.nic->port_rules()->untagged, 20);
  // What its user loses, it loses.
  system.type("OPERATOR", "SET VSWITCH VSW1 GRANT LINUX1 PORTTYPE TRUNK VLAN 10");
  EXPECT_EQ(joined.nic->port_rules()->untagged, 0);
  system.cp.leave("LINUX1", nic_number, true);
  EXPECT_EQ(join(asked).refusal, "HCPVNI9048E You are not authorized for VLAN 20 of VSWITCH SYSTEM VSW1");
  EXPECT_EQ(system.cp.find("LINUX1"), nullptr);
  asked.userid = "LINUX2";
  EXPECT_EQ(join(asked).refusal, "HCPVNI6011E You are not authorized to COUPLE to SYSTEM VSW1");
  asked.userid = "LINUX1";
  asked.vlan = 0;
  EXPECT_TRUE(join(asked).nic->port_rules()->trunk) << "all that it may";
}

TEST_F(OutsideGuests, AskForNoVlanOfALanThatKnowsNone) {
  auto asked = guest("LINUX1");
  asked.vlan = 20;
  EXPECT_EQ(join(asked).refusal, "HCPVNI9047E VLAN 20: LAN SYSTEM LAN1 knows no VLANs");
}

}  // namespace
}  // namespace vmlan::cp
