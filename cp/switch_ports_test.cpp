// Whose ports a virtual switch has: NICDEF, GRANT, PORTNUMBER, VLANID, and who loses what when.
#include <gtest/gtest.h>

#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

constexpr std::string_view switch_users =
    "USER ALICE NOPASS 32M 64M G\n"
    "USER BOB NOPASS 32M 64M G\n"
    "USER NED NOPASS 32M 64M G\n"
    "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 VLAN 10 PROMISCUOUS\n"
    "USER TRUNKY NOPASS 32M 64M G\n"
    "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 VLAN 10 20-22 PORTTYPE TRUNK PQUPLINKTX HIGH\n"
    "USER MANY NOPASS 32M 64M G\n"
    "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 VLAN 10 20\n"
    "USER PORTER NOPASS 32M 64M G\n"
    "  NICDEF 600 TYPE QDIO LAN SYSTEM VSW1 PORTNUMBER 70 VLAN 30\n";

class SwitchPortCommands : public testing::Test {
 protected:
  void define(std::string_view operands) { ok(fmt::format("DEFINE VSWITCH VSW1 {}", operands)); }
  void ok(std::string_view command) {
    const auto lines = system.answer("OPERATOR", command);
    ASSERT_EQ(system.code("OPERATOR"), 0) << command << ": " << (lines.empty() ? "" : lines.front());
  }
  std::string say(std::string_view console, std::string_view command) {
    const auto lines = system.answer(console, command);
    return lines.empty() ? std::string() : lines.front();
  }
  guestlan::Lan& lan() { return *system.cp.vmlan().find("SYSTEM", "VSW1"); }
  guestlan::Nic& nic(std::string_view userid, std::uint16_t device = 0x600) {
    return *system.cp.find(userid)->nic({device});
  }
  guestlan::DataPort& started(std::string_view userid, std::uint16_t device = 0x600) {
    auto& port = nic(userid, device).port_of_data_device(2);
    port.session_established(lan().attributes().transport, "TEST", "");
    EXPECT_EQ(port.start_lan(), qdio::IpaCode::success);
    return port;
  }
  std::optional<unsigned> number(std::string_view userid, std::uint16_t device = 0x600) {
    return lan().switch_ports().number_of(nic(userid, device));
  }
  void log_on_with_nic(std::string_view userid, std::string_view device = "600") {
    if (system.cp.find(userid) == nullptr) system.log_on(userid);
    system.type(userid, fmt::format("DEFINE NIC {} QDIO", device));
  }

  TestSystem system{switch_users};
};

// --- NICDEF -------------------------------------------------------------------------------------------

TEST_F(SwitchPortCommands, NicdefAuthorizesAndNamesItsVlans) {
  define("ETHERNET VLAN AWARE");
  system.log_on("NED");
  ASSERT_EQ(nic("NED").lan(), &lan());
  EXPECT_TRUE(nic("NED").port_rules()->has(10));
  EXPECT_FALSE(nic("NED").port_rules()->trunk);
  system.log_on("TRUNKY");
  const auto* rules = nic("TRUNKY").port_rules();
  EXPECT_TRUE(rules->trunk && rules->has(10) && rules->has(22) && !rules->has(23));
  EXPECT_EQ(rules->priority, guestlan::UplinkPriority::high);
  EXPECT_TRUE(lan().access_list().empty()) << "the directory's word is no grant";
}

TEST_F(SwitchPortCommands, WhatNicdefDoesNotSayComesFromGrantAndSwitch) {
  define("ETHERNET VLAN 99 PORTTYPE TRUNK");
  ok("SET VSWITCH VSW1 GRANT NED PORTTYPE ACCESS VLAN 77 PQUPLINKTX LOW NOPROMISCUOUS");
  system.log_on("NED");
  const auto* rules = nic("NED").port_rules();
  EXPECT_FALSE(rules->trunk);
  EXPECT_TRUE(rules->has(10) && !rules->has(77)) << "the NICDEF goes first";
  EXPECT_EQ(rules->priority, guestlan::UplinkPriority::low);
  EXPECT_EQ(started("NED").set_promiscuous(true), qdio::IpaCode::success) << "PROMISCUOUS too";
}

