// The kinds of entries beside each other: addresses, groups, subnets' broadcasts, routers of either version.
#include <gtest/gtest.h>

#include "guestlan/ip_table.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {
namespace {

using qdio::IpaCode;
using qdio::RouterType;
using wire::IpAddress;
using wire::IpVersion;
using Added = IpTable::Added;

class Kinds : public ::testing::Test {
 protected:
  Nic nic{NicSettings{}};
  DataPort alice{nic, 2};
  DataPort bob{nic, 2};
  IpTable table;
};

// --- broadcasts of subnets

TEST_F(Kinds, ASubnetsBroadcastHasItsLastBitsSet) {
  struct Row {
    unsigned prefix;
    IpAddress broadcast;
  };
  const auto address = IpAddress::v4(74, 85, 42, 81);
  for (const Row& row : {Row{1, IpAddress::v4(127, 255, 255, 255)}, Row{7, IpAddress::v4(75, 255, 255, 255)},
                         Row{8, IpAddress::v4(74, 255, 255, 255)}, Row{15, IpAddress::v4(74, 85, 255, 255)},
                         Row{23, IpAddress::v4(74, 85, 43, 255)}, Row{24, IpAddress::v4(74, 85, 42, 255)},
                         Row{25, IpAddress::v4(74, 85, 42, 127)}, Row{30, IpAddress::v4(74, 85, 42, 83)}}) {
    ASSERT_EQ(table.add_unicast(address, row.prefix, alice), Added::yes);
    EXPECT_EQ(table.size(), 2U) << row.prefix;
    const IpEntry* entry = table.find(row.broadcast);
    ASSERT_NE(entry, nullptr) << row.prefix;
    EXPECT_EQ(entry->type, EntryType::broadcast);
    EXPECT_TRUE(table.remove_unicast(address, alice));
    EXPECT_EQ(table.size(), 0U) << row.prefix;
  }
  for (const unsigned prefix : {0U, 31U, 32U}) {
    ASSERT_EQ(table.add_unicast(address, prefix, alice), Added::yes);
    EXPECT_EQ(table.size(), 1U) << prefix;
    EXPECT_TRUE(table.remove_unicast(address, alice));
  }
  ASSERT_EQ(table.add_unicast(*wire::parse_ip_address("fe80::1"), 24, alice), Added::yes);
  EXPECT_EQ(table.size(), 1U) << "IPv6 has none";
}

TEST_F(Kinds, AnAddressRefusedIsNoUseOfItsSubnet) {
  const auto broadcast = IpAddress::v4(10, 0, 0, 255);
  ASSERT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 24, alice), Added::yes);
  EXPECT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 24, alice), Added::already_mine);
  EXPECT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 24, bob), Added::taken);
  EXPECT_FALSE(table.remove_unicast(IpAddress::v4(10, 0, 0, 1), bob));
  EXPECT_FALSE(table.remove_unicast(IpAddress::v4(10, 0, 0, 2), alice));
  EXPECT_FALSE(table.remove_unicast(broadcast, alice));
  ASSERT_NE(table.find(broadcast), nullptr);
  EXPECT_TRUE(table.remove_unicast(IpAddress::v4(10, 0, 0, 1), alice));
  EXPECT_EQ(table.find(broadcast), nullptr);
}

// Somebody may have registered what is a subnet's broadcast address before the subnet had a host: it stays
// theirs, and hosts that came meanwhile take nothing from those that come later.
TEST_F(Kinds, AnAddressThatWouldBeABroadcastAddressStaysItsOwners) {
  const auto broadcast = IpAddress::v4(10, 0, 0, 255);
  ASSERT_EQ(table.add_unicast(broadcast, 24, alice), Added::yes);
  ASSERT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 24, bob), Added::yes);
  EXPECT_EQ(table.find(broadcast)->type, EntryType::unicast);
  EXPECT_EQ(table.find(broadcast)->port, &alice);
  ASSERT_TRUE(table.remove_unicast(broadcast, alice));
  EXPECT_EQ(table.find(broadcast), nullptr);
  ASSERT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 2), 24, alice), Added::yes);
  ASSERT_NE(table.find(broadcast), nullptr);
  ASSERT_TRUE(table.remove_unicast(IpAddress::v4(10, 0, 0, 1), bob));
  ASSERT_NE(table.find(broadcast), nullptr) << "the other host is there yet";
  EXPECT_EQ(table.find(broadcast)->type, EntryType::broadcast);
  ASSERT_TRUE(table.remove_unicast(IpAddress::v4(10, 0, 0, 2), alice));
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(Kinds, AGroupThatWouldBeABroadcastAddressKeepsItsMembers) {
  const auto group = IpAddress::v4(224, 0, 0, 255);
  ASSERT_EQ(table.add_multicast(group, alice), Added::yes);
  for (unsigned time = 0; time < 2; ++time) {
    ASSERT_EQ(table.add_unicast(IpAddress::v4(224, 0, 0, 1), 24, bob), Added::yes);
    ASSERT_TRUE(table.remove_unicast(IpAddress::v4(224, 0, 0, 1), bob));
    ASSERT_NE(table.find(group), nullptr);
    EXPECT_EQ(table.find(group)->type, EntryType::multicast);
  }
  EXPECT_EQ(table.find(group)->group->members, (std::vector<Port*>{&alice}));
}

