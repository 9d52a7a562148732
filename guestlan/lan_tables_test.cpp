// A LAN's own lists and tables: MAC addresses, who may, who is on it, and when it tells.
#include <gtest/gtest.h>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/recording_sink.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using wire::MacAddress;

constexpr MacAddress one_mac{{2, 0, 0, 0, 0, 0x11}};
constexpr MacAddress other_mac{{2, 0, 0, 0, 0, 0x12}};
constexpr MacAddress group_mac{{1, 0, 0x5e, 0, 0, 0x11}};

using LanTables = ThreeLanUsers;

TEST_F(LanTables, AUnicastMacIsOnePorts) {
  EXPECT_EQ(lan.find_mac(one_mac), nullptr);
  EXPECT_TRUE(lan.add_mac(one_mac, alice.port()));
  EXPECT_FALSE(lan.add_mac(one_mac, bob.port()));
  EXPECT_FALSE(lan.add_mac(one_mac, alice.port()));
  ASSERT_NE(lan.find_mac(one_mac), nullptr);
  EXPECT_EQ(*lan.find_mac(one_mac), (PortList{&alice.port()}));
  EXPECT_EQ(lan.find_mac(other_mac), nullptr);
}

TEST_F(LanTables, AGroupMacIsForAsManyAsAsk) {
  EXPECT_TRUE(lan.add_mac(group_mac, alice.port()));
  EXPECT_TRUE(lan.add_mac(group_mac, bob.port()));
  EXPECT_EQ(*lan.find_mac(group_mac), (PortList{&alice.port(), &bob.port()}));
  EXPECT_FALSE(lan.remove_mac(group_mac, carol.port())) << "not a member";
  EXPECT_TRUE(lan.remove_mac(group_mac, alice.port()));
  EXPECT_FALSE(lan.remove_mac(group_mac, alice.port()));
  EXPECT_EQ(*lan.find_mac(group_mac), (PortList{&bob.port()}));
  EXPECT_TRUE(lan.remove_mac(group_mac, bob.port()));
  EXPECT_EQ(lan.find_mac(group_mac), nullptr);
}

TEST_F(LanTables, AMacIsTakenAwayByItsOwnerOnly) {
  EXPECT_FALSE(lan.remove_mac(one_mac, alice.port())) << "nobody has it";
  ASSERT_TRUE(lan.add_mac(one_mac, alice.port()));
  EXPECT_FALSE(lan.remove_mac(one_mac, bob.port()));
  EXPECT_FALSE(lan.remove_mac(other_mac, alice.port()));
  ASSERT_NE(lan.find_mac(one_mac), nullptr);
  EXPECT_TRUE(lan.remove_mac(one_mac, alice.port()));
  EXPECT_EQ(lan.find_mac(one_mac), nullptr);
  EXPECT_TRUE(lan.add_mac(one_mac, bob.port())) << "free again";
}

// --- who may

TEST(AccessList, IsAskedOnARestrictedLanOnly) {
  LanAttributes attributes = lan_attributes();
  attributes.owner = "ALICE";
  Lan open(attributes);
  EXPECT_TRUE(open.authorizes("BOB"));
  attributes.restricted = true;
  Lan lan(attributes);
  EXPECT_TRUE(lan.authorizes("ALICE")) << "its owner";
  EXPECT_FALSE(lan.authorizes("BOB"));
  lan.grant("BOB", {});
  EXPECT_TRUE(lan.authorizes("BOB"));
  EXPECT_FALSE(lan.authorizes("CAROL"));
  EXPECT_EQ(lan.access_list().size(), 1U);
  EXPECT_FALSE(lan.revoke("CAROL"));
  EXPECT_TRUE(lan.authorizes("BOB"));
  EXPECT_TRUE(lan.revoke("BOB"));
  EXPECT_FALSE(lan.authorizes("BOB"));
  EXPECT_TRUE(lan.access_list().empty());
}

