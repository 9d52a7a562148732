// What a port is before, during and after a session: defaults, where it is online, what a reset forgets.
#include <gtest/gtest.h>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"
#include "tests/kit/recording_sink.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::AdapterKind;
using qdio::IpaCode;
using qdio::Transport;
using wire::IpAddress;
using wire::IpVersion;

NicSettings card_of(AdapterKind kind, bool whole = false) {
  NicSettings settings;
  settings.owner = "LINUX1";
  settings.kind = kind;
  settings.base_device = {0x0700};
  settings.mac = {{2, 0, 0, 0, 0, 7}};
  settings.whole_super_frames = whole;
  return settings;
}

void expect_nothing_negotiated(const DataPort& port) {
  EXPECT_EQ(port.state(), SessionState::startup);
  EXPECT_EQ(port.ulp_name(), "");
  EXPECT_EQ(port.port_name(), "");
  EXPECT_TRUE(port.unicast().empty());
  EXPECT_TRUE(port.multicast().empty());
  EXPECT_TRUE(port.macs().empty());
  EXPECT_TRUE(port.lost().empty());
  EXPECT_FALSE(port.broadcast_enabled());
  EXPECT_FALSE(port.promiscuous());
  EXPECT_FALSE(port.inbound_checksum(IpVersion::v4));
  EXPECT_FALSE(port.inbound_checksum(IpVersion::v6));
  EXPECT_FALSE(port.active());
  EXPECT_TRUE(port.takes_vlan(1)) << "filters nothing";
}

TEST(NewPort, HasNothingAndIsItsNics) {
  for (const bool whole : {false, true}) {
    for (const AdapterKind kind : {AdapterKind::osd, AdapterKind::iqd}) {
      Nic nic(card_of(kind, whole));
      DataPort& port = nic.port_of_data_device(2);
      expect_nothing_negotiated(port);
      EXPECT_EQ(&port.nic(), &nic);
      EXPECT_EQ(port.device_index(), 2U);
      EXPECT_EQ(port.device_number().value, 0x0702);
      EXPECT_EQ(port.owner(), "LINUX1");
      EXPECT_EQ(port.mac(), nic.settings().mac);
      EXPECT_EQ(port.transport(), Transport::ip);
      EXPECT_EQ(port.lan(), nullptr);
      EXPECT_EQ(port.queues(), nullptr);
      EXPECT_EQ(port.sink(), nullptr);
      EXPECT_EQ(port.lossless(), kind == AdapterKind::iqd);
      EXPECT_EQ(port.whole_super_frames(), whole);
      EXPECT_EQ(port.max_mtu(), 8992U);
      EXPECT_EQ(port.max_frame_size(), 16384U) << "of a private LAN";
    }
  }
  EXPECT_FALSE(NicSettings{}.whole_super_frames);
  EXPECT_EQ(NicSettings{}.devices, 3U);
  EXPECT_EQ(NicSettings{}.kind, AdapterKind::osd);
}

TEST(NewPort, TellsTheFrameSizeOfItsLan) {
  LanAttributes attributes = lan_attributes(LanType::hipers);
  attributes.max_frame_size = 40960;
  Lan lan(attributes);
  Nic nic(card_of(AdapterKind::iqd));
  ASSERT_EQ(nic.couple(lan, true), CoupleResult::coupled);
  EXPECT_EQ(nic.port_of_data_device(2).max_frame_size(), 40960U);
  EXPECT_EQ(nic.port_of_data_device(2).lan(), &lan);
}

TEST(SuperFrames, AreTakenWholeByPortsThereAreAndByThoseThatCome) {
  Nic nic(card_of(AdapterKind::osd));
  DataPort& first = nic.port_of_data_device(2);
  nic.take_whole_super_frames(true);
  EXPECT_TRUE(nic.settings().whole_super_frames);
  EXPECT_TRUE(first.whole_super_frames());
  EXPECT_TRUE(nic.port_of_data_device(1).whole_super_frames());
  nic.take_whole_super_frames(false);
  EXPECT_FALSE(first.whole_super_frames());
  EXPECT_FALSE(nic.port_of_data_device(1).whole_super_frames());
  EXPECT_FALSE(nic.port_of_data_device(0).whole_super_frames());
}

// --- where it is online

