// Each registration of a driver: what is accepted, what is refused with which code, and what the LAN's tables
// hold of it.
#include <gtest/gtest.h>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::IpaCode;
using qdio::RouterType;
using wire::IpAddress;
using wire::IpVersion;
using wire::MacAddress;

using Registers = ThreeLanUsers;

constexpr MacAddress my_mac{{2, 0, 0, 0, 0, 0x31}};
constexpr MacAddress my_group_mac{{1, 0, 0x5e, 0, 0, 0x31}};

TEST_F(Registers, NothingBeforeStartlanAndNothingWithoutALan) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  const auto all = [&] {
    return std::vector<IpaCode>{bob.port().set_ip(IpAddress::v4(10, 0, 0, 9), 24, 0),
                                bob.port().set_multicast(group, wire::multicast_mac(group)),
                                bob.port().set_router(IpVersion::v4, RouterType::primary),
                                bob.port().set_mac(my_mac), bob.port().set_group_mac(my_group_mac)};
  };
  ASSERT_EQ(bob.port().stop_lan(), IpaCode::success);
  EXPECT_EQ(all(), std::vector<IpaCode>(5, IpaCode::startlan_missing));
  bob.nic.uncouple();
  EXPECT_EQ(all(), std::vector<IpaCode>(5, IpaCode::lan_offline));
  EXPECT_TRUE(bob.port().unicast().empty());
  EXPECT_TRUE(bob.port().multicast().empty());
  EXPECT_TRUE(bob.port().macs().empty());
  EXPECT_EQ(lan.ip_table().primary_router(IpVersion::v4), nullptr);
}

// --- unicast addresses

TEST_F(Registers, AnAddressIsKeptWithItsPrefix) {
  const auto v6 = *wire::parse_ip_address("fe80::9");
  ASSERT_EQ(bob.port().set_ip(v6, 64, 0), IpaCode::success);
  ASSERT_EQ(bob.port().set_ip(IpAddress::v4(10, 1, 0, 9), 16, 0), IpaCode::success);
  ASSERT_EQ(bob.port().unicast().size(), 3U);
  EXPECT_EQ(bob.port().unicast()[1].address, v6);
  EXPECT_EQ(bob.port().unicast()[1].prefix_length, 64U);
  EXPECT_EQ(bob.port().unicast()[2].prefix_length, 16U);
  ASSERT_NE(lan.ip_table().find(IpAddress::v4(10, 1, 255, 255)), nullptr) << "its subnet's broadcast";
  ASSERT_EQ(bob.port().delete_ip(IpAddress::v4(10, 1, 0, 9)), IpaCode::success);
  EXPECT_EQ(lan.ip_table().find(IpAddress::v4(10, 1, 255, 255)), nullptr);
  EXPECT_EQ(lan.ip_table().find(IpAddress::v4(10, 1, 0, 9)), nullptr);
  EXPECT_EQ(bob.port().unicast().size(), 2U);
  EXPECT_NE(lan.ip_table().find(v6), nullptr) << "nothing else went";
}

TEST_F(Registers, AnAddressOfOnesOwnIsUsedAlreadyWhateverTheFlags) {
  for (const std::uint32_t flags : {0U, 1U, 2U, 3U}) {
    EXPECT_EQ(bob.port().set_ip(IpAddress::v4(bob_ip.data()), 24, flags), IpaCode::address_already_used);
  }
  EXPECT_EQ(bob.port().unicast().size(), 1U);
}

TEST_F(Registers, ABroadcastAddressOrAGroupIsNobodysToTake) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  ASSERT_EQ(alice.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  for (const auto& address : {IpAddress::v4(10, 0, 0, 255), group}) {
    for (const std::uint32_t flags : {0U, qdio::set_ip_flag::takeover, qdio::set_ip_flag::vipa}) {
      EXPECT_EQ(bob.port().set_ip(address, 32, flags), IpaCode::duplicate_ip_address);
    }
  }
  EXPECT_EQ(bob.port().unicast().size(), 1U);
  EXPECT_NE(lan.ip_table().find(IpAddress::v4(10, 0, 0, 255)), nullptr);
}

