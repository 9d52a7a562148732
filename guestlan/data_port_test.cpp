// The one path, from a primed output buffer in one storage to a primed input buffer in another.
#include <gtest/gtest.h>

#include "tests/kit/lan_user.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::IpaCode;
using qdio::RouterType;
using wire::IpAddress;
using wire::IpVersion;

using Path = ThreeLanUsers;

TEST_F(Path, ADatagramReachesItsAddressAndNobodyElse) {
  alice.send(bob_ip, 0x11);
  EXPECT_EQ(bob.receive(), 0x11);
  EXPECT_EQ(bob.last_cast, 6U) << "unicast";
  EXPECT_EQ(bob.interrupts, 1U);
  EXPECT_EQ(carol.receive(), 0);
  EXPECT_EQ(carol.interrupts, 0U);
  EXPECT_EQ(alice.memory.state(1, 0), 0xa1);
  expect_balance();
}

TEST_F(Path, TheReceiverLearnsTheSendersMac) {
  alice.send(bob_ip);
  const std::byte* header = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(header[0x0b], std::byte{0x08});
  EXPECT_EQ(std::memcmp(header + 0x12, "\x02\x00\x00\x00\x00\x01", 6), 0);
}

TEST_F(Path, AVlanTagTravelsInTheHeader) {
  auto packet = kit::ipv4_packet(alice_ip, bob_ip, 64);
  packet[0x0b] = std::byte{0x01};
  kit::put16(packet.data() + 0x0c, 100);
  alice.send_bytes(packet);
  const std::byte* header = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(header[0x0b], std::byte{0x09});
  EXPECT_EQ(header[0x0d], std::byte{100});
}

TEST_F(Path, AnUnknownAddressIsADropWithAName) {
  alice.send({10, 0, 0, 99});
  EXPECT_EQ(dropped(alice, Drop::unknown_address), 1U);
  EXPECT_EQ(alice.memory.state(1, 0), 0xa1) << "no error to the sender";
}

TEST_F(Path, ThePrimaryRouterThenTheSecondaryGetsUnknownAddresses) {
  ASSERT_EQ(bob.port().set_router(IpVersion::v4, RouterType::secondary), IpaCode::success);
  alice.send({192, 0, 2, 1}, 0x21);
  EXPECT_EQ(bob.receive(), 0x21);
  ASSERT_EQ(carol.port().set_router(IpVersion::v4, RouterType::primary), IpaCode::success);
  alice.send({192, 0, 2, 1}, 0x22);
  EXPECT_EQ(carol.receive(), 0x22);
  EXPECT_EQ(bob.receive(), 0);
  carol.send({192, 0, 2, 1});
  EXPECT_EQ(dropped(carol, Drop::unknown_address), 1U) << "a router's own packet does not come back";
}

TEST_F(Path, TheNextHopTheDriverNamesGetsWhatIsBeyondTheLan) {
  auto packet = kit::ipv4_packet(alice_ip, {192, 0, 2, 1}, 64, 0x31);
  std::memcpy(packet.data() + 0x1c, carol_ip.data(), 4);
  alice.send_bytes(packet);
  EXPECT_EQ(carol.receive(), 0x31);
}

