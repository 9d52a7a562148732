// A LAN with rules: who gets a frame, in which form, and under which name nobody does.
#include <gtest/gtest.h>

#include "guestlan/test_switch.h"

namespace vmlan::guestlan {
namespace {

TEST(SwitchedLan, TagsComeAndGoAtItsPorts) {
  Switch lan(vlans(), 3);
  lan.guests[0]->nic.set_port_rules(access(10));
  lan.guests[1]->nic.set_port_rules(trunk(1, {1, 10, 20}));
  lan.guests[2]->nic.set_port_rules(access(10));
  lan.guests[0]->send(handed_over(ethernet(everybody, lan.mac(0), 0)));
  EXPECT_EQ(lan.received(2), only(ethernet(everybody, lan.mac(0), 0)));
  auto tagged = ethernet(everybody, lan.mac(0), 10);
  tagged[14] = std::byte{0};  // nobody gave it a priority
  EXPECT_EQ(lan.received(1), only(tagged));
  EXPECT_EQ(lan.uplink.got, only(tagged));
  lan.guests[1]->send(handed_over(ethernet(lan.mac(0), lan.mac(1), 10)));
  EXPECT_EQ(lan.received(0), only(ethernet(lan.mac(0), lan.mac(1), 0)));
}

TEST(SwitchedLan, APortWithoutRulesIsInNoVlan) {
  Switch lan(vlans(), 2);
  lan.guests[0]->nic.set_port_rules(access(10));
  lan.guests[1]->send(handed_over(ethernet(lan.mac(0), lan.mac(1), 0)));
  EXPECT_EQ(lan.dropped(1, Drop::vlan_not_authorized), 1U);
  lan.guests[0]->send(handed_over(ethernet(lan.mac(1), lan.mac(0), 0)));
  EXPECT_EQ(lan.dropped(0, Drop::vlan_not_authorized), 1U);
  EXPECT_TRUE(lan.received(0).empty());
  EXPECT_TRUE(lan.received(1).empty());
}

TEST(SwitchedLan, IsolatedGuestsReachTheUplinkOnly) {
  LanRules rules;
  rules.isolation = true;
  Switch lan(rules, 2);
  lan.guests[0]->send(handed_over(ethernet(lan.mac(1), lan.mac(0), 0)));
  EXPECT_EQ(lan.dropped(0, Drop::isolated), 1U);
  lan.guests[0]->send(handed_over(ethernet(everybody, lan.mac(0), 0)));
  lan.guests[0]->send(handed_over(ethernet(nobody, lan.mac(0), 0)));
  EXPECT_EQ(lan.uplink.got.size(), 2U);
  EXPECT_TRUE(lan.received(1).empty());
}

TEST(SwitchedLan, VepaSendsToTheSwitchBeyondAndTakesBackWhatIsForOthers) {
  LanRules rules;
  rules.vepa = true;
  Switch lan(rules, 2);
  const auto frame = ethernet(lan.mac(1), lan.mac(0), 0);
  lan.guests[0]->send(handed_over(frame));
  ASSERT_EQ(lan.uplink.got, only(frame));
  EXPECT_TRUE(lan.received(1).empty());
  qdio::Frame back;
  const auto reflected = ethernet(everybody, lan.mac(0), 0);
  back.layer2 = wire::Layer2Header{};
  back.layer2.length = static_cast<std::uint16_t>(reflected.size());
  back.length = static_cast<std::uint32_t>(reflected.size());
  back.segments = 1;
  back.segment[0] = {reflected.data(), back.length};
  lan.uplink.transmit(back);
  lan.lan.publish();
  EXPECT_EQ(lan.received(1), only(reflected));
  EXPECT_TRUE(lan.received(0).empty());
}

TEST(SwitchedLan, WithMacProtectionAnothersSourceIsStoppedAndCounted) {
  LanRules rules;
  rules.mac_protect = MacProtection::on;
  Switch lan(rules, 2);
  lan.guests[0]->send(handed_over(ethernet(lan.mac(1), nobody, 0)));
  EXPECT_EQ(lan.dropped(0, Drop::source_not_its_own), 1U);
  EXPECT_TRUE(lan.received(1).empty());
  lan.guests[0]->send(handed_over(ethernet(lan.mac(1), lan.mac(0), 0)));
  EXPECT_EQ(lan.received(1).size(), 1U);
  EXPECT_EQ(lan.guests[0]->port().set_mac(nobody), IpaCode::mac_not_authorized);
  lan.lan.set_rules({});
  EXPECT_EQ(lan.guests[0]->port().set_mac(nobody), IpaCode::success);
  lan.guests[0]->send(handed_over(ethernet(lan.mac(1), nobody, 0)));
  EXPECT_EQ(lan.received(1).size(), 1U);
}

TEST(SwitchedLan, AFrameWithoutAWholeHeaderGetsNoTag) {
  Switch lan(vlans(), 2);
  lan.guests[0]->nic.set_port_rules(access(10));
  lan.guests[1]->nic.set_port_rules(trunk(0, {10}));
  for (std::size_t length = 1; length < 14; ++length) {
    auto frame = ethernet(lan.mac(1), lan.mac(0), 0);
    frame.resize(length);
    lan.guests[0]->send(handed_over(frame));
    EXPECT_EQ(lan.dropped(0, Drop::malformed), length);
    EXPECT_TRUE(lan.received(1).empty()) << length;
  }
}

// The shortest that has a tag, and the shortest that can get one.
TEST(SwitchedLan, TagsOfFramesThatAreNothingButAHeaderComeAndGo) {
  Switch lan(vlans(), 2);
  lan.guests[0]->nic.set_port_rules(trunk(1, {1, 10}));
  lan.guests[1]->nic.set_port_rules(access(10));
  auto tagged = ethernet(lan.mac(1), lan.mac(0), 10);
  tagged.resize(18);
  auto untagged = ethernet(lan.mac(1), lan.mac(0), 0);
  untagged.resize(14);
  lan.guests[0]->send(handed_over(tagged));
  EXPECT_EQ(lan.received(1), only(untagged));
  auto back = ethernet(lan.mac(0), lan.mac(1), 0);
  back.resize(14);
  lan.guests[1]->send(handed_over(back));
  auto expected = ethernet(lan.mac(0), lan.mac(1), 10);
  expected.resize(18);
  expected[14] = std::byte{0};
  EXPECT_EQ(lan.received(0), only(expected));
}

TEST(SwitchedLan, ANicsOwnWordOnProtectionCountsMoreThanItsLans) {
  Switch lan({}, 2);
  const auto forge = [&] { lan.guests[0]->send(handed_over(ethernet(lan.mac(1), nobody, 0))); };
  Nic& forger = lan.guests[0]->nic;
  forge();
  EXPECT_EQ(lan.received(1).size(), 1U);
  forger.set_mac_protection(MacProtection::on);
  forge();
  EXPECT_EQ(lan.dropped(0, Drop::source_not_its_own), 1U) << "on a LAN without rules";
  lan.lan.set_rules({.mac_protect = MacProtection::on});
  forger.set_mac_protection(MacProtection::off);
  forge();
  EXPECT_EQ(lan.received(1).size(), 1U);
  forger.set_mac_protection(MacProtection::unspecified);
  forge();
  EXPECT_EQ(lan.dropped(0, Drop::source_not_its_own), 2U);
  forger.set_mac_protection(MacProtection::on);
  lan.lan.set_rules({});
  forger.uncouple();
  lan.guests[1]->send(handed_over(ethernet(everybody, nobody, 0)));
  EXPECT_EQ(lan.dropped(1, Drop::source_not_its_own), 0U) << "it took its protection with it";
}

TEST(SwitchedLan, WithMacProtectionDatagramsAreTheirSendersWhereverTheyLie) {
  Lan lan(kit::attributes(Transport::ip));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  LanRules rules;
  rules.mac_protect = MacProtection::on;
  lan.set_rules(rules);
  for (const bool passthru : {false, true}) {
    kit::Sending sending;
    sending.shape = {.ethernet = passthru, .vlan = false, .version = 6, .tcp = false};
    auto packet = kit::as_sent(sending, kit::payload_of(100));
    alice.send(packet);
    EXPECT_EQ(bob.receive().size(), 1U) << passthru;
    packet[32 + (passthru ? 14 : 0) + 8 + 15] = std::byte{0x77};
    alice.send(packet);
    EXPECT_TRUE(bob.receive().empty()) << passthru;
  }
  EXPECT_EQ(kit::drops(alice.counters(), Drop::source_not_its_own), 2U);
}

TEST(SwitchedLan, ASuperFrameGetsItsTagAndIsCutWithIt) {
  Switch lan(vlans(), 2);
  lan.guests[0]->nic.set_port_rules(access(10));
  lan.guests[1]->nic.set_port_rules(trunk(0, {10}));
  kit::Sending sending;
  sending.shape = {.ethernet = true, .vlan = false, .version = 4, .tcp = true};
  sending.left = kit::Left::segmentation;
  sending.layer2 = true;
  auto sent = kit::as_sent(sending, kit::payload_of(20000));
  std::memcpy(sent.data() + 64, lan.mac(1).bytes.data(), 6);
  lan.guests[0]->send(sent);
  const auto got = lan.guests[1]->receive();
  ASSERT_EQ(got.size(), 14U);
  auto shape = sending.shape;
  shape.vlan = true;
  for (const auto& packet : got) {
    EXPECT_EQ(kit::flaw_of(shape, packet.packet), "");
    EXPECT_EQ(packet.packet[15], std::byte{10});
  }
}

TEST(PortBasedSwitch, WhoIsOnNoPortNeitherSendsNorGets) {
  LanRules rules;
  rules.port_based = true;
  Switch lan(rules, 2);
  lan.guests[0]->nic.set_port_rules(PortRules{});
  for (const auto& to : {lan.mac(1), everybody})
    lan.guests[0]->send(handed_over(ethernet(to, lan.mac(0), 0)));
  lan.guests[1]->send(handed_over(ethernet(lan.mac(0), lan.mac(1), 0)));
  EXPECT_TRUE(lan.received(0).empty());
  EXPECT_TRUE(lan.received(1).empty());
  EXPECT_EQ(lan.uplink.got.size(), 1U) << "the broadcast";
  EXPECT_EQ(lan.dropped(0, Drop::no_switch_port), 1U);
  EXPECT_EQ(lan.dropped(1, Drop::no_switch_port), 1U);
  lan.guests[1]->nic.set_port_rules(PortRules{});
  lan.guests[1]->send(handed_over(ethernet(lan.mac(0), lan.mac(1), 0)));
  EXPECT_EQ(lan.received(0).size(), 1U);
}

}  // namespace
}  // namespace vmlan::guestlan
