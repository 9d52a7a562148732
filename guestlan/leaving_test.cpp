// What goes away is gone everywhere: ports that leave, also in the middle of a batch; sessions that end; a
// LAN that was stopped.
#include <gtest/gtest.h>

#include <memory>

#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"
#include "tests/kit/recording_sink.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::IpaCode;
using qdio::RouterType;
using qdio::Transport;
using wire::IpAddress;
using wire::IpVersion;

// A NIC whose guest is at the other end of a link.
struct Remote {
  Remote(Lan& lan, std::string owner, Bytes ip) : nic(settings(std::move(owner), ip[3])) {
    EXPECT_EQ(nic.couple(lan, true), CoupleResult::coupled);
    port().session_established(Transport::ip, "TEST", "");
    EXPECT_EQ(port().start_lan(), IpaCode::success);
    EXPECT_EQ(port().set_ip(IpAddress::v4(ip.data()), 24, 0), IpaCode::success);
    port().remote_queues(&sink);
  }
  static NicSettings settings(std::string owner, std::uint8_t id) {
    NicSettings result;
    result.owner = std::move(owner);
    result.mac = {{2, 0, 0, 0, 1, id}};
    return result;
  }
  DataPort& port() { return nic.port_of_data_device(2); }

  RecordingSink sink;
  Nic nic;
};

// A frame as it comes over a link: valid as long as its bytes.
struct LinkFrame {
  LinkFrame(Bytes from, Bytes to) : bytes(ipv4_packet(from, to, 64)) {
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    EXPECT_TRUE(qdio::judge(frame));
  }
  std::vector<std::byte> bytes;
  qdio::Frame frame;
};

using Leaving = ThreeLanUsers;

TEST_F(Leaving, AReceiverThatLeavesInTheMiddleOfABatchIsToldBeforeAndNotTouchedAfter) {
  const Bytes dave_ip{10, 0, 0, 4};
  auto dave = std::make_unique<Remote>(lan, "DAVE", dave_ip);
  unsigned told = 0;
  dave->sink.when_published = [&] { ++told; };
  alice.port().transmit(LinkFrame(alice_ip, dave_ip).frame);
  alice.port().transmit(LinkFrame(alice_ip, bob_ip).frame);
  dave.reset();
  EXPECT_EQ(told, 1U);
  EXPECT_EQ(bob.interrupts, 1U);
  alice.port().publish();
  EXPECT_EQ(told, 1U);
}

TEST_F(Leaving, WhatALeavingSenderHasSentIsTold) {
  alice.port().transmit(LinkFrame(alice_ip, bob_ip).frame);
  EXPECT_EQ(bob.interrupts, 0U);
  alice.nic.uncouple();
  EXPECT_EQ(bob.interrupts, 1U);
}

TEST_F(Leaving, WhoIsToldMayMakeAnybodyLeave) {
  const Bytes dave_ip{10, 0, 0, 4};
  const Bytes erin_ip{10, 0, 0, 5};
  auto dave = std::make_unique<Remote>(lan, "DAVE", dave_ip);
  auto erin = std::make_unique<Remote>(lan, "ERIN", erin_ip);
  dave->sink.when_published = [&] { erin.reset(); };
  alice.port().transmit(LinkFrame(alice_ip, dave_ip).frame);
  alice.port().transmit(LinkFrame(alice_ip, erin_ip).frame);
  alice.port().transmit(LinkFrame(alice_ip, bob_ip).frame);
  alice.port().publish();
  EXPECT_EQ(erin, nullptr);
  EXPECT_EQ(bob.interrupts, 1U);
}

TEST_F(Leaving, ARouterThatLeavesRoutesNothing) {
  for (const auto type : {RouterType::primary, RouterType::secondary}) {
    auto dave = std::make_unique<Remote>(lan, "DAVE", Bytes{10, 0, 0, 4});
    ASSERT_EQ(dave->port().set_router(IpVersion::v4, type), IpaCode::success);
    dave.reset();
    EXPECT_EQ(lan.ip_table().primary_router(IpVersion::v4), nullptr);
    EXPECT_EQ(lan.ip_table().secondary_router(IpVersion::v4), nullptr);
  }
  auto dave = std::make_unique<Remote>(lan, "DAVE", Bytes{10, 0, 0, 4});
  ASSERT_EQ(dave->port().set_router(IpVersion::v6, RouterType::multicast), IpaCode::success);
  dave.reset();
  EXPECT_TRUE(lan.ip_table().multicast_routers(IpVersion::v6).empty());
  alice.send({192, 0, 2, 1});
  EXPECT_EQ(dropped(alice, Drop::unknown_address), 1U);
}

TEST_F(Leaving, NoTableListOrGroupNamesAPortThatLeft) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  auto dave = std::make_unique<Remote>(lan, "DAVE", Bytes{10, 0, 0, 4});
  lan.grant("DAVE", {.promiscuous = true});
  dave->port().enable_broadcast(true);
  ASSERT_EQ(dave->port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(dave->port().set_promiscuous(true), IpaCode::success);
  const auto size = lan.ip_table().size();
  dave.reset();
  EXPECT_EQ(lan.ip_table().size(), size - 2) << "the address and the group";
  EXPECT_TRUE(lan.promiscuous_ports().empty());
  EXPECT_EQ(lan.active_ports().size(), 3U);
  alice.send({255, 255, 255, 255});
  EXPECT_EQ(dropped(alice, Drop::no_receiver), 1U);
}

// --- sessions