TEST_F(SwitchPortCommands, ACommandOverrulesTheDirectoryUntilTheNicCouplesAnew) {
  define("ETHERNET VLAN AWARE");
  system.log_on("NED");
  auto& port = started("NED");
  ASSERT_EQ(port.set_promiscuous(true), qdio::IpaCode::success);
  ok("SET VSWITCH VSW1 GRANT NED VLAN 20");
  EXPECT_FALSE(port.promiscuous()) << "a grant without promiscuity ends it";
  EXPECT_TRUE(nic("NED").port_rules()->has(20) && !nic("NED").port_rules()->has(10));
  EXPECT_NE(port.set_promiscuous(true), qdio::IpaCode::success);
  ok("SET VSWITCH VSW1 GRANT NED PROMISCUOUS VLAN 20");
  EXPECT_EQ(port.set_promiscuous(true), qdio::IpaCode::success);
  ok("SET VSWITCH VSW1 REVOKE NED");
  EXPECT_FALSE(port.promiscuous());
  EXPECT_NE(port.set_promiscuous(true), qdio::IpaCode::success);
  EXPECT_EQ(nic("NED").lan(), &lan()) << "REVOKE uncouples nobody";
  system.type("NED", "UNCOUPLE 600");
  EXPECT_EQ(say("NED", "COUPLE 600 TO SYSTEM VSW1"), "NIC 0600 is connected to VSWITCH SYSTEM VSW1");
  EXPECT_TRUE(nic("NED").port_rules()->has(10));
}

TEST_F(SwitchPortCommands, RevokeTakesTheDirectorysPromiscuityToo) {
  define("ETHERNET VLAN AWARE");
  system.log_on("NED");
  auto& port = started("NED");
  ASSERT_EQ(port.set_promiscuous(true), qdio::IpaCode::success);
  ok("SET VSWITCH VSW1 REVOKE NED");
  EXPECT_FALSE(port.promiscuous());
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 REVOKE NED"),
            "HCPSWS9019E NED is not on the access list of LAN SYSTEM VSW1");
}

TEST_F(SwitchPortCommands, NicdefThatTheLanCannotFollowIsRefusedAtLogon) {
  define("ETHERNET");
  constexpr std::string_view unaware =
      "HCPNDF9093E NIC 0600 not connected; VLAN needs a VLAN-aware VSWITCH, which VSWITCH SYSTEM VSW1 is not";
  EXPECT_EQ(system.answer("NED", "LOGON NED").at(1), unaware);
  EXPECT_EQ(nic("NED").lan(), nullptr);
  EXPECT_EQ(system.answer("PORTER", "LOGON PORTER").at(1),
            "HCPNDF9093E NIC 0600 not connected; PORTNUMBER needs a PORTBASED VSWITCH, which VSWITCH SYSTEM "
            "VSW1 is not");
  ok("DETACH VSWITCH VSW1");
  define("ETHERNET VLAN AWARE");
  EXPECT_EQ(system.answer("MANY", "LOGON MANY").at(1),
            "HCPNDF9093E NIC 0600 not connected; more than one VLAN needs a TRUNK port, as PORTTYPE says, "
            "which VSWITCH SYSTEM VSW1 is not");
  EXPECT_EQ(nic("MANY").lan(), nullptr);
  EXPECT_EQ(nic("MANY").port_rules(), nullptr);
  ok("DETACH VSWITCH VSW1");
  ok("DEFINE LAN VSW1 OWNERID SYSTEM TYPE QDIO");
  system.type("TRUNKY", "LOGON TRUNKY");
  EXPECT_EQ(nic("TRUNKY").lan(), nullptr) << "a guest LAN has no VLANs of ports";
}

// --- PORTBASED ----------------------------------------------------------------------------------------