TEST_F(Registers, WhatWasNeverAPortsOwnIsNoLoss) {
  bob.port().address_taken(IpAddress::v4(10, 0, 0, 99), alice.port());
  EXPECT_TRUE(bob.port().lost().empty());
  bob.port().address_taken(IpAddress::v4(bob_ip.data()), alice.port());
  EXPECT_EQ(bob.port().lost().size(), 1U);
  EXPECT_EQ(lan.ip_table().find(IpAddress::v4(bob_ip.data())), nullptr);
}

TEST_F(Registers, OnlyTheLossThatEndedIsForgotten) {
  const auto second = IpAddress::v4(10, 0, 0, 22);
  ASSERT_EQ(bob.port().set_ip(second, 24, 0), IpaCode::success);
  for (const auto& address : {IpAddress::v4(bob_ip.data()), second})
    ASSERT_EQ(alice.port().set_ip(address, 24, qdio::set_ip_flag::takeover), IpaCode::success);
  ASSERT_EQ(bob.port().lost().size(), 2U);
  ASSERT_EQ(bob.port().set_ip(second, 24, qdio::set_ip_flag::takeover), IpaCode::success);
  ASSERT_EQ(bob.port().lost().size(), 1U);
  EXPECT_EQ(bob.port().lost()[0].address, IpAddress::v4(bob_ip.data()));
  EXPECT_EQ(bob.port().delete_ip(second), IpaCode::success);
  EXPECT_EQ(bob.port().lost().size(), 1U) << "that was its own";
}

TEST_F(Registers, TheOldestLossIsForgottenBehindTheSixtyFourth) {
  for (unsigned number = 0; number < 65; ++number) {
    const auto address = IpAddress::v4(10, 0, 1, static_cast<std::uint8_t>(number));
    ASSERT_EQ(alice.port().set_ip(address, 32, 0), IpaCode::success);
    ASSERT_EQ(bob.port().set_ip(address, 32, qdio::set_ip_flag::takeover), IpaCode::success);
    EXPECT_EQ(alice.port().lost().size(), std::min(number + 1, 64U));
  }
  EXPECT_EQ(alice.port().lost().front().address, IpAddress::v4(10, 0, 1, 1));
  EXPECT_EQ(alice.port().delete_ip(IpAddress::v4(10, 0, 1, 0)), IpaCode::primary_exists);
}

// --- groups

TEST_F(Registers, AGroupIsJoinedOnceAndLeftOnce) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  const auto group6 = *wire::parse_ip_address("ff02::1");
  EXPECT_EQ(bob.port().set_multicast(IpAddress::v4(10, 0, 0, 9), my_group_mac), IpaCode::bad_format);
  EXPECT_TRUE(bob.port().multicast().empty());
  for (unsigned time = 0; time < 2; ++time)
    EXPECT_EQ(bob.port().set_multicast(group, my_group_mac), IpaCode::success);
  EXPECT_EQ(bob.port().set_multicast(group6, wire::multicast_mac(group6)), IpaCode::success);
  ASSERT_EQ(alice.port().set_multicast(group, my_group_mac), IpaCode::success);
  ASSERT_EQ(bob.port().multicast().size(), 2U);
  EXPECT_EQ(bob.port().multicast()[0].address, group);
  EXPECT_EQ(bob.port().multicast()[0].mac, my_group_mac);
  EXPECT_EQ(lan.ip_table().find(group)->group->members, (PortList{&bob.port(), &alice.port()}));

  EXPECT_EQ(bob.port().delete_multicast(group), IpaCode::success);
  EXPECT_EQ(bob.port().delete_multicast(group), IpaCode::multicast_not_found);
  ASSERT_EQ(bob.port().multicast().size(), 1U);
  EXPECT_EQ(bob.port().multicast()[0].address, group6);
  EXPECT_EQ(lan.ip_table().find(group)->group->members, (PortList{&alice.port()}));
  EXPECT_NE(lan.ip_table().find(group6), nullptr);
}

