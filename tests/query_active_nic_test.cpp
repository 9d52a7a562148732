// What CP's queries show of NICs whose drivers run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cms/driver/qdio_driver.h"
#include "cp/test_system.h"
#include "cp/virtual_nic.h"
#include "wire/ethernet.h"

namespace vmlan {
namespace {

using cp::Lines;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// ALICE (10.1.1.1) and BOB (10.1.1.2, fe80::2) on SYSTEM LAN1, their drivers started.
class ActiveNics : public testing::Test {
 protected:
  void SetUp() override {
    system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
    alice = start("ALICE");
    bob = start("BOB");
    ASSERT_EQ(alice->set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24), qdio::IpaCode::success);
    ASSERT_EQ(bob->set_ip(wire::IpAddress::v4(10, 1, 1, 2), 24), qdio::IpaCode::success);
    ASSERT_EQ(bob->set_ip(*wire::parse_ip_address("fe80::2"), 64), qdio::IpaCode::success);
    ASSERT_EQ(bob->set_multicast(wire::IpAddress::v4(224, 0, 0, 1)), qdio::IpaCode::success);
  }

  std::unique_ptr<cms::QdioDriver> start(std::string_view userid) {
    system.log_on(userid);
    system.type(userid, "DEFINE NIC 600 TYPE QDIO");
    system.type(userid, "COUPLE 600 TO SYSTEM LAN1");
    cms::QdioDriver::Options options;
    options.base_device = {0x600};
    options.area = 0x10000;
    options.port_name = "PORT1";
    auto driver = std::make_unique<cms::QdioDriver>(*system.cp.find(userid), options);
    EXPECT_EQ(driver->start(), cms::DriverError::none);
    return driver;
  }

  // An IPv4 packet of 28 bytes from ALICE.
  void send(std::uint8_t last_byte_of_destination) {
    std::array<std::byte, 28> packet{};
    wire::Ipv4Header header;
    header.total_length = std::uint16_t{packet.size()};
    const auto source = wire::IpAddress::v4(10, 1, 1, 1);
    const auto destination = wire::IpAddress::v4(10, 1, 1, last_byte_of_destination);
    std::memcpy(header.source.data(), source.v4_bytes(), header.source.size());
    std::memcpy(header.destination.data(), destination.v4_bytes(), header.destination.size());
    std::memcpy(packet.data(), &header, sizeof(header));
    ASSERT_TRUE(alice->send(cms::layer3_header(destination, destination), packet));
    alice->flush();
  }

