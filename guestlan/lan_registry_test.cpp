#include "guestlan/lan_registry.h"

#include <gtest/gtest.h>

#include "guestlan/nic.h"

namespace vmlan::guestlan {
namespace {

LanAttributes lan_of(std::string owner, std::string name) {
  LanAttributes result;
  result.owner = std::move(owner);
  result.name = std::move(name);
  return result;
}

NicSettings nic_of(std::string owner) {
  NicSettings settings;
  settings.owner = std::move(owner);
  settings.base_device = {0x600};
  return settings;
}

TEST(Lans, AreKnownByOwnerAndName) {
  LanRegistry vmlan;
  EXPECT_EQ(vmlan.create(lan_of("SYSTEM", "LAN1")), LanRegistry::CreateResult::created);
  EXPECT_EQ(vmlan.create(lan_of("ALICE", "LAN1")), LanRegistry::CreateResult::created);
  EXPECT_EQ(vmlan.create(lan_of("ALICE", "LAN1")), LanRegistry::CreateResult::exists);
  auto other = lan_of("ALICE", "LAN1");
  other.restricted = true;
  EXPECT_EQ(vmlan.create(other), LanRegistry::CreateResult::exists_with_other_attributes);
  EXPECT_NE(vmlan.find("ALICE", "LAN1"), vmlan.find("SYSTEM", "LAN1"));
  EXPECT_EQ(vmlan.find("BOB", "LAN1"), nullptr);
}

TEST(Lans, LimitsCountPersistentAndTransientApart) {
  LanRegistry vmlan;
  vmlan.limits.transient = 1;
  EXPECT_EQ(vmlan.create(lan_of("ALICE", "A")), LanRegistry::CreateResult::created);
  EXPECT_EQ(vmlan.create(lan_of("BOB", "B")), LanRegistry::CreateResult::limit_reached);
  EXPECT_EQ(vmlan.create(lan_of("SYSTEM", "C")), LanRegistry::CreateResult::created);
  EXPECT_EQ(vmlan.count(true), 1U);
  EXPECT_EQ(vmlan.count(false), 1U);
}

TEST(Lans, ATransientLanEndsWithItsOwner) {
  LanRegistry vmlan;
  vmlan.create(lan_of("ALICE", "A"));
  vmlan.create(lan_of("SYSTEM", "S"));
  EXPECT_EQ(vmlan.owner_logged_off("ALICE"), std::vector<std::string>{"A"});
  EXPECT_EQ(vmlan.find("ALICE", "A"), nullptr);
  EXPECT_TRUE(vmlan.owner_logged_off("SYSTEM").empty());
  EXPECT_NE(vmlan.find("SYSTEM", "S"), nullptr);
}

TEST(Lans, AnOrphanEndsWithItsLastNic) {
  LanRegistry vmlan;
  vmlan.create(lan_of("ALICE", "A"));
  Lan* lan = vmlan.find("ALICE", "A");
  Nic nic(nic_of("BOB"));
  ASSERT_EQ(nic.couple(*lan, false), CoupleResult::coupled);
  EXPECT_TRUE(vmlan.owner_logged_off("ALICE").empty());
  EXPECT_TRUE(lan->orphaned);
  EXPECT_FALSE(vmlan.nic_left(*lan)) << "still coupled";
  nic.uncouple();
  EXPECT_TRUE(vmlan.nic_left(*lan));
  EXPECT_EQ(vmlan.find("ALICE", "A"), nullptr);
}

TEST(Lans, AReturningOwnerAdoptsTheOrphan) {
  LanRegistry vmlan;
  vmlan.create(lan_of("ALICE", "A"));
  Lan* lan = vmlan.find("ALICE", "A");
  Nic nic(nic_of("BOB"));
  nic.couple(*lan, false);
  vmlan.owner_logged_off("ALICE");
  vmlan.owner_logged_on("ALICE");
  nic.uncouple();
  EXPECT_FALSE(vmlan.nic_left(*lan));
  EXPECT_EQ(vmlan.find("ALICE", "A"), lan);
}

TEST(Lans, DestroyUncouplesFirst) {
  LanRegistry vmlan;
  vmlan.create(lan_of("SYSTEM", "S"));
  Nic nic(nic_of("BOB"));
  nic.couple(*vmlan.find("SYSTEM", "S"), false);
  EXPECT_TRUE(vmlan.destroy("SYSTEM", "S"));
  EXPECT_EQ(nic.lan(), nullptr);
  EXPECT_FALSE(vmlan.destroy("SYSTEM", "S"));
}

TEST(Lans, MacsComeInOrderFromThePrefix) {
  LanRegistry vmlan;
  vmlan.mac_prefix = 0x020102;
  EXPECT_EQ(wire::to_string(vmlan.assign_mac()), "02-01-02-00-00-01");
  EXPECT_EQ(wire::to_string(vmlan.assign_mac()), "02-01-02-00-00-02");
  EXPECT_EQ(wire::to_string(vmlan.mac_with_id(0x0e4e8e)), "02-00-00-0E-4E-8E");
}

TEST(Coupling, FollowsTypeAccessListAndMaxconn) {
  LanRegistry vmlan;
  auto restricted = lan_of("SYSTEM", "R");
  restricted.restricted = true;
  restricted.max_connections = 1;
  vmlan.create(restricted);
  Lan& lan = *vmlan.find("SYSTEM", "R");
  Nic bob(nic_of("BOB"));
  EXPECT_EQ(bob.couple(lan, false), CoupleResult::not_authorized);
  lan.grant("BOB", {});
  EXPECT_EQ(bob.couple(lan, false), CoupleResult::coupled);
  EXPECT_EQ(bob.couple(lan, false), CoupleResult::already_coupled);
  Nic alice(nic_of("ALICE"));
  EXPECT_EQ(alice.couple(lan, true), CoupleResult::lan_full);
  bob.uncouple();
  EXPECT_EQ(alice.couple(lan, true), CoupleResult::coupled) << "somebody vouched";
  auto settings = nic_of("CAROL");
  settings.kind = qdio::AdapterKind::iqd;
  Nic hipers(settings);
  EXPECT_EQ(hipers.couple(lan, true), CoupleResult::wrong_type);
}

}  // namespace
}  // namespace vmlan::guestlan