TEST_F(Registers, AGroupThatIsSomebodysAddressCannotBeJoined) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  ASSERT_EQ(alice.port().set_ip(group, 32, 0), IpaCode::success);
  EXPECT_EQ(bob.port().set_multicast(group, my_group_mac), IpaCode::bad_format);
  EXPECT_TRUE(bob.port().multicast().empty());
}

// --- neighbours and routers

TEST_F(Registers, NeighboursAreTheAddressesOfThatVersionInOrder) {
  const auto v6 = *wire::parse_ip_address("fe80::9");
  const auto group = IpAddress::v4(224, 1, 2, 3);
  const auto group6 = *wire::parse_ip_address("ff02::1");
  ASSERT_EQ(carol.port().set_ip(v6, 64, 0), IpaCode::success);
  ASSERT_EQ(carol.port().set_multicast(group, my_group_mac), IpaCode::success);
  ASSERT_EQ(carol.port().set_multicast(group6, my_group_mac), IpaCode::success);
  ASSERT_EQ(carol.port().set_ip(IpAddress::v4(9, 0, 0, 3), 32, 0), IpaCode::success);
  const auto v4s = alice.port().neighbours(IpVersion::v4);
  ASSERT_EQ(v4s.size(), 4U) << "no group, no broadcast address";
  EXPECT_EQ(v4s[0].address, IpAddress::v4(9, 0, 0, 3));
  EXPECT_EQ(v4s[0].mac, carol.port().station_mac());
  EXPECT_EQ(v4s[1].address, IpAddress::v4(alice_ip.data())) << "the caller's too";
  EXPECT_EQ(v4s[1].mac, alice.port().station_mac());
  EXPECT_EQ(v4s[2].address, IpAddress::v4(bob_ip.data()));
  EXPECT_EQ(v4s[2].mac, bob.port().station_mac());
  EXPECT_EQ(v4s[3].mac, carol.port().station_mac());
  const auto v6s = alice.port().neighbours(IpVersion::v6);
  ASSERT_EQ(v6s.size(), 1U);
  EXPECT_EQ(v6s[0].address, v6);
  EXPECT_EQ(v6s[0].mac, carol.port().station_mac());
  alice.nic.uncouple();
  EXPECT_TRUE(alice.port().neighbours(IpVersion::v4).empty());
}

TEST_F(Registers, ARoutersCodesAreTheTables) {
  EXPECT_EQ(bob.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::success);
  EXPECT_EQ(carol.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::primary_exists);
  EXPECT_EQ(lan.ip_table().primary_router(IpVersion::v4), &bob.port());
  Lan hipers(lan_attributes(LanType::hipers));
  LanUser dave(hipers, "DAVE", {10, 0, 0, 4}, 128, qdio::AdapterKind::iqd);
  dave.nic.uncouple();
  EXPECT_EQ(dave.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::success) << "a private LAN";
}

// --- MAC addresses

TEST_F(Registers, AMacAddressIsOnePortsAndNoGroup) {
  EXPECT_EQ(bob.port().set_mac(my_group_mac), IpaCode::mac_not_authorized);
  EXPECT_EQ(bob.port().set_mac({}), IpaCode::mac_not_authorized);
  EXPECT_EQ(bob.port().set_mac(my_mac), IpaCode::success);
  EXPECT_EQ(bob.port().set_mac(my_mac), IpaCode::duplicate_mac);
  EXPECT_EQ(alice.port().set_mac(my_mac), IpaCode::duplicate_mac);
  EXPECT_TRUE(alice.port().macs().empty());
  EXPECT_EQ(bob.port().macs(), std::vector<MacAddress>{my_mac});
  EXPECT_EQ(alice.port().delete_mac(my_mac), IpaCode::mac_not_found);
  EXPECT_NE(lan.find_mac(my_mac), nullptr);
  EXPECT_EQ(bob.port().delete_mac(my_mac), IpaCode::success);
  EXPECT_EQ(bob.port().delete_mac(my_mac), IpaCode::mac_not_found);
  EXPECT_EQ(lan.find_mac(my_mac), nullptr);
  EXPECT_TRUE(bob.port().macs().empty());
}