TEST(Online, DependsOnTheKindTheLanAndTheSessionsTransport) {
  Lan ip(lan_attributes());
  Lan ethernet(attributes(Transport::ethernet));
  Lan hipers(lan_attributes(LanType::hipers));
  Lan hipers_ethernet(attributes(Transport::ethernet, LanType::hipers));
  struct Row {
    AdapterKind kind;
    Lan* lan;
    bool startup;  // online before there is a session
    bool layer3;   // online with such a session, and does it accept one?
    bool layer2;
  };
  for (const Row& row :
       {Row{AdapterKind::osd, nullptr, false, false, false}, Row{AdapterKind::osd, &ip, true, true, false},
        Row{AdapterKind::osd, &ethernet, true, false, true},
        Row{AdapterKind::iqd, nullptr, true, true, false}, Row{AdapterKind::iqd, &hipers, true, true, false},
        Row{AdapterKind::iqd, &hipers_ethernet, true, false, true}}) {
    Nic nic(card_of(row.kind));
    if (row.lan != nullptr) {
      ASSERT_EQ(nic.couple(*row.lan, true), CoupleResult::coupled);
    }
    DataPort& port = nic.port_of_data_device(2);
    EXPECT_EQ(port.lan_online(), row.startup);
    EXPECT_EQ(port.start_lan(), row.startup ? IpaCode::success : IpaCode::lan_offline);
    for (const bool layer2 : {false, true}) {
      const bool fits = layer2 ? row.layer2 : row.layer3;
      const Transport transport = layer2 ? Transport::ethernet : Transport::ip;
      const bool accepted = row.lan == nullptr ? !layer2 : fits;
      EXPECT_EQ(port.accepts(transport), accepted);
      port.session_established(transport, "TEST", "");
      EXPECT_EQ(port.transport(), transport);
      EXPECT_EQ(port.lan_online(), fits);
      EXPECT_EQ(port.state(), SessionState::established);
      EXPECT_FALSE(port.active()) << "STARTLAN is missing";
      EXPECT_EQ(port.start_lan(), fits ? IpaCode::success : IpaCode::lan_offline);
      EXPECT_EQ(port.state(), fits ? SessionState::lan_started : SessionState::established);
      EXPECT_EQ(port.active(), fits && row.lan != nullptr);
    }
  }
}

TEST(Online, ASessionKeepsWhatItsDriverCalledItself) {
  Nic nic(card_of(AdapterKind::osd));
  DataPort& port = nic.port_of_data_device(2);
  port.session_established(Transport::ethernet, "LINUX", "PORT01");
  EXPECT_EQ(port.ulp_name(), "LINUX");
  EXPECT_EQ(port.port_name(), "PORT01");
  port.session_established(Transport::ip, "TCPIP", "");
  EXPECT_EQ(port.ulp_name(), "TCPIP");
  EXPECT_EQ(port.port_name(), "");
}

TEST(Online, APortThatStartedBeforeItsLanCameIsActiveAtOnce) {
  Lan lan(lan_attributes(LanType::hipers));
  Nic nic(card_of(AdapterKind::iqd));
  DataPort& port = nic.port_of_data_device(2);
  port.session_established(Transport::ip, "TEST", "");
  ASSERT_EQ(port.start_lan(), IpaCode::success);
  EXPECT_FALSE(port.active());
  ASSERT_EQ(nic.couple(lan, true), CoupleResult::coupled);
  EXPECT_TRUE(port.active());
  nic.uncouple();
  EXPECT_FALSE(port.active());
  EXPECT_EQ(port.state(), SessionState::lan_started);
}

// --- what is forgotten

// Everything a driver can have asked for.
void ask_for_everything(Lan& lan, DataPort& port, DataPort& other) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  const auto lost = IpAddress::v4(10, 0, 0, 77);
  lan.grant(port.owner(), {.promiscuous = true});
  ASSERT_EQ(port.set_ip(lost, 32, 0), IpaCode::success);
  ASSERT_EQ(other.set_ip(lost, 32, qdio::set_ip_flag::takeover), IpaCode::success);
  ASSERT_EQ(port.set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(port.set_mac({{2, 0, 0, 0, 0, 0x55}}), IpaCode::success);
  ASSERT_EQ(port.set_group_mac({{1, 0, 0x5e, 1, 2, 3}}), IpaCode::success);
  ASSERT_EQ(port.set_router(IpVersion::v4, qdio::RouterType::primary), IpaCode::success);
  ASSERT_EQ(port.set_router(IpVersion::v6, qdio::RouterType::multicast), IpaCode::success);
  ASSERT_EQ(port.set_vlan(7), IpaCode::success);
  ASSERT_EQ(port.set_promiscuous(true), IpaCode::success);
  port.enable_broadcast(true);
  port.enable_inbound_checksum(IpVersion::v4, true);
  port.enable_inbound_checksum(IpVersion::v6, true);
  ASSERT_FALSE(port.unicast().empty() || port.macs().size() != 2 || port.lost().empty());
  ASSERT_TRUE(port.inbound_checksum(IpVersion::v4) && port.inbound_checksum(IpVersion::v6));
}

void expect_no_table_names(const Lan& lan, std::size_t addresses) {
  EXPECT_EQ(lan.ip_table().size(), addresses);
  EXPECT_EQ(lan.find_mac({{2, 0, 0, 0, 0, 0x55}}), nullptr);
  EXPECT_EQ(lan.find_mac({{1, 0, 0x5e, 1, 2, 3}}), nullptr);
  EXPECT_EQ(lan.ip_table().primary_router(IpVersion::v4), nullptr);
  EXPECT_TRUE(lan.ip_table().multicast_routers(IpVersion::v6).empty());
  EXPECT_TRUE(lan.promiscuous_ports().empty());
}

