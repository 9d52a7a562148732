// Who may hear, send as, and take what is another's; how much one may ask for; and what is counted for it.
#include <gtest/gtest.h>

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

using WhoMay = ThreeLanUsers;

TEST_F(WhoMay, ARevokedGrantEndsListeningAtOnce) {
  lan.grant("CAROL", {.promiscuous = true});
  ASSERT_EQ(carol.port().set_promiscuous(true), IpaCode::success);
  alice.send(bob_ip, 0x11);
  EXPECT_EQ(carol.receive(), 0x11);
  EXPECT_TRUE(lan.revoke("CAROL"));
  EXPECT_FALSE(lan.revoke("CAROL"));
  EXPECT_FALSE(carol.port().promiscuous());
  alice.send(bob_ip, 0x12);
  EXPECT_EQ(carol.receive(), 0);
}

TEST_F(WhoMay, AGrantWithoutPromiscuityEndsItToo) {
  lan.grant("CAROL", {.promiscuous = true});
  lan.grant("BOB", {.promiscuous = true});
  ASSERT_EQ(carol.port().set_promiscuous(true), IpaCode::success);
  ASSERT_EQ(bob.port().set_promiscuous(true), IpaCode::success);
  lan.grant("CAROL", {});
  EXPECT_FALSE(carol.port().promiscuous());
  EXPECT_TRUE(bob.port().promiscuous()) << "nobody else's";
  EXPECT_EQ(carol.port().set_promiscuous(true), IpaCode::mac_not_authorized)
      << "on the list, without that right";
}

TEST_F(WhoMay, TakeoverNeedsItsFlagAndTheLoserIsTold) {
  const auto address = IpAddress::v4(alice_ip.data());
  EXPECT_EQ(bob.port().set_ip(address, 24, 0), IpaCode::duplicate_ip_address);
  EXPECT_EQ(bob.port().set_ip(address, 24, 0xfcU), IpaCode::duplicate_ip_address)
      << "other flags do not matter";
  EXPECT_TRUE(alice.port().lost().empty());
  ASSERT_EQ(bob.port().set_ip(address, 24, qdio::set_ip_flag::vipa), IpaCode::success);
  ASSERT_EQ(alice.port().lost().size(), 1U);
  EXPECT_EQ(alice.port().lost()[0].address, address);
  EXPECT_EQ(alice.port().lost()[0].owner, "BOB");
  EXPECT_EQ(alice.port().delete_ip(address), IpaCode::success) << "it is gone, as asked";
  EXPECT_EQ(alice.port().delete_ip(address), IpaCode::primary_exists);
  EXPECT_NE(lan.ip_table().find(address), nullptr) << "and still the new owner's";
  ASSERT_EQ(alice.port().set_ip(address, 24, qdio::set_ip_flag::takeover), IpaCode::success);
  EXPECT_TRUE(alice.port().lost().empty());
  EXPECT_EQ(bob.port().lost().size(), 1U);
}

TEST_F(WhoMay, WhatALoserRemembersHasABound) {
  for (unsigned number = 0; number < 200; ++number) {
    const auto address = IpAddress::v4(10, 0, 1, static_cast<std::uint8_t>(number));
    ASSERT_EQ(alice.port().set_ip(address, 32, 0), IpaCode::success);
    ASSERT_EQ(bob.port().set_ip(address, 32, qdio::set_ip_flag::takeover), IpaCode::success);
  }
  EXPECT_EQ(alice.port().lost().size(), 64U);
  EXPECT_EQ(alice.port().lost().back().address, IpAddress::v4(10, 0, 1, 199));
}

TEST_F(WhoMay, ASecondStationOfANicSendsAsItself) {
  NicSettings settings;
  settings.owner = "DAVE";
  settings.devices = 6;
  settings.mac = {{2, 0, 0, 0, 0, 9}};
  Nic nic(settings);
  ASSERT_EQ(nic.couple(lan, true), CoupleResult::coupled);
  DataPort& second = nic.port_of_data_device(5);
  second.session_established(Transport::ip, "TEST", "");
  ASSERT_EQ(second.start_lan(), IpaCode::success);
  ASSERT_NE(second.mac(), settings.mac);
  const auto bytes = ipv4_packet({10, 0, 0, 9}, bob_ip, 64);
  qdio::Frame frame;
  frame.segments = 1;
  frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
  ASSERT_TRUE(qdio::judge(frame));
  second.transmit(frame);
  second.publish();
  const std::byte* header = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(std::memcmp(header + 0x12, second.mac().bytes.data(), 6), 0);
  EXPECT_EQ(second.device_number().value, settings.base_device.value + 5);
}

// --- how much