TEST(AccessList, KeepsWhatWasGrantedLast) {
  Lan lan(lan_attributes());
  lan.grant("BOB", {});
  EXPECT_NE(lan.access_list().at("BOB").promiscuous, true) << "no more than was asked";
  lan.grant("BOB", {.promiscuous = true});
  EXPECT_EQ(lan.access_list().at("BOB").promiscuous, true);
  EXPECT_EQ(lan.access_list().size(), 1U);
}

TEST_F(LanTables, AGrantOfPromiscuityEndsNobodysListening) {
  lan.grant("BOB", {.promiscuous = true});
  ASSERT_EQ(bob.port().set_promiscuous(true), qdio::IpaCode::success);
  lan.grant("BOB", {.promiscuous = true});
  EXPECT_TRUE(bob.port().promiscuous());
  lan.grant("CAROL", {.promiscuous = true});
  ASSERT_EQ(carol.port().set_promiscuous(true), qdio::IpaCode::success);
  EXPECT_TRUE(lan.revoke("BOB"));
  EXPECT_FALSE(bob.port().promiscuous());
  EXPECT_TRUE(carol.port().promiscuous());
  EXPECT_EQ(lan.promiscuous_ports(), (PortList{&carol.port()}));
}

TEST_F(LanTables, WhoAsksTwiceToListenListensOnce) {
  lan.grant("CAROL", {.promiscuous = true});
  ASSERT_EQ(carol.port().set_promiscuous(true), qdio::IpaCode::success);
  ASSERT_EQ(carol.port().set_promiscuous(true), qdio::IpaCode::success);
  alice.send(bob_ip);
  EXPECT_EQ(carol.port().counters().rx_packets, 1U);
  ASSERT_EQ(carol.port().set_promiscuous(false), qdio::IpaCode::success);
  EXPECT_TRUE(lan.promiscuous_ports().empty());
}

// --- defaults

TEST(LanDefaults, AreThoseOfDefineLan) {
  const LanAttributes attributes;
  EXPECT_EQ(attributes.type, LanType::qdio);
  EXPECT_EQ(attributes.transport, qdio::Transport::ip);
  EXPECT_EQ(attributes.max_frame_size, 16384U);
  EXPECT_FALSE(attributes.max_connections.has_value()) << "INFINITE";
  EXPECT_FALSE(attributes.restricted);
  EXPECT_FALSE(attributes.accounting);
  EXPECT_FALSE(attributes.made_by_guest);
  EXPECT_FALSE(attributes.persistent());
  EXPECT_TRUE(lan_attributes().persistent()) << "SYSTEM's";
  const Lan lan(attributes);
  EXPECT_FALSE(lan.orphaned);
  EXPECT_TRUE(lan.nics().empty());
  EXPECT_TRUE(lan.access_list().empty());
}

// --- who is on it

TEST_F(LanTables, BroadcastPortsAreTheActiveOnesThatWantThem) {
  EXPECT_TRUE(lan.broadcast_ports().empty());
  carol.port().enable_broadcast(true);
  alice.port().enable_broadcast(true);
  alice.port().enable_broadcast(true);
  EXPECT_EQ(lan.broadcast_ports(), (PortList{&carol.port(), &alice.port()})) << "wanted twice is on it once";
  ASSERT_EQ(carol.port().stop_lan(), qdio::IpaCode::success);
  EXPECT_EQ(lan.broadcast_ports(), (PortList{&alice.port()}));
  ASSERT_EQ(carol.port().start_lan(), qdio::IpaCode::success);
  EXPECT_EQ(lan.broadcast_ports(), (PortList{&alice.port(), &carol.port()})) << "as it was before";
  alice.port().enable_broadcast(false);
  carol.nic.uncouple();
  EXPECT_TRUE(lan.broadcast_ports().empty());
}