TEST_F(Path, MulticastGoesToMembersAndMulticastRoutersOnly) {
  const auto group = IpAddress::v4(224, 1, 2, 3);
  ASSERT_EQ(bob.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  ASSERT_EQ(alice.port().set_multicast(group, wire::multicast_mac(group)), IpaCode::success);
  alice.send({224, 1, 2, 3}, 0x41);
  EXPECT_EQ(bob.receive(), 0x41);
  EXPECT_EQ(bob.last_cast, 4U) << "multicast";
  EXPECT_EQ(carol.receive(), 0);
  EXPECT_EQ(alice.receive(), 0) << "never back to its sender";
  ASSERT_EQ(carol.port().set_router(IpVersion::v4, RouterType::multicast), IpaCode::success);
  alice.send({224, 1, 2, 3}, 0x42);
  EXPECT_EQ(bob.receive(), 0x42);
  EXPECT_EQ(carol.receive(), 0x42);
  expect_balance();
}

TEST_F(Path, AGroupNobodyJoinedHasNoReceiver) {
  alice.send({224, 9, 9, 9});
  EXPECT_EQ(dropped(alice, Drop::no_receiver), 1U);
}

TEST_F(Path, BroadcastReachesWhoEnabledIt) {
  bob.port().enable_broadcast(true);
  alice.send({255, 255, 255, 255}, 0x51);
  EXPECT_EQ(bob.receive(), 0x51);
  EXPECT_EQ(bob.last_cast, 5U) << "broadcast";
  alice.send({10, 0, 0, 255}, 0x52);
  EXPECT_EQ(bob.receive(), 0x52) << "directed to the subnet";
  EXPECT_EQ(carol.receive(), 0);
  bob.send({255, 255, 255, 255});
  EXPECT_EQ(dropped(bob, Drop::no_receiver), 1U);
}

TEST_F(Path, ADatagramToItsSenderIsNotSent) {
  alice.send(alice_ip);
  EXPECT_EQ(dropped(alice, Drop::own_address), 1U);
}

TEST_F(Path, AFullReceiverIsACountedDropAndNothingElseIsLost) {
  for (unsigned packet = 0; packet < 130; ++packet) alice.send(bob_ip, static_cast<std::uint8_t>(packet + 1));
  EXPECT_EQ(dropped(alice, Drop::no_empty_buffer), 2U);
  EXPECT_EQ(bob.port().counters().rx_discarded, 2U);
  for (unsigned packet = 0; packet < 128; ++packet) EXPECT_EQ(bob.receive(), packet + 1);
  alice.send(bob_ip, 0x77);
  EXPECT_EQ(bob.receive(), 0x77);
  expect_balance();
}

TEST_F(Path, AStoppedReceiverIsNotActive) {
  bob.queues.stop();
  bob.nic.queues_stopped(2);
  alice.send(bob_ip);
  EXPECT_EQ(dropped(alice, Drop::receiver_not_active), 1U);
}

TEST_F(Path, ADatagramLongerThanTheBufferIsTooLong) {
  auto packet = kit::ipv4_packet(alice_ip, bob_ip, 4065);
  alice.memory.set_element(1, 0, 0, 0x40, static_cast<std::uint32_t>(packet.size()), 0x100000);
  std::memcpy(alice.memory.at(0x100000), packet.data(), packet.size());
  alice.memory.set_state(1, 0, 0x62);
  alice.nic.transmit(2, alice.queues, 0x80000000U);
  EXPECT_EQ(dropped(alice, Drop::too_long), 1U);
}

TEST_F(Path, WhatIsNotIpIsNotCarried) {
  auto packet = kit::ipv4_packet(alice_ip, bob_ip, 64);
  packet[1] = std::byte{0x16};  // passthru: an Ethernet frame
  kit::put16(packet.data() + 32 + 12, 0x0806);
  alice.send_bytes(packet);
  EXPECT_EQ(dropped(alice, Drop::not_ip), 1U);
}

TEST_F(Path, AVersionThatContradictsTheHeaderIsMalformed) {
  auto packet = kit::ipv4_packet(alice_ip, bob_ip, 64);
  packet[32] = std::byte{0x65};
  alice.send_bytes(packet);
  alice.send_bytes(std::span(packet).first(40));  // and one cut short
  EXPECT_EQ(dropped(alice, Drop::malformed), 2U);
  EXPECT_EQ(alice.port().counters().tx_packets, 2U);
}

// An Ethernet frame of layer 3, IPv6 behind `ethernet` bytes of header: 14, or 18 with a VLAN tag.
std::vector<std::byte> passthru_frame(const wire::IpAddress& destination, std::size_t ethernet) {
  constexpr std::size_t ipv6 = 40 + 8;
  std::vector<std::byte> frame(32 + ethernet + ipv6);
  frame[0] = std::byte{1};
  frame[1] = std::byte{0x96};
  kit::put16(frame.data() + 8, static_cast<std::uint16_t>(ethernet + ipv6));
  kit::put16(frame.data() + 32 + ethernet - 2, 0x86dd);
  frame[32 + ethernet] = std::byte{0x60};
  std::memcpy(frame.data() + 32 + ethernet + 24, destination.bytes.data(), 16);
  return frame;
}

TEST_F(Path, AnIpv6PassthruFrameIsRoutedByItsIpDestination) {
  const auto bob6 = *wire::parse_ip_address("fe80::2");
  ASSERT_EQ(bob.port().set_ip(bob6, 64, 0), IpaCode::success);
  const auto frame = passthru_frame(bob6, 14);
  alice.send_bytes(frame);
  EXPECT_EQ(bob.memory.state(0, 0), 0x82);
  const std::byte* received = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(received[1], std::byte{0x96});
  EXPECT_EQ(std::memcmp(received + 32, frame.data() + 32, 62), 0);
}

TEST_F(Path, ATagInsideOfAPassthruFrameIsToldInTheHeaderOnly) {
  const auto bob6 = *wire::parse_ip_address("fe80::2");
  ASSERT_EQ(bob.port().set_ip(bob6, 64, 0), IpaCode::success);
  auto frame = passthru_frame(bob6, 18);
  frame[11] = std::byte{0x04};
  kit::put16(frame.data() + 12, 0x0064);
  kit::put16(frame.data() + 32 + 12, 0x8100);
  kit::put16(frame.data() + 32 + 14, 0x0064);
  alice.send_bytes(frame);
  ASSERT_EQ(bob.memory.state(0, 0), 0x82);
  const std::byte* received = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(received[1], std::byte{0x86}) << "a datagram, no Ethernet frame";
  EXPECT_EQ(received[9], std::byte{48});
  EXPECT_EQ(received[11], std::byte{0x09}) << "VLAN in the header, source MAC";
  EXPECT_EQ(received[13], std::byte{100});
  EXPECT_EQ(std::memcmp(received + 32, frame.data() + 32 + 18, 48), 0);
}

TEST_F(Path, ASnifferNeedsTheGrantAndSeesUnicast) {
  EXPECT_EQ(carol.port().set_promiscuous(true), IpaCode::mac_not_authorized);
  lan.grant("CAROL", {.promiscuous = true});
  ASSERT_EQ(carol.port().set_promiscuous(true), IpaCode::success);
  alice.send(bob_ip, 0x61);
  EXPECT_EQ(bob.receive(), 0x61);
  EXPECT_EQ(carol.receive(), 0x61);
  ASSERT_EQ(carol.port().set_promiscuous(false), IpaCode::success);
  alice.send(bob_ip, 0x62);
  EXPECT_EQ(carol.receive(), 0);
}

TEST_F(Path, OneSigaCanPackSeveralDatagramsIntoOneBuffer) {
  bob.queues.set_packing(true);
  alice.memory.prime_output(1, 0, kit::ipv4_packet(alice_ip, bob_ip, 64, 0x71));
  alice.memory.prime_output(1, 1, kit::ipv4_packet(alice_ip, bob_ip, 64, 0x72));
  alice.nic.transmit(2, alice.queues, 0x80000000U);
  EXPECT_EQ(bob.memory.state(0, 0), 0x82);
  EXPECT_EQ(bob.memory.state(0, 1), 0x41);
  EXPECT_EQ(*bob.memory.at(bob.memory.data(0, 0) + 32 + 40), std::byte{0x71});
  EXPECT_EQ(*bob.memory.at(bob.memory.data(0, 0) + 96 + 32 + 40), std::byte{0x72});
  EXPECT_EQ(bob.interrupts, 1U);
}

TEST_F(Path, UncouplingTakesTheAddressesAtOnce) {
  bob.nic.uncouple();
  alice.send(bob_ip);
  EXPECT_EQ(dropped(alice, Drop::unknown_address), 1U);
  EXPECT_TRUE(bob.port().unicast().empty());
  bob.send(alice_ip);
  EXPECT_EQ(dropped(bob, Drop::not_coupled), 1U);
  EXPECT_EQ(alice.receive(), 0);
}

}  // namespace
}  // namespace vmlan::guestlan