TEST_F(Leaving, AStoppedLanNeitherSendsNorReceivesAndForgetsAllThatWasRegistered) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  lan.grant("BOB", {.promiscuous = true});
  bob.port().enable_broadcast(true);
  ASSERT_EQ(bob.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(bob.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::success);
  ASSERT_EQ(bob.port().set_promiscuous(true), IpaCode::success);
  ASSERT_EQ(bob.port().stop_lan(), IpaCode::success);

  EXPECT_TRUE(bob.port().unicast().empty());
  EXPECT_TRUE(bob.port().multicast().empty());
  EXPECT_FALSE(bob.port().promiscuous());
  for (const Bytes to :
       {bob_ip, Bytes{224, 1, 2, 3}, Bytes{192, 0, 2, 1}, Bytes{255, 255, 255, 255}, carol_ip})
    alice.send(to);
  EXPECT_EQ(bob.port().counters().rx_packets, 0U);
  EXPECT_EQ(dropped(alice, Drop::unknown_address), 2U);
  EXPECT_EQ(dropped(alice, Drop::no_receiver), 2U);

  bob.send(alice_ip);
  EXPECT_EQ(dropped(bob, Drop::not_started), 1U);
  EXPECT_EQ(alice.receive(), 0);
  ASSERT_EQ(bob.port().start_lan(), IpaCode::success);
  bob.send(alice_ip, 0x17);
  EXPECT_EQ(alice.receive(), 0x17);
}

TEST_F(Leaving, QueuesWithoutASessionSendNothing) {
  bob.port().reset();
  bob.send(alice_ip);
  EXPECT_EQ(dropped(bob, Drop::not_started), 1U);
  bob.port().session_established(Transport::ip, "TEST", "");
  bob.send(alice_ip);
  EXPECT_EQ(dropped(bob, Drop::not_started), 2U) << "STARTLAN is missing";
  EXPECT_EQ(alice.receive(), 0);
  EXPECT_EQ(bob.port().counters().tx_packets, bob.port().counters().tx_discarded());
}

TEST(OtherTransport, ASessionOfLayerTwoOnAnIpLanNeitherSendsNorReceives) {
  Lan ethernet(attributes(Transport::ethernet));
  Lan ip(lan_attributes());
  Station alice(ethernet, 1);
  LanUser bob(ip, "BOB", bob_ip);
  bob.port().enable_broadcast(true);
  alice.port().enable_broadcast(true);
  alice.nic.uncouple();
  ASSERT_EQ(alice.nic.couple(ip, true), CoupleResult::coupled);
  EXPECT_FALSE(alice.port().lan_online());
  EXPECT_EQ(alice.port().start_lan(), IpaCode::lan_offline);

  const Sending broadcast{.shape = {.ethernet = true}, .layer2 = true};
  auto frame = as_sent(broadcast, payload_of(100));
  for (std::size_t byte = 0; byte < 6; ++byte) frame[32 + byte] = std::byte{0xff};
  alice.send(frame);
  EXPECT_EQ(bob.port().counters().rx_packets, 0U);
  EXPECT_EQ(drops(alice.counters(), Drop::not_started), 1U);
  bob.send({255, 255, 255, 255});
  EXPECT_EQ(alice.counters().rx_packets, 0U);
  EXPECT_EQ(alice.port().set_mac(alice.nic.settings().mac), IpaCode::lan_offline);

  alice.nic.uncouple();
  ASSERT_EQ(alice.nic.couple(ethernet, true), CoupleResult::coupled);
  EXPECT_TRUE(alice.port().active()) << "back at home it is as it was";
}

// --- HiperSockets without a LAN

TEST(PrivateLan, WhatWasRegisteredThereDoesNotReachAnotherLan) {
  Lan lan(lan_attributes(LanType::hipers));
  LanUser alice(lan, "ALICE", alice_ip, 128, qdio::AdapterKind::iqd);
  LanUser bob(lan, "BOB", bob_ip, 128, qdio::AdapterKind::iqd);
  bob.port().enable_broadcast(true);
  {
    LanUser carol(lan, "CAROL", carol_ip, 128, qdio::AdapterKind::iqd);
    carol.nic.uncouple();
    ASSERT_EQ(carol.port().set_ip(IpAddress::v4(10, 0, 0, 4), 24, 0), IpaCode::success);
    ASSERT_EQ(carol.port().set_ip(IpAddress::v4(10, 0, 0, 5), 24, 0), IpaCode::success);
    ASSERT_EQ(carol.nic.couple(lan, true), CoupleResult::coupled);
    EXPECT_TRUE(carol.port().unicast().empty()) << "its driver is told to register again";
    carol.nic.uncouple();
  }
  alice.send({10, 0, 0, 255}, 0x31);
  EXPECT_EQ(bob.receive(), 0x31) << "the subnet's broadcast address lives on";
}

// Each LAN numbers its group frames: what a port was given on one LAN says nothing about the next.
TEST(Moving, TheFirstBroadcastOfTheNextLanArrivesToo) {
  Lan first(lan_attributes());
  Lan second(lan_attributes());
  LanUser alice(first, "ALICE", alice_ip);
  LanUser bob(first, "BOB", bob_ip);
  bob.port().enable_broadcast(true);
  alice.send({255, 255, 255, 255}, 0x11);
  EXPECT_EQ(bob.receive(), 0x11);
  for (LanUser* user : {&alice, &bob}) {
    user->nic.uncouple();
    ASSERT_EQ(user->nic.couple(second, true), CoupleResult::coupled);
  }
  alice.send({255, 255, 255, 255}, 0x22);
  EXPECT_EQ(bob.receive(), 0x22);
}

}  // namespace
}  // namespace vmlan::guestlan
