// CP's answers, read by the rules of programs that others wrote for z/VM (tests/kit/foreign_readers.h).
#include "tests/kit/foreign_readers.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "cms/driver/qdio_driver.h"
#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan {
namespace {

using cp::Lines;

// ALICE's NIC 0600 is coupled and its driver runs, 0700 is not; LANs and switches of all kinds.
class ForeignReaders : public testing::Test {
 protected:
  ForeignReaders() {
    for (const auto* command :
         {"DEFINE LAN GLAN7 OWNERID SYSTEM TYPE QDIO", "DEFINE LAN ETHLAN OWNERID SYSTEM TYPE QDIO ETHERNET",
          "DEFINE LAN HLAN OWNERID SYSTEM TYPE HIPER", "DEFINE VSWITCH VSW2 ETHERNET",
          "DEFINE VSWITCH VSW3 IP VLAN AWARE PORTTYPE TRUNK NATIVE 7", "SET VSWITCH VSW2 GRANT ALICE",
          "SET VSWITCH VSW3 GRANT ALICE"}) {
      system.type("OPERATOR", command);
    }
    system.log_on("ALICE");
  }
  Lines alice(std::string_view command) { return system.answer("ALICE", command); }
  Lines admin(std::string_view command) { return system.answer("OPERATOR", command); }

