// SET NIC MACID and MACPROTECT: who may, when, and which address a NIC then has.
#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// ALICE has NIC 0600 with MACID 1, CAROL (class B) NIC 0700 with MACID 2.
class SetNic : public testing::Test {
 protected:
  SetNic() {
    for (const auto* userid : {"ALICE", "CAROL"}) system.log_on(userid);
    system.type("ALICE", "DEFINE NIC 600 QDIO");
    system.type("CAROL", "DEFINE NIC 700 QDIO");
  }
  std::string mac_of(std::string_view userid, std::uint16_t device) {
    return wire::to_string(system.cp.find(userid)->nic({device})->settings().mac);
  }
  std::string carol(std::string_view command) { return system.answer("CAROL", command).at(0); }

  TestSystem system;
};

TEST_F(SetNic, GivesANicTheMacidThatIsNamed) {
  EXPECT_EQ(carol("SET NIC USERID ALICE 602 MACID 00C0DE"), "Command complete");
  EXPECT_EQ(mac_of("ALICE", 0x600), "02-00-00-00-C0-DE");
  EXPECT_EQ(carol("SET NIC 700 MACID 1"), "Command complete") << "ALICE has given it back";
  EXPECT_EQ(mac_of("CAROL", 0x700), "02-00-00-00-00-01");
}

TEST_F(SetNic, WhatSomebodyHasIsRefusedByNameAndTheNicKeepsItsOwn) {
  EXPECT_EQ(carol("SET NIC 700 MACID 000001"), "HCPNIC9011E MAC address 02-00-00-00-00-01 is already in use");
  EXPECT_EQ(mac_of("CAROL", 0x700), "02-00-00-00-00-02");
  EXPECT_EQ(carol("SET NIC USERID ALICE 600 MACID 2"),
            "HCPNIC9011E MAC address 02-00-00-00-00-02 is already in use");
  EXPECT_EQ(carol("SET NIC 700 MACID 000002"), "Command complete") << "its own is its own";
}

TEST_F(SetNic, SystemAndUserTakeFromTheirPools) {
  EXPECT_EQ(carol("SET NIC 700 MACID USER"), "HCPNIC9042E VMLAN MACIDRANGE has no USER range");
  system.type("OPERATOR", "SET VMLAN USERPREFIX 02AAAA MACIDRANGE SYSTEM 1-3 USER 10-11");
  EXPECT_EQ(carol("SET NIC 700 MACID USER"), "Command complete");
  EXPECT_EQ(mac_of("CAROL", 0x700), "02-AA-AA-00-00-10");
  EXPECT_EQ(carol("SET NIC 700 MACID SYSTEM"), "Command complete");
  EXPECT_EQ(mac_of("CAROL", 0x700), "02-00-00-00-00-03");
  EXPECT_EQ(carol("SET NIC 700 MACID 12"), "HCPNIC9041E MACID 000012 is not in the USER range 000010-000011");
  EXPECT_EQ(carol("DEFINE NIC 710 QDIO MACID 12"),
            "HCPNIC9041E MACID 000012 is not in the USER range 000010-000011");
  EXPECT_EQ(carol("DEFINE NIC 710 QDIO"), "NIC 0710 is created; devices 0710-0712 defined");
  EXPECT_EQ(carol("DEFINE NIC 720 QDIO"), "HCPNIC9040E No MACID is free in its range");
  EXPECT_EQ(carol("SET NIC 710 MACID SYSTEM"), "Command complete")
      << "the one it had is the one that is free";
}

TEST_F(SetNic, ItsOwnerAndItsDriverDecide) {
  EXPECT_EQ(system.answer("ALICE", "SET NIC 600 MACID SYSTEM"), (Lines{"HCPNIC003E Invalid option - MACID"}));
  EXPECT_EQ(system.answer("ALICE", "SET NIC 600 MACPROTECT ON"),
            (Lines{"HCPNIC003E Invalid option - MACPROTECT"}));
  EXPECT_EQ(system.answer("ALICE", "SET NIC USERID CAROL 700 PRO"),
            (Lines{"HCPNIC003E Invalid option - USERID"}));
  EXPECT_EQ(carol("SET NIC 700 MACID"), "HCPNIC026E Operand missing or invalid");
  EXPECT_EQ(carol("SET NIC 700 MACID 0"), "HCPNIC026E Operand missing or invalid");
  EXPECT_EQ(carol("SET NIC 700 MACID 1234567"), "HCPNIC026E Operand missing or invalid");
  EXPECT_EQ(carol("SET NIC 700 MACID SYSTEM NOW"), "HCPNIC002E Invalid operand - NOW");
  EXPECT_EQ(carol("SET NIC 700 PORTNAME X"), "HCPNIC003E Invalid option - PORTNAME");
  EXPECT_EQ(carol("SET NIC 900 MACID SYSTEM"), "HCPNIC040E Device 0900 does not exist");
  EXPECT_EQ(carol("SET NIC USERID BOB 900 MACID SYSTEM"), "HCPNIC045E BOB not logged on");
  EXPECT_EQ(mac_of("CAROL", 0x700), "02-00-00-00-00-02");
}

