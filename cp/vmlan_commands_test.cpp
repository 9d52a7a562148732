// SET VMLAN and QUERY VMLAN, SET LAN and SET VSWITCH attributes, MODIFY.
#include <gtest/gtest.h>

#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

std::string operator_says(TestSystem& system, std::string_view command) {
  const auto lines = system.answer("OPERATOR", command);
  return lines.empty() ? std::string() : lines.back();
}

// Shape: QUERY VMLAN of z/VM 7.1.
TEST(SetVmlan, IsShownByQueryVmlan) {
  TestSystem system;
  for (const auto* command :
       {"SET VMLAN LIMIT PERSISTENT 3", "SET VMLAN LIMIT TRANSIENT 0", "SET VMLAN ACCOUNTING SYSTEM ON",
        "SET VMLAN MACPREFIX 020ABC USERPREFIX 020DEF",
        "SET VMLAN MACIDRANGE SYSTEM 000100-00FFFF USER 000200-0002FF", "SET VMLAN MACPROTECT ON",
        "VMLAN DNA DISABLE"}) {
    EXPECT_EQ(operator_says(system, command), "Command complete") << command;
  }
  EXPECT_EQ(system.answer("OPERATOR", "Q VMLAN"), (Lines{
                                                      "VMLAN maintenance level:",
                                                      "  Latest Service: Base",
                                                      "VMLAN MAC address assignment:",
                                                      "  System MAC Protection: ON",
                                                      "  MACADDR Prefix: 020ABC USER Prefix: 020DEF",
                                                      "  MACIDRANGE SYSTEM: 000100-00FFFF",
                                                      "             USER:   000200-0002FF",
                                                      "VMLAN default accounting status:",
                                                      "  SYSTEM Accounting: ON        USER Accounting: OFF",
                                                      "VMLAN general activity:",
                                                      "  PERSISTENT Limit: 3          Current: 0",
                                                      "  TRANSIENT  Limit: 0          Current: 0",
                                                      "Trace Pages: 0",
                                                      "VMLAN Directory Network Authorization: DISABLED",
                                                      "IVL Domain: None",
                                                  }));
  EXPECT_FALSE(system.cp.vmlan().directory_network_authorization);
}

TEST(SetVmlan, HoldsForWhatIsMadeFromNowOn) {
  TestSystem system;
  system.log_on("ALICE");
  system.type("ALICE", "DEFINE NIC 600 QDIO");
  operator_says(system, "SET VMLAN LIMIT TRANSIENT 0 ACNT SYSTEM ON MACPREFIX 020001");
  EXPECT_EQ(system.answer("ALICE", "DEFINE LAN MINE TYPE QDIO"),
            (Lines{"HCPLAN9004E LAN ALICE MINE not created; the TRANSIENT limit of VMLAN is reached"}));
  system.type("OPERATOR", "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO");
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "L1")->attributes().accounting, true);
  system.type("ALICE", "DEFINE NIC 700 QDIO");
  EXPECT_EQ(system.answer("ALICE", "Q NIC 600").at(1).substr(0, 24), "  MAC: 02-00-00-00-00-01");
  EXPECT_EQ(system.answer("ALICE", "Q NIC 700").at(1).substr(0, 24), "  MAC: 02-00-01-00-00-02");
}

TEST(SetVmlan, WhatCannotBeIsRefusedByNameAndChangesNothing) {
  TestSystem system;
  const auto before = system.answer("OPERATOR", "Q VMLAN");
  const std::pair<const char*, const char*> refused[] = {
      {"SET VMLAN", "HCPLAN026E Operand missing or invalid"},
      {"SET VMLAN LIMIT PERSISTENT -1", "HCPLAN002E Invalid operand - -1"},
      {"SET VMLAN LIMIT BOTH 5", "HCPLAN026E Operand missing or invalid"},
      {"SET VMLAN MACPREFIX 001122",
       "HCPLAN9043E 001122 is not locally administered; a MAC prefix begins with 02"},
      {"SET VMLAN MACPREFIX 0200", "HCPLAN026E Operand missing or invalid"},
      {"SET VMLAN MACPREFIX 020001 MACIDRANGE SYSTEM 2-1", "HCPLAN026E Operand missing or invalid"},
      {"SET VMLAN MACIDRANGE SYSTEM 0-5", "HCPLAN026E Operand missing or invalid"},
      {"SET VMLAN MACIDRANGE USER 1-5", "HCPLAN026E Operand missing or invalid"},
      {"SET VMLAN MACIDRANGE SYSTEM 1-5 USER 1-9",
       "HCPLAN9045E The USER range 000001-000009 leaves nothing of the SYSTEM range 000001-000005"},
      {"SET VMLAN TRACESIZE 8", "HCPLAN9037E TRACESIZE is not supported here"},
      {"SET VMLAN MACPROTECT ON NOW", "HCPLAN002E Invalid operand - NOW"},
      {"SET VMLAN DNA ON", "HCPLAN026E Operand missing or invalid"},
  };
  for (const auto& [command, answer] : refused) EXPECT_EQ(operator_says(system, command), answer) << command;
  EXPECT_EQ(system.answer("OPERATOR", "Q VMLAN"), before);
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "SET VMLAN DNA DISABLE"), (Lines{"HCPSET003E Invalid option - VMLAN"}));
  EXPECT_EQ(system.answer("ALICE", "VMLAN DNA DISABLE"), (Lines{"HCPCMD001E Unknown CP command: VMLAN"}));
}

