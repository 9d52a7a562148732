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

TEST(Lans, AnotherAttributeIsAnotherLan) {
  LanRegistry vmlan;
  vmlan.limits.transient = 1;
  ASSERT_EQ(vmlan.create(lan_of("ALICE", "A")), LanRegistry::CreateResult::created);
  const auto with = [&](auto change) {
    auto attributes = lan_of("ALICE", "A");
    change(attributes);
    return vmlan.create(attributes);
  };
  using Result = LanRegistry::CreateResult;
  constexpr auto other = Result::exists_with_other_attributes;
  EXPECT_EQ(with([](auto&) {}), Result::exists) << "that is no question of room";
  EXPECT_EQ(with([](auto& lan) { lan.made_by_guest = true; }), Result::exists);
  EXPECT_EQ(with([](auto& lan) { lan.type = LanType::hipers; }), other);
  EXPECT_EQ(with([](auto& lan) { lan.transport = qdio::Transport::ethernet; }), other);
  EXPECT_EQ(with([](auto& lan) { lan.max_frame_size = 24576; }), other);
  EXPECT_EQ(with([](auto& lan) { lan.max_connections = 7; }), other);
  EXPECT_EQ(with([](auto& lan) { lan.restricted = true; }), other);
  EXPECT_EQ(with([](auto& lan) { lan.accounting = true; }), other);
  EXPECT_EQ(vmlan.all().size(), 1U);
}

TEST(Lans, ALimitIsTheNumberOfLans) {
  for (const unsigned limit : {0U, 1U, 2U}) {
    LanRegistry vmlan;
    vmlan.limits.persistent = limit;
    for (unsigned number = 0; number < 4; ++number) {
      EXPECT_EQ(
          vmlan.create(lan_of("SYSTEM", "S" + std::to_string(number))),
          number < limit ? LanRegistry::CreateResult::created : LanRegistry::CreateResult::limit_reached);
      EXPECT_EQ(vmlan.create(lan_of("ALICE", "A" + std::to_string(number))),
                LanRegistry::CreateResult::created);
    }
    EXPECT_EQ(vmlan.count(true), limit);
    EXPECT_EQ(vmlan.count(false), 4U);
  }
}

TEST(Lans, AreListedByOwnerAndName) {
  LanRegistry vmlan;
  EXPECT_TRUE(vmlan.all().empty());
  for (const auto& [owner, name] : {std::pair{"SYSTEM", "B"}, {"ALICE", "Z"}, {"SYSTEM", "A"}})
    vmlan.create(lan_of(owner, name));
  EXPECT_EQ(vmlan.all(), (std::vector<Lan*>{vmlan.find("ALICE", "Z"), vmlan.find("SYSTEM", "A"),
                                            vmlan.find("SYSTEM", "B")}));
}

TEST(Lans, ALogoffEndsOrOrphansTheOwnersLansOnly) {
  LanRegistry vmlan;
  for (const auto& [owner, name] :
       {std::pair{"ALICE", "A1"}, {"ALICE", "A2"}, {"ALICE", "A3"}, {"BOB", "B1"}})
    vmlan.create(lan_of(owner, name));
  Nic nic(nic_of("BOB"));
  ASSERT_EQ(nic.couple(*vmlan.find("ALICE", "A2"), false), CoupleResult::coupled);
  EXPECT_EQ(vmlan.owner_logged_off("ALICE"), (std::vector<std::string>{"A1", "A3"}));
  ASSERT_EQ(vmlan.all().size(), 2U);
  EXPECT_TRUE(vmlan.find("ALICE", "A2")->orphaned);
  EXPECT_FALSE(vmlan.find("BOB", "B1")->orphaned);
  vmlan.owner_logged_on("BOB");
  EXPECT_TRUE(vmlan.find("ALICE", "A2")->orphaned) << "somebody else's logon";
  vmlan.owner_logged_on("ALICE");
  EXPECT_FALSE(vmlan.find("ALICE", "A2")->orphaned);
  nic.uncouple();
}

TEST(Lans, SystemsLansAreNeverOrphans) {
  LanRegistry vmlan;
  vmlan.create(lan_of("SYSTEM", "S"));
  Nic nic(nic_of("BOB"));
  ASSERT_EQ(nic.couple(*vmlan.find("SYSTEM", "S"), false), CoupleResult::coupled);
  EXPECT_TRUE(vmlan.owner_logged_off("SYSTEM").empty());
  EXPECT_FALSE(vmlan.find("SYSTEM", "S")->orphaned);
  nic.uncouple();
  EXPECT_FALSE(vmlan.nic_left(*vmlan.find("SYSTEM", "S")));
}