TEST_F(SetNic, ADriversSessionKeepsTheAddressThatItKnows) {
  auto& port = system.cp.find("CAROL")->nic({0x700})->port_of_data_device(2);
  EXPECT_EQ(carol("SET NIC 700 MACID 000003"), "Command complete") << "the port is there, and nobody on it";
  EXPECT_EQ(wire::to_string(port.mac()), "02-00-00-00-00-03");
  port.session_established(qdio::Transport::ip, "LINUX", "");
  EXPECT_EQ(carol("SET NIC 700 MACID SYSTEM"), "HCPNIC9025E NIC 0700 is in use");
  EXPECT_EQ(carol("SET NIC 700 MACID 000004"), "HCPNIC9025E NIC 0700 is in use");
  port.reset();
  EXPECT_EQ(carol("SET NIC 700 MACID 000004"), "Command complete");
  EXPECT_EQ(wire::to_string(port.mac()), "02-00-00-00-00-04");
}

TEST_F(SetNic, ProtectionIsShownWhereItIsSet) {
  EXPECT_EQ(carol("SET NIC USERID ALICE 600 MACPROTECT ON"), "Command complete");
  EXPECT_EQ(system.answer("ALICE", "Q NIC 600 DETAILS").at(2), "  MAC Protection: ON");
  EXPECT_EQ(carol("SET NIC USERID ALICE 600 MACPROTECT UNSPECIFIED"), "Command complete");
  EXPECT_EQ(system.answer("ALICE", "Q NIC 600 DETAILS").at(2),
            "      Device: 0600  Unit: 000   Role: Unassigned");
  EXPECT_EQ(carol("SET NIC 700 MACPROTECT PERHAPS"), "HCPNIC026E Operand missing or invalid");
}

TEST_F(SetNic, AGuestOutsideGetsWhatNobodyHas) {
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO ETHERNET");
  class NobodyListens final : public qdio::ControlReplies {
    void reply(unsigned, qdio::Message) override {}
  } replies;
  JoinRequest guest;
  guest.userid = "LINUX1";
  guest.nic.device = {0x0600};
  guest.nic.kind = qdio::AdapterKind::osd;
  guest.mac = wire::MacAddress{{2, 0, 0, 0, 0, 1}};
  EXPECT_EQ(system.cp.join(guest, replies).refusal,
            "HCPVNI9011E MAC address 02-00-00-00-00-01 is already in use");
  guest.mac_is_wish = true;
  ASSERT_NE(system.cp.join(guest, replies).nic, nullptr);
  EXPECT_NE(mac_of("LINUX1", 0x600), "02-00-00-00-00-01") << "ALICE has it";
  EXPECT_EQ(carol("SET NIC USERID LINUX1 600 MACID SYSTEM"), "HCPNIC9025E NIC 0600 is in use");
}

TEST(Macs, TheSameScriptGivesTheSameAddresses) {
  const auto addresses = [] {
    TestSystem system;
    std::string seen;
    for (unsigned round = 0; round < 3; ++round) {
      system.log_on("ALICE");
      system.type("ALICE", "DEFINE NIC 600 QDIO");
      seen += wire::to_string(system.cp.find("ALICE")->nic({0x600})->settings().mac) + " ";
      system.type("ALICE", "LOGOFF");
    }
    return seen;
  };
  EXPECT_EQ(addresses(), "02-00-00-00-00-01 02-00-00-00-00-02 02-00-00-00-00-03 ");
  EXPECT_EQ(addresses(), addresses());
}

}  // namespace
}  // namespace vmlan::cp