TEST(SetLan, ChangesAllAttributesOfACommandOrNone) {
  TestSystem system;
  operator_says(system, "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO");
  const auto set = [&](std::string_view rest) {
    return operator_says(system, fmt::format("SET LAN L1 OWNERID SYSTEM {}", rest));
  };
  EXPECT_EQ(set("MAXCONN 2 RESTRICTED IPTIMEOUT 9 ISOLATION ON MACPROTECT OFF ACCOUNTING ON"),
            "Command complete");
  const Lines changed{
      "LAN SYSTEM L1           Type: QDIO    Connected: 0    Maxconn: 2",
      "  PERSISTENT  RESTRICTED    IP                        Accounting: ON",
      "  IPTimeout: 9                 MAC Protection: OFF",
      "  Isolation Status: ON",
  };
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L1"), changed);
  EXPECT_EQ(set("MAXCONN 3 UNRESTRICTED MAXCONN 0"), "HCPLAN002E Invalid operand - 0");
  EXPECT_EQ(set("VLAN 5"), "HCPLAN9044E VLAN is an attribute of virtual switches only");
  EXPECT_EQ(set("VEPA ON"), "HCPLAN9044E VEPA is an attribute of virtual switches only");
  EXPECT_EQ(set("COLOUR RED"), "HCPLAN003E Invalid option - COLOUR");
  EXPECT_EQ(system.answer("OPERATOR", "Q LAN L1"), changed);
  EXPECT_EQ(set("MAXCONN INFINITE UNRESTRICTED"), "Command complete");
}

TEST(SetVswitch, HasControllersStorageAndAMacAddress) {
  TestSystem system;
  operator_says(system, "DEFINE VSWITCH VSW1 ETHERNET");
  const auto set = [&](std::string_view rest) {
    return operator_says(system, fmt::format("SET VSWITCH VSW1 {}", rest));
  };
  EXPECT_EQ(set("QUEUESTORAGE 16M MACID 00ABCD CONTROLLER DTCVSW1 DTCVSW2"), "Command complete");
  const auto lines = system.answer("OPERATOR", "Q VSWITCH VSW1");
  EXPECT_EQ(lines.at(4), "  MAC address: 02-00-00-00-AB-CD    MAC Protection: Unspecified");
  EXPECT_EQ(lines.at(5), "  IPTimeout: 5         QueueStorage: 16");
  EXPECT_EQ(lines.back(), "  Controller: DTCVSW1 DTCVSW2");
  EXPECT_EQ(set("QUEUESTORAGE 257"), "HCPSWS026E Operand missing or invalid");
  EXPECT_EQ(set("CONTROLLER A B C D E F G H I"), "HCPSWS003E Invalid option - I");
  EXPECT_EQ(set("PORTNAME OSA1"), "HCPSWS9037E PORTNAME is not supported here");
  EXPECT_EQ(set("BRIDGEPORT RDEV 1000"), "HCPSWS9037E BRIDGEPORT is not supported here");
  EXPECT_EQ(set("MAXCONN 5"), "HCPSWS003E Invalid option - MAXCONN");
  operator_says(system, "DEFINE VSWITCH VSW2");
  EXPECT_EQ(operator_says(system, "SET VSWITCH VSW2 ISOLATION ON MACID 00ABCD"),
            "HCPSWS9011E MAC address 02-00-00-00-AB-CD is already in use");
  EXPECT_FALSE(system.cp.vmlan().find("SYSTEM", "VSW2")->rules().isolation);
  EXPECT_EQ(operator_says(system, "DEFINE VSWITCH VSW3 IP PRIROUTER"),
            "HCPSWU9037E PRIROUTER is not supported here");
}

TEST(Modify, IsSetAsSystemConfigWritesIt) {
  TestSystem system;
  operator_says(system, "DEFINE LAN L1 OWNERID SYSTEM TYPE QDIO RESTRICTED");
  operator_says(system, "DEFINE VSWITCH VSW1");
  EXPECT_EQ(operator_says(system, "MODIFY LAN L1 OWNERID SYSTEM GRANT ALICE"), "Command complete");
  EXPECT_TRUE(system.cp.vmlan().find("SYSTEM", "L1")->authorizes("ALICE"));
  EXPECT_EQ(operator_says(system, "MODIFY VSWITCH VSW1 GRANT BOB"), "Command complete");
  EXPECT_EQ(operator_says(system, "MODIFY PORT GROUP X"), "HCPSET003E Invalid option - PORT");
  system.log_on("ALICE");
  EXPECT_EQ(system.answer("ALICE", "MODIFY LAN L1 GRANT BOB"),
            (Lines{"HCPCMD001E Unknown CP command: MODIFY"}));
}

}  // namespace
}  // namespace vmlan::cp