TEST_F(SwitchPortCommands, NumberedPortsBelongToUsers) {
  define("ETHERNET VLAN AWARE PORTBASED");
  log_on_with_nic("ALICE");
  log_on_with_nic("BOB");
  EXPECT_EQ(say("ALICE", "COUPLE 600 TO SYSTEM VSW1"),
            "HCPCPL6011E You are not authorized to COUPLE to SYSTEM VSW1");
  ok("SET VSWITCH VSW1 PORTNUMBER 66 USERID ALICE VLAN 10");
  ok("SET VSWITCH VSW1 PORTNUMBER 65 USERID ALICE PORTTYPE TRUNK VLAN 20-22");
  EXPECT_EQ(say("BOB", "COUPLE 600 TO SYSTEM VSW1 PORTNUMBER 66"),
            "HCPCPL6011E You are not authorized to COUPLE to SYSTEM VSW1");
  EXPECT_EQ(say("ALICE", "COUPLE 600 TO SYSTEM VSW1 PORTNUMBER 67"),
            "HCPCPL6011E You are not authorized to COUPLE to SYSTEM VSW1");
  EXPECT_EQ(say("ALICE", "COUPLE 600 TO SYSTEM VSW1 PORTNUMBER AUTO"),
            "NIC 0600 is connected to VSWITCH SYSTEM VSW1");
  EXPECT_EQ(number("ALICE"), 65U) << "the lowest that is free";
  log_on_with_nic("ALICE", "700");
  EXPECT_EQ(say("ALICE", "COUPLE 700 TO SYSTEM VSW1 PORTNUMBER 65"),
            "HCPCPL3034E Port number 65 of VSWITCH SYSTEM VSW1 is in use");
  EXPECT_EQ(say("ALICE", "COUPLE 700 TO SYSTEM VSW1"), "NIC 0700 is connected to VSWITCH SYSTEM VSW1");
  EXPECT_EQ(number("ALICE", 0x700), 66U);
  log_on_with_nic("ALICE", "800");
  EXPECT_EQ(say("ALICE", "COUPLE 800 TO SYSTEM VSW1"),
            "HCPCPL9094E All ports of ALICE on VSWITCH SYSTEM VSW1 are in use");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 PORTNUMBER 66 USERID BOB"),
            "HCPSWS3034E Port number 66 of VSWITCH SYSTEM VSW1 is in use");
}

TEST_F(SwitchPortCommands, LeavingFreesThePort) {
  define("ETHERNET VLAN AWARE PORTBASED");
  ok("SET VSWITCH VSW1 PORTNUMBER 65 USERID ALICE VLAN 10");
  for (const std::string_view leave : {"UNCOUPLE 600", "DETACH NIC 600", "LOGOFF"}) {
    log_on_with_nic("ALICE");
    ASSERT_EQ(say("ALICE", "COUPLE 600 TO SYSTEM VSW1"), "NIC 0600 is connected to VSWITCH SYSTEM VSW1");
    ASSERT_NE(lan().switch_ports().find(65)->nic, nullptr);
    system.type("ALICE", leave);
    EXPECT_EQ(lan().switch_ports().find(65)->nic, nullptr) << leave;
  }
}

TEST_F(SwitchPortCommands, ChangesOfAPortAreInForceAtOnce) {
  define("ETHERNET VLAN AWARE PORTBASED");
  ok("SET VSWITCH VSW1 PORTNUMBER 65 USERID ALICE VLAN 10 PROMISCUOUS");
  log_on_with_nic("ALICE");
  system.type("ALICE", "COUPLE 600 TO SYSTEM VSW1");
  auto& port = started("ALICE");
  ASSERT_EQ(port.set_promiscuous(true), qdio::IpaCode::success);
  ok("SET VSWITCH VSW1 PORTNUMBER MODIFY 65 VLAN 20");
  EXPECT_TRUE(nic("ALICE").port_rules()->has(20) && !nic("ALICE").port_rules()->has(10));
  EXPECT_TRUE(port.promiscuous()) << "MODIFY changes what it names";
  ok("SET VSWITCH VSW1 PORTNUMBER MODIFY 65 NOPROMISCUOUS");
  EXPECT_FALSE(port.promiscuous());
  ok("SET VSWITCH VSW1 PORTNUMBER MODIFY 65 PROMISCUOUS");
  ASSERT_EQ(port.set_promiscuous(true), qdio::IpaCode::success);
  ok("SET VSWITCH VSW1 PORTNUMBER REMOVE 65");
  EXPECT_EQ(nic("ALICE").port_rules(), nullptr);
  EXPECT_FALSE(port.promiscuous());
  EXPECT_NE(port.set_promiscuous(true), qdio::IpaCode::success);
  EXPECT_EQ(nic("ALICE").lan(), &lan());
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 PORTNUMBER REMOVE 65"),
            "HCPSWS9092E Port number 65 of VSWITCH SYSTEM VSW1 is not defined");
  ok("SET VSWITCH VSW1 PORTNUMBER 65 USERID BOB VLAN 10");
  EXPECT_EQ(nic("ALICE").port_rules(), nullptr) << "another port with the same number";
}

