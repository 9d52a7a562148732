// The QDIO driver in layer 2 on the real device and LAN, and between LANs of either transport.
#include <gtest/gtest.h>

#include "tests/test_drivers_on_lan.h"

namespace vmlan {
namespace {

class DriverOnEthernetLan : public DriverOnLan {};

INSTANTIATE_TEST_SUITE_P(Types, DriverOnEthernetLan, ::testing::Values(LanType::qdio, LanType::hipers),
                         [](const auto& type) {
                           return type.param == LanType::qdio ? "Qdio" : "HiperSockets";
                         });

TEST_P(DriverOnEthernetLan, CarriesFramesOverAnEthernetLan) {
  start_two(GetParam(), {}, qdio::Transport::ethernet);
  EXPECT_TRUE(alice.driver->is_layer2());
  EXPECT_NE(alice.driver->mac(), bob.driver->mac());
  for (const std::size_t size : {0U, 1U, 46U, 1500U, 4000U, 8000U}) {
    const auto sent = frame(bob.driver->mac(), alice, size);
    ASSERT_TRUE(send_frame(alice, sent)) << size;
    EXPECT_EQ(receive(bob), std::vector{sent}) << size;
  }
  const auto broadcast = frame({{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, bob, 100);
  ASSERT_TRUE(send_frame(bob, broadcast));
  EXPECT_EQ(receive(alice), std::vector{broadcast});
  const auto group = wire::IpAddress::v4(224, 1, 2, 3);
  const auto grouped = frame(wire::multicast_mac(group), bob, 100);
  ASSERT_TRUE(send_frame(bob, grouped));
  EXPECT_TRUE(receive(alice).empty()) << "not hers yet";
  EXPECT_EQ(alice.driver->set_multicast(group), qdio::IpaCode::success);
  ASSERT_TRUE(send_frame(bob, grouped));
  EXPECT_EQ(receive(alice), std::vector{grouped});
  EXPECT_EQ(alice.driver->delete_multicast(group), qdio::IpaCode::success);
  ASSERT_TRUE(send_frame(bob, grouped));
  EXPECT_TRUE(receive(alice).empty());
}

TEST_P(DriverOnEthernetLan, AMacAddressOnTheLanTwiceIsRefused) {
  start_two(GetParam(), {}, qdio::Transport::ethernet);
  const auto mac = alice.driver->mac();
  alice.driver->stop();
  guestlan::Nic& nic = *bob.machine->nic({0x0600});
  ASSERT_EQ(nic.ports().front()->set_mac(mac), qdio::IpaCode::success) << "bob says it is his";
  EXPECT_EQ(alice.driver->start(), cms::DriverError::mac_in_use);
  EXPECT_FALSE(alice.driver->started());
}

TEST_P(DriverOnEthernetLan, FollowsLansOfEitherTransport) {
  guestlan::LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "OTHER";
  attributes.type = GetParam();
  attributes.transport = qdio::Transport::ethernet;
  system.vmlan().create(attributes);
  guestlan::Lan& ethernet = *system.vmlan().find("SYSTEM", "OTHER");
  start_two(GetParam());
  guestlan::Nic& nic = *alice.machine->nic({0x0600});
  const auto address = *wire::parse_ip_address(alice.address);
  for (unsigned round = 0; round < 3; ++round) {
    nic.uncouple();
    ASSERT_EQ(nic.couple(ethernet, true), guestlan::CoupleResult::coupled);
    alice.take_interruptions();
    EXPECT_TRUE(alice.driver->online());
    EXPECT_TRUE(alice.driver->is_layer2());
    EXPECT_EQ(ethernet.ip_table().find(address), nullptr);
    nic.uncouple();
    alice.take_interruptions();
    // A HiperSockets NIC has a LAN of its own then.
    EXPECT_EQ(alice.driver->online(), GetParam() == LanType::hipers);
    ASSERT_EQ(nic.couple(*lan, true), guestlan::CoupleResult::coupled);
    alice.take_interruptions();
    EXPECT_TRUE(alice.driver->online());
    EXPECT_FALSE(alice.driver->is_layer2());
    EXPECT_NE(lan->ip_table().find(address), nullptr) << "registered again";
  }
}

TEST_P(DriverOnEthernetLan, IsToldThatAnEthernetLanIsNotForLayer3) {
  define_lan(LanType::qdio, qdio::Transport::ethernet);
  cms::QdioDriver::Options options;
  options.transport = qdio::Transport::ip;
  alice = log_on("ALICE", LanType::qdio, true, options);
  EXPECT_EQ(alice.driver->start(), cms::DriverError::wrong_transport);
}

}  // namespace
}  // namespace vmlan