TEST_F(LanTables, NicsAndActivePortsAreInTheOrderInWhichTheyCame) {
  EXPECT_EQ(lan.nics(), (std::vector<Nic*>{&alice.nic, &bob.nic, &carol.nic}));
  EXPECT_EQ(lan.active_ports(), (PortList{&alice.port(), &bob.port(), &carol.port()}));
  bob.nic.uncouple();
  EXPECT_EQ(lan.nics(), (std::vector<Nic*>{&alice.nic, &carol.nic}));
  ASSERT_EQ(bob.nic.couple(lan, true), CoupleResult::coupled);
  EXPECT_EQ(lan.nics(), (std::vector<Nic*>{&alice.nic, &carol.nic, &bob.nic}));
  EXPECT_EQ(lan.active_ports(), (PortList{&alice.port(), &carol.port(), &bob.port()}));
  ASSERT_EQ(alice.port().start_lan(), qdio::IpaCode::success);
  EXPECT_EQ(lan.active_ports().size(), 3U) << "started twice is on it once";
  ASSERT_EQ(alice.port().stop_lan(), qdio::IpaCode::success);
  EXPECT_EQ(lan.active_ports(), (PortList{&carol.port(), &bob.port()}));
}

TEST_F(LanTables, ItsBooksAreThoseOfAllItsNics) {
  alice.send(bob_ip);
  bob.send(alice_ip);
  bob.send(carol_ip);
  EXPECT_EQ(lan.total().tx_packets, 3U);
  EXPECT_EQ(lan.total().rx_packets, 3U);
  EXPECT_EQ(lan.total().tx_bytes, 3U * 64);
  bob.nic.uncouple();
  EXPECT_EQ(lan.total().tx_packets, 3U);
  ASSERT_EQ(bob.nic.couple(lan, true), CoupleResult::coupled);
  EXPECT_EQ(lan.total().tx_packets, 3U);
  bob.nic.uncouple();
  EXPECT_EQ(lan.total().tx_packets, 3U) << "nothing twice";
}

// --- when it tells

TEST_F(LanTables, AReceiverIsToldOncePerBatchHoweverMuchItWasGiven) {
  for (unsigned buffer = 0; buffer < 3; ++buffer)
    alice.memory.prime_output(1, buffer, ipv4_packet(alice_ip, bob_ip, 64));
  alice.memory.prime_output(1, 3, ipv4_packet(alice_ip, carol_ip, 64));
  alice.nic.transmit(2, alice.queues, 0x80000000U);
  EXPECT_EQ(bob.interrupts, 1U);
  EXPECT_EQ(carol.interrupts, 1U);
  alice.port().publish();
  EXPECT_EQ(bob.interrupts, 1U) << "nothing new";
}

TEST_F(LanTables, ASinkIsToldOncePerBatchAndOnlyIfItWasGivenSomething) {
  RecordingSink sink;
  bob.nic.queues_stopped(2);
  bob.port().remote_queues(&sink);
  for (unsigned buffer = 0; buffer < 3; ++buffer)
    alice.memory.prime_output(1, buffer, ipv4_packet(alice_ip, bob_ip, 64));
  alice.nic.transmit(2, alice.queues, 0x80000000U);
  EXPECT_EQ(sink.given, 3U);
  EXPECT_EQ(sink.published, 1U);
  sink.answer = qdio::GiveResult::no_empty_buffer;
  carol.send(bob_ip);
  EXPECT_EQ(sink.published, 1U);
  sink.answer = qdio::GiveResult::given;
  carol.send(bob_ip);
  EXPECT_EQ(sink.published, 2U);
}

TEST_F(LanTables, ASinkThatIsGoneWhenTheBatchEndsIsNotTold) {
  RecordingSink sink;
  bob.nic.queues_stopped(2);
  bob.port().remote_queues(&sink);
  const auto bytes = ipv4_packet(alice_ip, bob_ip, 64);
  qdio::Frame frame;
  frame.segments = 1;
  frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
  ASSERT_TRUE(qdio::judge(frame));
  EXPECT_EQ(alice.port().transmit(frame), qdio::sbalf15::good);
  bob.port().remote_queues(nullptr);
  alice.port().publish();
  EXPECT_EQ(sink.published, 0U);
  bob.port().remote_queues(&sink);
  alice.port().transmit(frame);
  alice.port().publish();
  EXPECT_EQ(sink.published, 1U) << "and when it is back, it is told again";
}

}  // namespace
}  // namespace vmlan::guestlan