  cp::TestSystem system;
  std::unique_ptr<cms::QdioDriver> alice;
  std::unique_ptr<cms::QdioDriver> bob;
};

TEST_F(ActiveNics, DetailsOfANicShowSessionRolesAndAddresses) {
  const auto lines = system.answer("BOB", "QUERY NIC 600 DETAILS");
  EXPECT_THAT(lines, Contains("Adapter 0600.P00 Type: QDIO      Name: PORT1       Devices: 3"));
  EXPECT_THAT(lines, Contains("  Connection Name: VMLAN     State: Session Established"));
  EXPECT_THAT(lines, Contains("      Device: 0600  Unit: 000   Role: CTL-READ"));
  EXPECT_THAT(lines, Contains("      Device: 0601  Unit: 001   Role: CTL-WRITE"));
  EXPECT_THAT(lines, Contains("      Device: 0602  Unit: 002   Role: DATA       vPort: 0066  Index: 0066"));
  EXPECT_THAT(lines, Contains("      Options: Broadcast Multicast IPv6 IPv4"));
  EXPECT_THAT(lines, Contains("          10.1.1.2         MAC: 02-00-00-00-00-02"));
  EXPECT_THAT(lines, Contains("          FE80::2/64"));
  EXPECT_THAT(lines, Contains("          224.0.0.1        MAC: 01-00-5E-00-00-01"));
}

TEST_F(ActiveNics, CountersAndNamedDropsStandInTheLansDetails) {
  send(2);
  send(2);
  send(99);
  const auto lines = system.answer("OPERATOR", "QUERY LAN LAN1 DETAILS");
  EXPECT_THAT(lines, Contains("      TX Packets: 3          Discarded: 1          Errors: 0"));
  EXPECT_THAT(lines, Contains("      RX Packets: 2          Discarded: 0          Errors: 0"));
  EXPECT_THAT(lines, Contains("      Dropped: 1 unknown address"));
}

TEST_F(ActiveNics, BuffersNamesTheNextInputBufferOfEachAddress) {
  send(2);
  const auto row = [&](std::string_view address, std::string_view userid) {
    const auto& port = *system.cp.find(userid)->nic({0x600})->ports().front();
    const auto next = port.queues()->next_input_buffer();
    return fmt::format("    {:<16} {:<8} 0602    {:5}  {:6}  {:08X}  {:08X}  input empty", address, userid,
                       next->queue, next->buffer, next->sbal, next->storage);
  };
  const auto lines = system.answer("OPERATOR", "QUERY LAN LAN1 BUFFERS");
  ASSERT_EQ(lines.size(), 9U);
  EXPECT_THAT(
      Lines(lines.begin() + 6, lines.end()),
      testing::UnorderedElementsAre(row("10.1.1.1", "ALICE"), row("10.1.1.2", "BOB"), row("FE80::2", "BOB")));
  EXPECT_THAT(row("10.1.1.2", "BOB"), HasSubstr("       1  "));
  // An ordinary user is not told where others' buffers are.
  EXPECT_EQ(system.answer("ALICE", "QUERY LAN LAN1 BUFFERS").size(), 7U);
}

TEST_F(ActiveNics, VirtualOsaTellsActiveDevices) {
  const auto lines = system.answer("ALICE", "QUERY VIRTUAL 602");
  EXPECT_EQ(lines.back(), "     0602 QDIO ACTIVE         QIOASSIST ACTIVE");
  EXPECT_EQ(system.answer("ALICE", "QUERY VIRTUAL 600").back(),
            "     0600 QDIO-ELIGIBLE       QIOASSIST-ELIGIBLE");
}

TEST_F(ActiveNics, PromiscuousModeNeedsTheGrant) {
  EXPECT_THAT(system.answer("ALICE", "SET NIC 602 PROMISCUOUS"),
              ElementsAre("HCPNIC9014E You are not authorized for promiscuous mode on LAN SYSTEM LAN1"));
  system.type("OPERATOR", "SET LAN LAN1 OWNERID SYSTEM GRANT ALICE PROMISCUOUS");
  EXPECT_THAT(system.answer("ALICE", "SET NIC 602 PRO"), ElementsAre("Command complete"));
  const auto lines = system.answer("OPERATOR", "QUERY LAN LAN1 PROMISCUOUS");
  EXPECT_EQ(lines.back(), "      ALICE");
  EXPECT_THAT(system.answer("OPERATOR", "SET NIC USERID ALICE 602 NOPROMISCUOUS"),
              ElementsAre("Command complete"));
  EXPECT_FALSE(system.cp.find("ALICE")->nic({0x600})->ports().front()->promiscuous());
}

TEST_F(ActiveNics, RevokeEndsPromiscuousModeAtOnce) {
  system.type("OPERATOR", "SET LAN LAN1 OWNERID SYSTEM GRANT ALICE PROMISCUOUS");
  ASSERT_THAT(system.answer("ALICE", "SET NIC 602 PRO"), ElementsAre("Command complete"));
  system.type("OPERATOR", "SET LAN LAN1 OWNERID SYSTEM REVOKE ALICE");
  EXPECT_FALSE(system.cp.find("ALICE")->nic({0x600})->ports().front()->promiscuous());
}

TEST_F(ActiveNics, AnAddressThatWasTakenOverIsShownAtWhoLostIt) {
  auto& nic = *system.cp.find("BOB")->nic({0x600});
  ASSERT_EQ(nic.ports().front()->set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24, qdio::set_ip_flag::takeover),
            qdio::IpaCode::success);
  const auto lines = system.answer("ALICE", "QUERY NIC 600 DETAILS");
  EXPECT_THAT(lines, Contains("        Taken Over IP Addresses:"));
  EXPECT_THAT(lines, Contains("          10.1.1.1         By: BOB"));
}

TEST_F(ActiveNics, EachDataDeviceHasAVirtualPortOfItsOwn) {
  system.type("BOB", "DETACH NIC 600");
  system.type("BOB", "DEFINE NIC 600 TYPE QDIO DEVICES 6");
  system.type("BOB", "COUPLE 600 TO SYSTEM LAN1");
  auto& nic = *system.cp.find("BOB")->nic({0x600});
  nic.port_of_data_device(2);
  nic.port_of_data_device(5);
  const auto lines = system.answer("OPERATOR", "QUERY LAN LAN1 DETAILS");
  for (const auto* port :
       {"vPort: 0065  Index: 0065", "vPort: 0066  Index: 0066", "vPort: 0067  Index: 0067"})
    EXPECT_THAT(lines, Contains(HasSubstr(port)));
}

TEST_F(ActiveNics, ResetOfAMachineTakesItsAddressesOffTheLan) {
  system.type("BOB", "SYSTEM RESET");
  EXPECT_EQ(system.answer("OPERATOR", "QUERY LAN LAN1 BUFFERS").size(), 7U);
  send(2);
  EXPECT_EQ(system.cp.find("ALICE")->nic({0x600})->total().tx_discarded(), 1U);
}

TEST_F(ActiveNics, DetachAndLogoffWithTrafficUnderWayLeaveNothingBehind) {
  send(2);
  system.type("BOB", "DETACH NIC 600");
  send(2);
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "LAN1")->nics().size(), 1U);
  system.type("ALICE", "LOGOFF");
  EXPECT_TRUE(system.cp.vmlan().find("SYSTEM", "LAN1")->nics().empty());
  EXPECT_EQ(system.cp.vmlan().find("SYSTEM", "LAN1")->ip_table().size(), 0U);
}

}  // namespace
}  // namespace vmlan
