// QUERY VSWITCH against two answers of real systems: an ETHERNET switch of z/VM 6.x and a VLAN-aware one
// of 7.x. What has no true value here (a port's and a controller's device, PMTUD, trace pages) says so, in
// its place.
#include <gtest/gtest.h>

#include "cp/test_system.h"

namespace vmlan::cp {
namespace {

Lines query_vswitch_text(TestSystem& system, std::string_view definition) {
  system.type("OPERATOR", fmt::format("DEFINE VSWITCH {}", definition));
  return system.answer("OPERATOR", "QUERY VSWITCH VSW2");
}

TEST(QueryVswitch, AnUnawareOneHasTheLinesOfTheRealOne) {
  TestSystem system;
  EXPECT_EQ(query_vswitch_text(system, "VSW2 ETHERNET"),
            (Lines{
                "VSWITCH SYSTEM VSW2       Type: QDIO    Connected: 0    Maxconn: INFINITE",
                "  PERSISTENT  RESTRICTED    ETHERNET                  Accounting: OFF",
                "  USERBASED LOCAL",
                "  VLAN Unaware",
                "  MAC address: 02-00-00-00-00-01    MAC Protection: Unspecified",
                "  IPTimeout: 5         QueueStorage: 8",
                "  Isolation Status: OFF        VEPA Status: OFF",
                " Uplink Port:",
                "  State: Disconnected                  PriQueuing: OFF",
                "  PMTUD setting: OFF        PMTUD value: 0        Trace Pages: 0",
                "  Controller: *",
            }));
}

TEST(QueryVswitch, AnAwareOneWithIpCountsItsAddresses) {
  TestSystem system;
  const auto lines = query_vswitch_text(system, "VSW2 VLAN AWARE");
  EXPECT_EQ(lines.at(3), "  VLAN Aware  Default VLAN: NONE    Default Porttype: Access  GVRP: Disabled");
  EXPECT_EQ(lines.at(4), "              Native  VLAN: 0001    VLAN Counters: OFF");
  EXPECT_EQ(lines.at(7), "  Isolation Status: OFF        VEPA Status: OFF");
  EXPECT_EQ(lines.at(8), "  Unicast IP address count: 0");
  auto& lan = *system.cp.vmlan().find("SYSTEM", "VSW2");
  guestlan::NicSettings settings;
  settings.owner = "ALICE";
  guestlan::Nic nic(settings);
  auto& table = lan.ip_table();
  table.add_unicast(wire::IpAddress::v4(10, 1, 1, 1), 24, nic.port_of_data_device(2));
  table.add_multicast(wire::IpAddress::v4(224, 0, 0, 1), nic.port_of_data_device(2));
  EXPECT_EQ(system.answer("OPERATOR", "QUERY VSWITCH VSW2").at(8), "  Unicast IP address count: 1");
  table.remove_multicast(wire::IpAddress::v4(224, 0, 0, 1), nic.port_of_data_device(2));
  table.remove_unicast(wire::IpAddress::v4(10, 1, 1, 1), nic.port_of_data_device(2));
}

TEST(QueryController, ShowsWhoseNamesSwitchesHave) {
  TestSystem system;
  EXPECT_EQ(system.answer("OPERATOR", "QUERY CONTROLLER"),
            (Lines{"HCPQCT9097E No VSWITCH names a controller"}));
  system.type("OPERATOR", "DEFINE VSWITCH VSW1 CONTROLLER DTCVSW1");
  system.type("OPERATOR", "DEFINE VSWITCH VSW2");
  system.type("OPERATOR", "SET VSWITCH VSW2 CONTROLLER DTCVSW2 DTCVSW1");
  const Lines first{"Controller DTCVSW1   Available: NO    VDEV Range: NONE", "  Capability: NONE",
                    "  SYSTEM VSW1     Primary  VDEV: NONE", "  SYSTEM VSW2     Backup   VDEV: NONE"};
  Lines both = first;
  both.insert(both.end(), {"Controller DTCVSW2   Available: NO    VDEV Range: NONE", "  Capability: NONE",
                           "  SYSTEM VSW2     Primary  VDEV: NONE"});
  EXPECT_EQ(system.answer("OPERATOR", "QUERY CONTROLLER"), both);
  EXPECT_EQ(system.answer("OPERATOR", "QUERY CONTROLLER ALL"), both);
  EXPECT_EQ(system.answer("OPERATOR", "Q CONTROLL DTCVSW1"), first);
  EXPECT_EQ(system.answer("OPERATOR", "Q CONTROLLER NOBODY"),
            (Lines{"HCPQCT9097E No VSWITCH names controller NOBODY"}));
  EXPECT_EQ(system.answer("OPERATOR", "Q CONTROLLER DTCVSW1 MORE"),
            (Lines{"HCPQCT003E Invalid option - MORE"}));
}

}  // namespace
}  // namespace vmlan::cp