TEST(Lans, OneThatAGuestHasMadeGoesWithItsLastNicUnlessRestricted) {
  for (const bool restricted : {false, true}) {
    LanRegistry vmlan;
    auto attributes = lan_of("SYSTEM", "S");
    attributes.made_by_guest = true;
    vmlan.create(attributes);
    Lan& lan = *vmlan.find("SYSTEM", "S");
    Nic nic(nic_of("BOB"));
    Nic second(nic_of("CAROL"));
    ASSERT_EQ(nic.couple(lan, false), CoupleResult::coupled);
    ASSERT_EQ(second.couple(lan, false), CoupleResult::coupled);
    lan.attributes().restricted = restricted;
    nic.uncouple();
    EXPECT_FALSE(vmlan.nic_left(lan)) << "one is there yet";
    second.uncouple();
    EXPECT_EQ(vmlan.nic_left(lan), !restricted);
    EXPECT_EQ(vmlan.find("SYSTEM", "S") != nullptr, restricted);
  }
}

TEST(Lans, DestroyUncouplesEveryNicOfItAndOfNoOther) {
  LanRegistry vmlan;
  vmlan.create(lan_of("SYSTEM", "S"));
  vmlan.create(lan_of("SYSTEM", "T"));
  Nic bob(nic_of("BOB"));
  Nic carol(nic_of("CAROL"));
  Nic dave(nic_of("DAVE"));
  bob.couple(*vmlan.find("SYSTEM", "S"), false);
  carol.couple(*vmlan.find("SYSTEM", "S"), false);
  dave.couple(*vmlan.find("SYSTEM", "T"), false);
  EXPECT_FALSE(vmlan.destroy("BOB", "S"));
  EXPECT_TRUE(vmlan.destroy("SYSTEM", "S"));
  EXPECT_EQ(bob.lan(), nullptr);
  EXPECT_EQ(carol.lan(), nullptr);
  EXPECT_EQ(dave.lan(), vmlan.find("SYSTEM", "T"));
  EXPECT_EQ(vmlan.find("SYSTEM", "S"), nullptr);
  EXPECT_TRUE(vmlan.destroy("SYSTEM", "T"));
}

TEST(Lans, AVirtualSwitchHasAMacAddressOfItsOwnAndGivesItBack) {
  LanRegistry vmlan;
  vmlan.macs.system_range = {1, 2};
  const auto vswitch = [](const std::string& name) {
    auto attributes = lan_of("SYSTEM", name);
    attributes.vswitch.emplace();
    return attributes;
  };
  using Result = LanRegistry::CreateResult;
  EXPECT_EQ(vmlan.create(vswitch("S1")), Result::created);
  ASSERT_EQ(vmlan.create(vswitch("S2")), Result::created);
  EXPECT_EQ(wire::to_string(vmlan.find("SYSTEM", "S2")->attributes().vswitch->mac), "02-00-00-00-00-02");
  EXPECT_EQ(vmlan.create(vswitch("S3")), Result::no_mac);
  EXPECT_EQ(vmlan.find("SYSTEM", "S3"), nullptr);
  vmlan.destroy("SYSTEM", "S1");
  ASSERT_EQ(vmlan.create(vswitch("S3")), Result::created);
  EXPECT_EQ(wire::to_string(vmlan.find("SYSTEM", "S3")->attributes().vswitch->mac), "02-00-00-00-00-01");
}

TEST(Lans, AccountingIsTheOwnersDefaultUnlessTheDefinitionSaysIt) {
  LanRegistry vmlan;
  vmlan.accounting = {.system = true, .user = false};
  auto off = lan_of("SYSTEM", "OFF");
  off.accounting = false;
  vmlan.create(off);
  vmlan.create(lan_of("SYSTEM", "S"));
  vmlan.create(lan_of("ALICE", "A"));
  EXPECT_EQ(vmlan.find("SYSTEM", "OFF")->attributes().accounting, false);
  EXPECT_EQ(vmlan.find("SYSTEM", "S")->attributes().accounting, true);
  EXPECT_EQ(vmlan.find("ALICE", "A")->attributes().accounting, false);
}

TEST(Lans, ProtectionOfTheSystemHoldsForLansThatAreThereAndThoseToCome) {
  LanRegistry vmlan;
  vmlan.create(lan_of("SYSTEM", "S1"));
  vmlan.set_mac_protect(true);
  vmlan.create(lan_of("SYSTEM", "S2"));
  for (const auto* name : {"S1", "S2"}) {
    Lan& lan = *vmlan.find("SYSTEM", name);
    Nic nic(nic_of("BOB"));
    nic.couple(lan, false);
    EXPECT_TRUE(lan.protects(nic.port_of_data_device(2))) << name;
    lan.set_rules({.mac_protect = MacProtection::off});
    EXPECT_FALSE(lan.protects(nic.port_of_data_device(2))) << name << ": the LAN's own word";
    nic.set_mac_protection(MacProtection::on);
    EXPECT_TRUE(lan.protects(nic.port_of_data_device(2))) << name << ": the NIC's own word";
  }
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