using Forgetting = ThreeLanUsers;

TEST_F(Forgetting, AResetForgetsEverything) {
  ask_for_everything(lan, bob.port(), alice.port());
  const auto sent = bob.port().counters().tx_packets;
  bob.port().reset();
  expect_nothing_negotiated(bob.port());
  expect_no_table_names(lan, 4);
  EXPECT_EQ(lan.active_ports(), (PortList{&alice.port(), &carol.port()}));
  EXPECT_EQ(bob.port().counters().tx_packets, sent) << "the books stay";
  EXPECT_EQ(bob.port().lan(), &lan) << "and so does its place";
}

TEST_F(Forgetting, StoplanForgetsWhatWasRegisteredAndKeepsTheSession) {
  ask_for_everything(lan, bob.port(), alice.port());
  ASSERT_EQ(bob.port().stop_lan(), IpaCode::success);
  EXPECT_TRUE(bob.port().unicast().empty());
  EXPECT_TRUE(bob.port().multicast().empty());
  EXPECT_TRUE(bob.port().macs().empty());
  EXPECT_TRUE(bob.port().lost().empty());
  EXPECT_FALSE(bob.port().promiscuous());
  EXPECT_TRUE(bob.port().takes_vlan(8));
  expect_no_table_names(lan, 4);
  EXPECT_EQ(bob.port().state(), SessionState::established);
  EXPECT_EQ(bob.port().ulp_name(), "TEST");
  EXPECT_TRUE(bob.port().broadcast_enabled());
  EXPECT_TRUE(bob.port().inbound_checksum(IpVersion::v4));
}

TEST_F(Forgetting, LeavingForgetsWhatWasRegistered) {
  ask_for_everything(lan, bob.port(), alice.port());
  bob.nic.uncouple();
  EXPECT_TRUE(bob.port().unicast().empty());
  EXPECT_TRUE(bob.port().multicast().empty());
  EXPECT_TRUE(bob.port().macs().empty());
  EXPECT_TRUE(bob.port().lost().empty());
  EXPECT_FALSE(bob.port().promiscuous());
  EXPECT_TRUE(bob.port().takes_vlan(8));
  expect_no_table_names(lan, 4);
  EXPECT_EQ(lan.active_ports(), (PortList{&alice.port(), &carol.port()}));
  bob.nic.uncouple();
  EXPECT_EQ(lan.nics().size(), 2U);
}

TEST(ForgettingPrivately, WhatWasRegisteredOnNoLanIsForgottenWhenOneComes) {
  Lan lan(lan_attributes(LanType::hipers));
  LanUser alice(lan, "ALICE", alice_ip, 128, AdapterKind::iqd);
  alice.nic.uncouple();
  const auto group = IpAddress::v4(224, 1, 2, 3);
  ASSERT_EQ(alice.port().set_ip(IpAddress::v4(10, 0, 0, 9), 24, 0), IpaCode::success);
  ASSERT_EQ(alice.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(alice.port().set_router(IpVersion::v4, qdio::RouterType::primary), IpaCode::success);
  ASSERT_EQ(alice.port().set_vlan(7), IpaCode::success);
  EXPECT_EQ(alice.port().unicast().size(), 1U);
  EXPECT_EQ(alice.port().multicast().size(), 1U);
  ASSERT_EQ(alice.nic.couple(lan, true), CoupleResult::coupled);
  EXPECT_TRUE(alice.port().unicast().empty());
  EXPECT_TRUE(alice.port().multicast().empty());
  EXPECT_TRUE(alice.port().takes_vlan(8));
  EXPECT_EQ(lan.ip_table().size(), 0U);
}

// --- its queues

TEST(Queues, PackForAnOsaAndNeverForHiperSockets) {
  for (const AdapterKind kind : {AdapterKind::osd, AdapterKind::iqd}) {
    Lan lan(lan_attributes(kind == AdapterKind::iqd ? LanType::hipers : LanType::qdio));
    LanUser alice(lan, "ALICE", alice_ip, 128, kind);
    LanUser bob(lan, "BOB", bob_ip, 128, kind);
    bob.queues.set_packing(kind == AdapterKind::iqd);
    bob.nic.queues_started(2, bob.queues);
    EXPECT_EQ(bob.port().queues(), &bob.queues);
    for (unsigned buffer = 0; buffer < 2; ++buffer)
      alice.memory.prime_output(1, buffer, ipv4_packet(alice_ip, bob_ip, 64));
    alice.nic.transmit(2, alice.queues, 0x80000000U);
    EXPECT_EQ(bob.port().counters().rx_packets, 2U);
    EXPECT_EQ(bob.memory.state(0, 1), kind == AdapterKind::osd ? 0x41 : 0x82);
    bob.nic.queues_stopped(2);
    EXPECT_EQ(bob.port().queues(), nullptr);
  }
}

}  // namespace
}  // namespace vmlan::guestlan
