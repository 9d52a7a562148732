#include "guestlan/ip_table.h"

#include <gtest/gtest.h>

#include <map>

#include "arch/clock.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {
namespace {

using wire::IpAddress;
using Added = IpTable::Added;

class Table : public ::testing::Test {
 protected:
  Nic nic{NicSettings{}};
  DataPort alice{nic, 2};
  DataPort bob{nic, 2};
  IpTable table;
};

TEST_F(Table, AnAddressLeadsToItsPort) {
  EXPECT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 32, alice), Added::yes);
  EXPECT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 2), 32, bob), Added::yes);
  const IpEntry* entry = table.find(IpAddress::v4(10, 0, 0, 2));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->type, EntryType::unicast);
  EXPECT_EQ(entry->port, &bob);
  EXPECT_EQ(table.find(IpAddress::v4(10, 0, 0, 3)), nullptr);
}

TEST_F(Table, AnAddressHasOneOwner) {
  table.add_unicast(IpAddress::v4(10, 0, 0, 1), 32, alice);
  EXPECT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 32, bob), Added::taken);
  EXPECT_EQ(table.add_unicast(IpAddress::v4(10, 0, 0, 1), 32, alice), Added::already_mine);
  EXPECT_FALSE(table.remove_unicast(IpAddress::v4(10, 0, 0, 1), bob));
  EXPECT_TRUE(table.remove_unicast(IpAddress::v4(10, 0, 0, 1), alice));
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(Table, ASubnetsBroadcastAddressLivesAsLongAsItsLastHost) {
  const auto broadcast = IpAddress::v4(10, 0, 0, 255);
  table.add_unicast(IpAddress::v4(10, 0, 0, 1), 24, alice);
  table.add_unicast(IpAddress::v4(10, 0, 0, 2), 24, bob);
  ASSERT_NE(table.find(broadcast), nullptr);
  EXPECT_EQ(table.find(broadcast)->type, EntryType::broadcast);
  table.remove_unicast(IpAddress::v4(10, 0, 0, 1), alice);
  EXPECT_NE(table.find(broadcast), nullptr);
  table.remove_unicast(IpAddress::v4(10, 0, 0, 2), bob);
  EXPECT_EQ(table.find(broadcast), nullptr);
}

TEST_F(Table, HostRoutesAndPointToPointLinksHaveNoBroadcast) {
  table.add_unicast(IpAddress::v4(10, 0, 0, 1), 32, alice);
  table.add_unicast(IpAddress::v4(10, 0, 0, 2), 31, alice);
  EXPECT_EQ(table.size(), 2U);
}

TEST_F(Table, AGroupHasManyMembersOnceEach) {
  const auto group = IpAddress::v4(224, 0, 0, 5);
  EXPECT_EQ(table.add_multicast(group, alice), Added::yes);
  EXPECT_EQ(table.add_multicast(group, bob), Added::yes);
  EXPECT_EQ(table.add_multicast(group, bob), Added::already_mine);
  EXPECT_EQ(table.find(group)->group->members, (PortList{&alice, &bob}));
  EXPECT_TRUE(table.remove_multicast(group, alice));
  EXPECT_FALSE(table.remove_multicast(group, alice));
  EXPECT_TRUE(table.remove_multicast(group, bob));
  EXPECT_EQ(table.find(group), nullptr);
}

TEST_F(Table, ThereIsOnePrimaryRouterPerVersion) {
  using qdio::IpaCode;
  using qdio::RouterType;
  using wire::IpVersion;
  EXPECT_EQ(table.set_router(IpVersion::v4, RouterType::primary, alice), IpaCode::success);
  EXPECT_EQ(table.set_router(IpVersion::v4, RouterType::primary, bob), IpaCode::primary_exists);
  EXPECT_EQ(table.set_router(IpVersion::v6, RouterType::primary, bob), IpaCode::success);
  EXPECT_EQ(table.set_router(IpVersion::v4, RouterType::secondary, bob), IpaCode::success);
  EXPECT_EQ(table.set_router(IpVersion::v4, RouterType::secondary, alice), IpaCode::secondary_exists);
  EXPECT_EQ(table.primary_router(IpVersion::v4), &alice);
  EXPECT_EQ(table.set_router(IpVersion::v4, static_cast<RouterType>(9), bob),
            IpaCode::invalid_routing_indicator);
  EXPECT_EQ(table.set_router(IpVersion::v4, RouterType::none, alice), IpaCode::success);
  EXPECT_EQ(table.primary_router(IpVersion::v4), nullptr);
  table.remove_router(bob);
  EXPECT_EQ(table.secondary_router(IpVersion::v4), nullptr);
  EXPECT_EQ(table.primary_router(IpVersion::v6), nullptr);
}

// 40,000 random changes over few addresses, so that chains form, close and wrap, against std::map.
TEST_F(Table, AgreesWithAMapUnderRandomChanges) {
  arch::Prng random(20021);
  std::map<IpAddress, Port*> model;
  for (unsigned step = 0; step < 40'000; ++step) {
    const auto address = IpAddress::v4(10, 0, static_cast<std::uint8_t>(random.below(2)),
                                       static_cast<std::uint8_t>(random.below(200)));
    Port& port = random.below(2) == 0 ? alice : bob;
    if (random.below(2) == 0) {
      const auto expected = !model.contains(address)     ? Added::yes
                            : model.at(address) == &port ? Added::already_mine
                                                         : Added::taken;
      ASSERT_EQ(table.add_unicast(address, 32, port), expected);
      model.try_emplace(address, &port);
    } else {
      const bool mine = model.contains(address) && model.at(address) == &port;
      ASSERT_EQ(table.remove_unicast(address, port), mine);
      if (mine) model.erase(address);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  const auto entries = table.entries();
  ASSERT_EQ(entries.size(), model.size());
  auto expected = model.begin();
  for (const IpEntry* entry : entries) {
    EXPECT_EQ(entry->address, expected->first);
    EXPECT_EQ(table.find(entry->address)->port, expected->second);
    ++expected;
  }
}

}  // namespace
}  // namespace vmlan::guestlan