TEST_F(WhoMay, RegistrationsHaveABound) {
  constexpr unsigned most = 4096;
  unsigned accepted = 0;
  IpaCode last{};
  for (unsigned number = 0; number < most + 2; ++number) {
    const auto address = IpAddress::v4(11, 0, static_cast<std::uint8_t>(number >> 8U),
                                       static_cast<std::uint8_t>(number & 0xffU));
    last = alice.port().set_ip(address, 32, 0);
    if (last == IpaCode::success) ++accepted;
  }
  EXPECT_EQ(last, IpaCode::ip_table_full);
  EXPECT_EQ(accepted, most - 1) << "and the one from the start";
  EXPECT_EQ(alice.port().set_ip(*wire::parse_ip_address("fe80::1"), 64, 0), IpaCode::ipv6_table_full);

  accepted = 0;
  for (unsigned number = 0; number < most + 2; ++number) {
    const auto group = IpAddress::v4(225, 0, static_cast<std::uint8_t>(number >> 8U),
                                     static_cast<std::uint8_t>(number & 0xffU));
    last = alice.port().set_multicast(group, wire::multicast_mac(group));
    if (last == IpaCode::success) ++accepted;
  }
  EXPECT_EQ(last, IpaCode::ip_table_full);
  EXPECT_EQ(accepted, most);
}

TEST(MacRegistrations, HaveABoundOfBothKindsTogether) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);  // has one
  constexpr unsigned most = 4096;
  const auto mac = [](unsigned first, unsigned number) {
    return wire::MacAddress{{static_cast<std::uint8_t>(first), 1, 0, 0,
                             static_cast<std::uint8_t>(number >> 8U),
                             static_cast<std::uint8_t>(number & 0xffU)}};
  };
  for (unsigned number = 1; number < most; ++number)
    ASSERT_EQ(alice.port().set_group_mac(mac(1, number)), IpaCode::success);
  EXPECT_EQ(alice.port().set_group_mac(mac(1, most)), IpaCode::mac_table_full);
  EXPECT_EQ(alice.port().set_mac(mac(2, 0)), IpaCode::mac_table_full);
  EXPECT_EQ(alice.port().set_group_mac(mac(1, 1)), IpaCode::duplicate_mac);
  EXPECT_EQ(alice.port().delete_group_mac(mac(1, 1)), IpaCode::success);
  EXPECT_EQ(alice.port().set_mac(mac(2, 0)), IpaCode::success);
}

TEST_F(WhoMay, GroupFramesOfOneSigaCostABoundedAmount) {
  constexpr unsigned receivers = 600;
  std::vector<std::unique_ptr<RecordingSink>> sinks;
  std::vector<std::unique_ptr<Nic>> nics;
  for (unsigned number = 0; number < receivers; ++number) {
    NicSettings settings;
    settings.owner = "CROWD";
    nics.push_back(std::make_unique<Nic>(settings));
    sinks.push_back(std::make_unique<RecordingSink>());
    nics.back()->couple(lan, true);
    DataPort& port = nics.back()->port_of_data_device(2);
    port.session_established(Transport::ip, "TEST", "");
    port.start_lan();
    port.enable_broadcast(true);
    port.remote_queues(sinks.back().get());
  }
  for (const std::size_t length : {64U, 4000U}) {
    for (unsigned buffer = 0; buffer < 128; ++buffer) {
      alice.memory.prime_output(1, buffer, ipv4_packet(alice_ip, {255, 255, 255, 255}, length));
    }
    alice.nic.transmit(2, alice.queues, 0x80000000U);
    if (length == 64) {
      EXPECT_EQ(alice.port().counters().tx_copies, 128U * receivers) << "ordinary ones all arrive";
    }
  }
  const auto copies = alice.port().counters().tx_copies - 128U * receivers;
  // Each port looked at is one, each copy of 4,000 bytes four more: of 262,144 that is enough for 87 packets
  // and 229 copies of another one.
  EXPECT_EQ(copies, 87U * receivers + 229);
  EXPECT_EQ(dropped(alice, Drop::too_many_copies), 128U - 87);
  alice.send({255, 255, 255, 255});
  EXPECT_EQ(sinks.back()->given, 128U + copies / receivers + 1) << "the next SIGA begins anew";
}

// --- groups

TEST_F(WhoMay, ARouterThatIsAMemberTooGetsOneCopy) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  ASSERT_EQ(bob.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(bob.port().set_router(IpVersion::v4, RouterType::multicast), IpaCode::success);
  ASSERT_EQ(carol.port().set_router(IpVersion::v4, RouterType::multicast), IpaCode::success);
  alice.send({224, 1, 2, 3}, 0x21);
  EXPECT_EQ(bob.port().counters().rx_packets, 1U);
  EXPECT_EQ(carol.port().counters().rx_packets, 1U);
  EXPECT_EQ(alice.port().counters().tx_copies, 2U);
}