TEST_F(Registers, AGroupMacIsEachPortsOnce) {
  EXPECT_EQ(bob.port().set_group_mac(my_mac), IpaCode::bad_format);
  EXPECT_EQ(bob.port().set_group_mac(my_group_mac), IpaCode::success);
  EXPECT_EQ(bob.port().set_group_mac(my_group_mac), IpaCode::duplicate_mac);
  EXPECT_EQ(alice.port().set_group_mac(my_group_mac), IpaCode::success);
  EXPECT_EQ(*lan.find_mac(my_group_mac), (PortList{&bob.port(), &alice.port()}));
  EXPECT_EQ(bob.port().delete_group_mac(my_group_mac), IpaCode::success);
  EXPECT_EQ(bob.port().delete_group_mac(my_group_mac), IpaCode::group_mac_not_found);
  EXPECT_EQ(*lan.find_mac(my_group_mac), (PortList{&alice.port()}));
}

// --- VLANs and promiscuous mode

TEST_F(Registers, VlansAreThoseOfTheStandardOnceEach) {
  EXPECT_EQ(bob.port().set_vlan(0), IpaCode::invalid_vlan);
  EXPECT_EQ(bob.port().set_vlan(4095), IpaCode::invalid_vlan);
  EXPECT_TRUE(bob.port().takes_vlan(9)) << "it filters nothing yet";
  for (const std::uint16_t vlan : std::initializer_list<std::uint16_t>{1, 7, 4094}) {
    EXPECT_EQ(bob.port().set_vlan(vlan), IpaCode::success);
    EXPECT_EQ(bob.port().set_vlan(vlan), IpaCode::duplicate_vlan);
    EXPECT_TRUE(bob.port().takes_vlan(vlan));
  }
  EXPECT_FALSE(bob.port().takes_vlan(9));
  EXPECT_EQ(bob.port().delete_vlan(9), IpaCode::vlan_not_found);
  EXPECT_EQ(bob.port().delete_vlan(7), IpaCode::success);
  EXPECT_EQ(bob.port().delete_vlan(7), IpaCode::vlan_not_found);
  EXPECT_FALSE(bob.port().takes_vlan(7));
  EXPECT_TRUE(bob.port().takes_vlan(1));
  lan.grant("BOB", {.promiscuous = true});
  ASSERT_EQ(bob.port().set_promiscuous(true), IpaCode::success);
  EXPECT_TRUE(bob.port().takes_vlan(9)) << "who listens to all takes all";
}

TEST_F(Registers, ListeningNeedsAStartedLanAndEndsAtAnyTime) {
  lan.grant("BOB", {.promiscuous = true});
  ASSERT_EQ(bob.port().stop_lan(), IpaCode::success);
  EXPECT_EQ(bob.port().set_promiscuous(true), IpaCode::lan_offline);
  EXPECT_EQ(bob.port().set_promiscuous(false), IpaCode::success);
  bob.nic.uncouple();
  EXPECT_EQ(bob.port().set_promiscuous(true), IpaCode::lan_offline);
  EXPECT_EQ(bob.port().set_promiscuous(false), IpaCode::success);
  EXPECT_FALSE(bob.port().promiscuous());
  EXPECT_EQ(alice.port().set_promiscuous(true), IpaCode::mac_not_authorized) << "not on the list";
  EXPECT_FALSE(alice.port().promiscuous());
}

}  // namespace
}  // namespace vmlan::guestlan