TEST_F(SwitchPortCommands, VlansOfPorts) {
  define("ETHERNET VLAN 99 PORTBASED");
  ok("SET VSWITCH VSW1 PORTNUMBER 65 USERID ALICE PORTTYPE TRUNK");
  ok("SET VSWITCH VSW1 PORTNUMBER 66 USERID BOB VLAN 10");
  log_on_with_nic("ALICE");
  system.type("ALICE", "COUPLE 600 TO SYSTEM VSW1");
  const auto has = [&](std::uint16_t vlan) { return nic("ALICE").port_rules()->has(vlan); };
  EXPECT_TRUE(has(99)) << "the switch's default";
  ok("SET VSWITCH VSW1 VLANID 10 ADD 65");
  EXPECT_TRUE(has(10) && has(99));
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 VLANID 20 ADD 65-66"),
            "HCPSWS9095E Port number 66 of VSWITCH SYSTEM VSW1 is an ACCESS port and has a VLAN");
  EXPECT_FALSE(has(20)) << "all or none";
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 VLANID 20 ADD 65 67"),
            "HCPSWS9092E Port number 67 of VSWITCH SYSTEM VSW1 is not defined");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 VLANID 99 REMOVE 65 66"),
            "HCPSWS9096E VLAN 99 is none of these ports of VSWITCH SYSTEM VSW1");
  ok("SET VSWITCH VSW1 VLANID 99 REMOVE 65");
  EXPECT_TRUE(has(10) && !has(99));
  ok("SET VSWITCH VSW1 VLANID 10 DELETE");
  EXPECT_TRUE(!has(10) && !has(99)) << "said to have none, it does not fall back to the default";
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 VLANID DELETE 10"),
            "HCPSWS9096E VLAN 10 is none of the ports of VSWITCH SYSTEM VSW1");
  ok("SET VSWITCH VSW1 VLANID 30 ADD 65 66");
  EXPECT_TRUE(has(30));
}

TEST_F(SwitchPortCommands, NicdefDefinesThePortItNames) {
  define("ETHERNET VLAN AWARE PORTBASED");
  system.log_on("PORTER");
  EXPECT_EQ(number("PORTER"), 70U);
  EXPECT_TRUE(nic("PORTER").port_rules()->has(30));
  ok("SET VSWITCH VSW1 VLANID 30 REMOVE 70");
  EXPECT_FALSE(nic("PORTER").port_rules()->has(30)) << "the command's is the last word";
  system.log_on("NED");
  EXPECT_EQ(number("NED"), 65U) << "nobody has numbered it";
  system.type("NED", "UNCOUPLE 600");
  EXPECT_EQ(lan().switch_ports().find(65), nullptr) << "it went with its NIC";
  EXPECT_EQ(say("NED", "COUPLE 600 TO SYSTEM VSW1 PORTNUMBER 71"),
            "HCPCPL6011E You are not authorized to COUPLE to SYSTEM VSW1");
  system.type("PORTER", "UNCOUPLE 600");
  ok("SET VSWITCH VSW1 PORTNUMBER 70 USERID BOB");
  EXPECT_EQ(say("PORTER", "COUPLE 600"), "HCPCPL3034E Port number 70 of VSWITCH SYSTEM VSW1 is in use");
}

TEST_F(SwitchPortCommands, EachKindOfSwitchHasItsOwnCommands) {
  define("ETHERNET PORTBASED");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 GRANT ALICE"),
            "HCPSWS9091E GRANT needs a USERBASED VSWITCH; SYSTEM VSW1 is PORTBASED");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 REVOKE ALICE"),
            "HCPSWS9091E REVOKE needs a USERBASED VSWITCH; SYSTEM VSW1 is PORTBASED");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 VLANID 10 ADD 65"), "HCPSWS013E Conflicting option - VLANID");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 PORTNUMBER 65 USERID ALICE VLAN 10"),
            "HCPSWS013E Conflicting option - VLAN");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 PORTNUMBER 0 USERID ALICE"), "HCPSWS002E Invalid operand - 0");
  ok("DETACH VSWITCH VSW1");
  define("ETHERNET");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 PORTNUMBER 65 USERID ALICE"),
            "HCPSWS9090E PORTNUMBER needs a PORTBASED VSWITCH; SYSTEM VSW1 is USERBASED");
  EXPECT_EQ(say("OPERATOR", "SET VSWITCH VSW1 VLANID 10 DELETE"),
            "HCPSWS9090E VLANID needs a PORTBASED VSWITCH; SYSTEM VSW1 is USERBASED");
  log_on_with_nic("ALICE");
  ok("SET VSWITCH VSW1 GRANT ALICE");
  EXPECT_EQ(say("ALICE", "COUPLE 600 TO SYSTEM VSW1 PORTNUMBER AUTO"),
            "HCPCPL9093E NIC 0600 not connected; PORTNUMBER needs a PORTBASED VSWITCH, which VSWITCH SYSTEM "
            "VSW1 is not");
}

}  // namespace
}  // namespace vmlan::cp