  cp::TestSystem system;
};

TEST_F(ForeignReaders, S390ToolsKnowWhatANicIsCoupledTo) {
  for (const auto& [type, lan, target] : {std::tuple{"QDIO", "GLAN7", "LAN:"},
                                          {"QDIO", "ETHLAN", "LAN:"},
                                          {"QDIO", "VSW2", "VSWITCH:"},
                                          {"HIPER", "HLAN", "LAN:"}}) {
    alice(fmt::format("DEFINE NIC 600 {}", type));
    alice(fmt::format("COUPLE 600 SYSTEM {}", lan));
    const auto answer = alice("QUERY VIRTUAL NIC 0600");
    const auto nic = foreign::zdev_nic(answer);
    ASSERT_TRUE(nic) << lan;
    const std::string kind = type == std::string("HIPER") ? "HIPERS" : "QDIO";
    EXPECT_EQ(nic->type, kind);
    EXPECT_EQ(nic->target, target);
    EXPECT_EQ(nic->owner, "SYSTEM");
    EXPECT_EQ(nic->name, lan);
    const std::string word(target, std::string_view(target).size() - 1);
    EXPECT_EQ(foreign::znetconf_nic(alice("q v nic 0600")), fmt::format("{} {} SYSTEM {}", kind, word, lan));
    EXPECT_EQ(foreign::lsqeth_card_type(answer),
              fmt::format("{}: SYSTEM {} (Type: {})", word == "LAN" ? "GuestLAN" : word, lan, kind));
    alice("DETACH NIC 600");
  }
}

TEST_F(ForeignReaders, S390ToolsKnowWhatIsNotCoupled) {
  alice("DEFINE NIC 600 QDIO");
  alice("DEFINE NIC 700 HIPER");
  const auto qdio = foreign::zdev_nic(alice("QUERY VIRTUAL NIC 0600"));
  const auto hipers = foreign::zdev_nic(alice("QUERY VIRTUAL NIC 0700"));
  ASSERT_TRUE(qdio && hipers);
  EXPECT_EQ(qdio->owner, "*");
  EXPECT_EQ(hipers->name, "Internal");
  EXPECT_EQ(foreign::znetconf_nic(alice("q v nic 0600")), "QDIO LAN * None");
  EXPECT_EQ(foreign::lsqeth_card_type(alice("QUERY VIRTUAL NIC 0700")),
            "GuestLAN: not coupled (Type: HIPERS)");
}

TEST_F(ForeignReaders, S390ToolsKnowTheLayerOfALanAndOfASwitch) {
  const auto lan = [&](std::string_view name) {
    return alice(fmt::format("query lan {} owner SYSTEM", name));
  };
  const auto vswitch = [&](std::string_view name) { return alice(fmt::format("query vswitch {}", name)); };
  EXPECT_EQ(foreign::zdev_is_layer2(lan("GLAN7"), false), false);
  EXPECT_EQ(foreign::zdev_is_layer2(lan("ETHLAN"), false), true);
  EXPECT_EQ(foreign::zdev_is_layer2(vswitch("VSW2"), true), true);
  EXPECT_EQ(foreign::zdev_is_layer2(vswitch("VSW3"), true), false);
  EXPECT_EQ(foreign::znetconf_is_layer2(lan("GLAN7")), false);
  EXPECT_EQ(foreign::znetconf_is_layer2(lan("ETHLAN")), true);
  EXPECT_EQ(foreign::znetconf_is_layer2(vswitch("VSW2")), true);
  EXPECT_EQ(foreign::znetconf_is_layer2(vswitch("VSW3")), false);
  system.type("OPERATOR", "SET VSWITCH VSW3 REVOKE ALICE");
  EXPECT_EQ(vswitch("VSW3"), (Lines{"HCPSWU9036E VSWITCH SYSTEM VSW3 does not exist"})) << "not for her";
}

TEST_F(ForeignReaders, VifReadsASwitchWithItsAdapters) {
  alice("DEFINE NIC 600 QDIO");
  alice("COUPLE 600 SYSTEM VSW2");
  cms::QdioDriver::Options options;
  options.base_device = {0x0600};
  options.area = 0x10000;
  options.transport = qdio::Transport::ethernet;
  cms::QdioDriver driver(*system.cp.find("ALICE"), options);
  ASSERT_EQ(driver.start(), cms::DriverError::none);
  ASSERT_EQ(driver.set_multicast(wire::IpAddress::v4(224, 0, 0, 1)), qdio::IpaCode::success);
  auto read = foreign::vif_switch(admin("QUERY VSWITCH VSW2 DETAILS"));
  const std::map<std::string, std::string> expected{
      {"VSWITCH SYSTEM", "VSW2"},
      {"Type:", "QDIO"},
      {"Connected:", "1"},
      {"Maxconn:", "INFINITE"},
      {"class", "PERSISTENT RESTRICTED"},
      {"MAC address:", "02-00-00-00-00-01"},
      {"State:", "Disconnected"},
  };
  for (const auto& [label, value] : expected) EXPECT_EQ(read.values[label], value) << label;
  EXPECT_TRUE(read.devices.empty());
  ASSERT_EQ(read.adapters.size(), 1U);
  auto& adapter = read.adapters[0];
  const std::map<std::string, std::string> of_adapter{
      {"Adapter Owner:", "ALICE"}, {"NIC:", "0600.P00"}, {"Type:", "QDIO"},
      {"RX Packets:", "0"},        {"TX Packets:", "0"}, {"RX Bytes:", "0"},
      {"TX Bytes:", "0"},          {"Device:", "0602"},  {"Unit:", "002"},
      {"Options:", "Ethernet"},
  };
  for (const auto& [label, value] : of_adapter) EXPECT_EQ(adapter.values[label], value) << label;
  EXPECT_EQ(adapter.unicast, std::vector{wire::to_string(driver.mac())});
  EXPECT_EQ(adapter.multicast, std::vector<std::string>{"01-00-5E-00-00-01"});
}

TEST_F(ForeignReaders, FeilongReadsTheVlansOfASwitch) {
  const auto vlan = foreign::feilong_vlan(admin("QUERY VSWITCH VSW3"));
  EXPECT_TRUE(vlan.aware);
  EXPECT_EQ(vlan.default_vlan, "NONE");
  EXPECT_EQ(vlan.default_port_type, "Trunk");
  EXPECT_EQ(vlan.gvrp, "Disabled");
  EXPECT_EQ(vlan.native_vlan, "0007");
  EXPECT_EQ(vlan.vlan_counters, "OFF");
  EXPECT_FALSE(foreign::feilong_vlan(admin("QUERY VSWITCH VSW2")).aware);
}

TEST_F(ForeignReaders, FeilongKnowsTheErrors) {
  EXPECT_EQ(alice("QUERY VIRTUAL NIC 1234"), (Lines{"HCPQVD040E Device 1234 does not exist"}));
  EXPECT_EQ(alice("QUERY"), (Lines{"HCPCFC026E Operand missing or invalid"}));
  EXPECT_EQ(alice("QUERY BOB"), (Lines{"HCPCQU045E BOB not logged on"}));
}

TEST_F(ForeignReaders, XcatFindsLansAndSwitchesInOneAnswer) {
  EXPECT_EQ(foreign::xcat_networks(admin("q lan")),
            (foreign::Text{"LAN SYSTEM ETHLAN", "LAN SYSTEM GLAN7", "LAN SYSTEM HLAN", "VSWITCH SYSTEM VSW2",
                           "VSWITCH SYSTEM VSW3"}));
}

// s390-tools' dbginfo.sh and sos collect these.
TEST_F(ForeignReaders, CollectorsGetAnAnswerToWhatTheyAsk) {
  alice("DEFINE NIC 600 QDIO");
  alice("COUPLE 600 SYSTEM VSW2");
  for (const auto* query : {"q lan", "q lan all details", "q lan all access", "q vswitch",
                            "q vswitch details", "q vswitch access", "q vswitch active",
                            "q vswitch accesslist", "q vswitch promiscuous", "q vmlan", "q nic userid all"}) {
    EXPECT_FALSE(foreign::tessia_is_error(admin(query))) << query;
  }
  for (const auto* query : {"q v nic", "q nic", "q vmlan", "q v osa"}) {
    EXPECT_FALSE(foreign::tessia_is_error(alice(query))) << query;
  }
}

TEST_F(ForeignReaders, TessiaTellsSuccessFromErrors) {
  EXPECT_TRUE(foreign::tessia_is_defined(alice("define nic f500 qdio devices 3"), "F500"));
  EXPECT_TRUE(foreign::tessia_is_error(alice("define nic f500 qdio devices 3")));
  EXPECT_TRUE(foreign::tessia_is_error(alice("couple f500 to SYSTEM NOWHERE")));
  EXPECT_FALSE(foreign::tessia_is_error(alice("couple f500 to SYSTEM VSW2")));
}

}  // namespace
}  // namespace vmlan