TEST_F(Kinds, AnAddressIsOneKindOfEntryOnly) {
  const auto unicast = IpAddress::v4(224, 0, 0, 1);
  const auto group = IpAddress::v4(224, 0, 0, 2);
  const auto broadcast = IpAddress::v4(10, 0, 0, 255);
  ASSERT_EQ(table.add_unicast(unicast, 32, alice), Added::yes);
  ASSERT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 24, alice), Added::yes);
  ASSERT_EQ(table.add_multicast(group, alice), Added::yes);
  for (Port* port : {&alice, &bob}) {
    EXPECT_EQ(table.add_multicast(unicast, *port), Added::taken);
    EXPECT_EQ(table.add_multicast(broadcast, *port), Added::taken);
    EXPECT_EQ(table.add_unicast(group, 32, *port), Added::taken);
    EXPECT_EQ(table.add_unicast(broadcast, 32, *port), Added::taken);
    EXPECT_FALSE(table.remove_multicast(unicast, *port));
    EXPECT_FALSE(table.remove_multicast(broadcast, *port));
    EXPECT_FALSE(table.remove_unicast(group, *port));
    EXPECT_FALSE(table.remove_unicast(broadcast, *port));
  }
  EXPECT_FALSE(table.remove_multicast(group, bob)) << "no member";
  EXPECT_FALSE(table.remove_multicast(IpAddress::v4(224, 0, 0, 9), bob)) << "no group";
  EXPECT_EQ(table.size(), 4U);
  std::vector<EntryType> types;
  for (const IpEntry* entry : table.entries()) types.push_back(entry->type);
  EXPECT_EQ(types, (std::vector<EntryType>{EntryType::unicast, EntryType::broadcast, EntryType::unicast,
                                           EntryType::multicast}))
      << "by address: 10.0.0.1, 10.0.0.255, 224.0.0.1, 224.0.0.2";
}

// --- routers

TEST_F(Kinds, APortHasOneRoleOfARouterPerVersion) {
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    const IpVersion other = version == IpVersion::v4 ? IpVersion::v6 : IpVersion::v4;
    for (unsigned round = 0; round < 2; ++round) {
      for (const RouterType type :
           {RouterType::primary, RouterType::multicast, RouterType::secondary, RouterType::primary_connector,
            RouterType::primary, RouterType::secondary_connector, RouterType::multicast,
            RouterType::multicast, RouterType::none}) {
        ASSERT_EQ(table.set_router(version, type, alice), IpaCode::success);
        const bool primary = type == RouterType::primary || type == RouterType::primary_connector;
        const bool secondary = type == RouterType::secondary || type == RouterType::secondary_connector;
        EXPECT_EQ(table.primary_router(version), primary ? &alice : nullptr);
        EXPECT_EQ(table.secondary_router(version), secondary ? &alice : nullptr);
        EXPECT_EQ(table.multicast_routers(version).size(), type == RouterType::multicast ? 1U : 0U);
        EXPECT_EQ(table.primary_router(other), nullptr);
        EXPECT_EQ(table.secondary_router(other), nullptr);
        EXPECT_TRUE(table.multicast_routers(other).empty());
      }
    }
  }
}

TEST_F(Kinds, ARoleThatIsTakenIsRefusedAndTheOldOneKept) {
  struct Row {
    RouterType taken;
    std::vector<RouterType> refused;
    IpaCode code;
  };
  for (const Row& row :
       {Row{RouterType::primary,
            {RouterType::primary, RouterType::primary_connector},
            IpaCode::primary_exists},
        Row{RouterType::primary_connector, {RouterType::primary}, IpaCode::primary_exists},
        Row{RouterType::secondary,
            {RouterType::secondary, RouterType::secondary_connector},
            IpaCode::secondary_exists},
        Row{RouterType::secondary_connector, {RouterType::secondary}, IpaCode::secondary_exists}}) {
    ASSERT_EQ(table.set_router(IpVersion::v4, row.taken, alice), IpaCode::success);
    ASSERT_EQ(table.set_router(IpVersion::v4, row.taken, alice), IpaCode::success) << "its own, again";
    ASSERT_EQ(table.set_router(IpVersion::v4, RouterType::multicast, bob), IpaCode::success);
    for (const RouterType type : row.refused) EXPECT_EQ(table.set_router(IpVersion::v4, type, bob), row.code);
    EXPECT_EQ(table.multicast_routers(IpVersion::v4), (std::vector<Port*>{&bob}));
    EXPECT_EQ(table.set_router(IpVersion::v4, static_cast<RouterType>(6), bob),
              IpaCode::invalid_routing_indicator);
    EXPECT_EQ(table.multicast_routers(IpVersion::v4), (std::vector<Port*>{&bob}));
    table.remove_router(bob);
    EXPECT_TRUE(table.multicast_routers(IpVersion::v4).empty());
    EXPECT_TRUE(table.primary_router(IpVersion::v4) == &alice ||
                table.secondary_router(IpVersion::v4) == &alice)
        << "the other's role is not touched";
    table.remove_router(alice);
    EXPECT_EQ(table.primary_router(IpVersion::v4), nullptr);
    EXPECT_EQ(table.secondary_router(IpVersion::v4), nullptr);
  }
}

}  // namespace
}  // namespace vmlan::guestlan