TEST_F(WhoMay, ASenderWaitsForTheOneItNamedAndForNoneOfMany) {
  RecordingSink sink;
  bob.nic.queues_stopped(2);
  bob.port().remote_queues(&sink);
  bob.port().enable_broadcast(true);
  alice.send(bob_ip);
  EXPECT_EQ(sink.when_full, WhenFull::sender_waits);
  alice.send({255, 255, 255, 255});
  EXPECT_EQ(sink.when_full, WhenFull::drop);
  lan.grant("BOB", {.promiscuous = true});
  ASSERT_EQ(bob.port().set_promiscuous(true), IpaCode::success);
  sink.when_full = WhenFull::sender_waits;
  alice.send(carol_ip);
  EXPECT_EQ(sink.when_full, WhenFull::drop) << "a copy for a sniffer";
  sink.answer = qdio::GiveResult::no_empty_buffer;
  alice.send({255, 255, 255, 255});
  EXPECT_EQ(dropped(alice, Drop::no_empty_buffer), 1U);
  EXPECT_EQ(bob.port().counters().rx_discarded, 1U);
}

TEST(HiperSocketsGroups, ASenderInThisProcessIsNotToldOfOneOfMany) {
  Lan lan(lan_attributes(LanType::hipers));
  LanUser alice(lan, "ALICE", alice_ip, 128, qdio::AdapterKind::iqd);
  LanUser bob(lan, "BOB", bob_ip, 1, qdio::AdapterKind::iqd);
  bob.port().enable_broadcast(true);
  alice.send({255, 255, 255, 255});
  alice.send({255, 255, 255, 255});
  EXPECT_EQ(alice.memory.state(1, 1), 0xa1);
  EXPECT_EQ(alice.port().counters().dropped[static_cast<std::size_t>(Drop::no_empty_buffer)], 1U);
}

// --- VLANs

TEST(EthernetVlans, AreFilteredButUntaggedAndPriorityTaggedFramesAreForAll) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  ASSERT_EQ(bob.port().set_vlan(7), IpaCode::success);
  const auto send = [&](bool tagged, unsigned tag) {
    auto frame = as_sent({.shape = {.ethernet = true, .vlan = tagged}, .layer2 = true}, payload_of(100));
    if (tagged) write16(frame, 32 + 14, tag);
    alice.send(frame);
    return bob.receive().size();
  };
  EXPECT_EQ(send(false, 0), 1U) << "untagged";
  EXPECT_EQ(send(true, 0xe000), 1U) << "a priority, no VLAN";
  EXPECT_EQ(send(true, 0xe007), 1U);
  EXPECT_EQ(send(true, 8), 0U);
  EXPECT_EQ(drops(alice.counters(), Drop::vlan_not_registered), 1U);
  ASSERT_EQ(bob.port().delete_vlan(7), IpaCode::success);
  EXPECT_EQ(send(true, 8), 1U) << "who filters nothing gets all";
  EXPECT_EQ(bob.port().set_vlan(0), IpaCode::invalid_vlan);
  EXPECT_EQ(bob.port().set_vlan(4094), IpaCode::success);
  EXPECT_EQ(bob.port().set_vlan(4095), IpaCode::invalid_vlan);
}

TEST(EthernetVlans, AStationsOwnFrameDoesNotComeBack) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  alice.send(as_sent({.shape = {.ethernet = true, .to = 1}, .layer2 = true}, payload_of(100)));
  EXPECT_TRUE(alice.receive().empty());
  EXPECT_EQ(drops(alice.counters(), Drop::own_address), 1U);
}

// --- books

TEST_F(WhoMay, ABufferOfTheReceiversThatIsUnusableIsItsError) {
  bob.memory.set_element(0, 0, 0, 0x40, 4096, 0xffff'ffff'0000);
  alice.send(bob_ip);
  EXPECT_EQ(dropped(alice, Drop::receiver_buffer_error), 1U);
  EXPECT_EQ(bob.port().counters().rx_errors, 1U);
  EXPECT_EQ(bob.port().counters().rx_discarded, 1U);
  EXPECT_EQ(bob.port().counters().rx_packets, 0U);
  alice.send(bob_ip, 0x31);
  EXPECT_EQ(bob.memory.state(0, 1), 0x82) << "the next buffer is used";
  EXPECT_EQ(bob.port().counters().rx_errors, 1U);
}

TEST_F(WhoMay, CountersOfANicOnItsLanBeginWithCouple) {
  alice.send(bob_ip);
  alice.send(bob_ip);
  alice.nic.uncouple();
  alice.send(bob_ip);
  EXPECT_EQ(lan.total().tx_packets, 2U) << "those that left included";
  ASSERT_EQ(alice.nic.couple(lan, true), CoupleResult::coupled);
  EXPECT_EQ(alice.nic.since_coupled().tx_packets, 0U);
  EXPECT_EQ(alice.nic.total().tx_packets, 3U);
  ASSERT_TRUE(alice.port().active());
  alice.send(bob_ip);
  EXPECT_EQ(alice.nic.since_coupled().tx_packets, 1U);
  EXPECT_EQ(lan.total().tx_packets, 3U);
  EXPECT_EQ(alice.nic.total().tx_packets, 4U);
}

}  // namespace
}  // namespace vmlan::guestlan
