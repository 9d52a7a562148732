// The one path, from a primed output buffer in one storage to a primed input buffer in another, with queues
// laid out by hand.
#include "guestlan/data_port.h"

#include <gtest/gtest.h>

#include <memory>

#include "arch/clock.h"
#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::guestlan {
namespace {

using qdio::IpaCode;
using qdio::RouterType;
using wire::IpAddress;
using wire::IpVersion;

using Bytes = std::array<std::uint8_t, 4>;

// A user reduced to its storage, its queues and its place on the LAN.
class User final : public qdio::QueueInterrupt {
 public:
  User(Lan& lan, std::string name, Bytes ip, unsigned buffers = 128,
       qdio::AdapterKind kind = qdio::AdapterKind::osd)
      : address(ip),
        input_buffers(buffers),
        nic(settings(std::move(name), kind, ip[3])),
        queues(memory.storage(), kind, 2, *this) {
    nic.couple(lan, true);
    nic.queues_started(2, queues);
    auto qdr = memory.qdr();
    if (kind == qdio::AdapterKind::iqd) qdr.queue_format = 2;
    EXPECT_EQ(queues.establish(qdr), qdio::EstablishResult::established);
    queues.activate();
    queues.set_packing(false);
    memory.empty_input(buffers);
    port().session_established(qdio::Transport::ip, "TEST", "");
    EXPECT_EQ(port().start_lan(), IpaCode::success);
    EXPECT_EQ(port().set_ip(IpAddress::v4(ip.data()), 24, 0), IpaCode::success);
  }
  ~User() override { nic.uncouple(); }

  void post(unsigned) override { ++interrupts; }
  DataPort& port() { return *nic.ports().front(); }

  void send(Bytes to, std::uint8_t fill = 0x5a) { send_bytes(kit::ipv4_packet(address, to, 64, fill)); }
  void send_bytes(std::span<const std::byte> header_and_packet) {
    memory.prime_output(1, next_output, header_and_packet);
    next_output = (next_output + 1) % 128;
    nic.transmit(2, queues, 0x80000000U);
  }
  // Fill byte of the next received packet, 0 = none came.
  std::uint8_t receive() {
    if (memory.state(0, next_input) != 0x82) return 0;
    const std::byte* data = memory.at(memory.data(0, next_input));
    last_cast = std::to_integer<unsigned>(data[1]) & 7U;
    const auto fill = std::to_integer<std::uint8_t>(data[32 + 40]);
    memory.reset_input((next_input + input_buffers) % 128);  // as a driver that owns `input_buffers` of them
    next_input = (next_input + 1) % 128;
    return fill;
  }

  Bytes address;
  unsigned input_buffers;
  kit::QueueMemory memory;
  Nic nic;
  qdio::DataQueues queues;
  unsigned next_output = 0;
  unsigned next_input = 0;
  unsigned interrupts = 0;
  unsigned last_cast = 0;

 private:
  static NicSettings settings(std::string name, qdio::AdapterKind kind, std::uint8_t id) {
    NicSettings result;
    result.owner = std::move(name);
    result.kind = kind;
    result.base_device = {0x600};
    result.mac = {{2, 0, 0, 0, 0, id}};
    return result;
  }
};

constexpr Bytes alice_ip{10, 0, 0, 1};
constexpr Bytes bob_ip{10, 0, 0, 2};
constexpr Bytes carol_ip{10, 0, 0, 3};

class Path : public ::testing::Test {
 protected:
  static LanAttributes attributes() {
    LanAttributes result;
    result.owner = "SYSTEM";
    result.name = "LAN1";
    return result;
  }
  std::uint64_t dropped(User& user, Drop reason) {
    return user.port().counters().dropped[static_cast<std::size_t>(reason)];
  }
  // What every port sent went somewhere or was dropped under a name; what was copied arrived.
  void expect_balance() {
    const Counters sum = lan.total();
    EXPECT_EQ(sum.tx_copies, sum.rx_packets);
  }

  Lan lan{attributes()};
  User alice{lan, "ALICE", alice_ip};
  User bob{lan, "BOB", bob_ip};
  User carol{lan, "CAROL", carol_ip};
};

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

TEST_F(Path, AnIpv6PassthruFrameIsRoutedByItsIpDestination) {
  const auto bob6 = *wire::parse_ip_address("fe80::2");
  ASSERT_EQ(bob.port().set_ip(bob6, 64, 0), IpaCode::success);
  std::vector<std::byte> frame(32 + 14 + 40 + 8);
  frame[0] = std::byte{1};
  frame[1] = std::byte{0x96};
  kit::put16(frame.data() + 8, 62);
  kit::put16(frame.data() + 32 + 12, 0x86dd);
  frame[32 + 14] = std::byte{0x60};
  std::memcpy(frame.data() + 32 + 14 + 24, bob6.bytes.data(), 16);
  alice.send_bytes(frame);
  EXPECT_EQ(bob.memory.state(0, 0), 0x82);
  const std::byte* received = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(received[1], std::byte{0x96});
  EXPECT_EQ(std::memcmp(received + 32, frame.data() + 32, 62), 0);
}

TEST_F(Path, ASnifferNeedsTheGrantAndSeesUnicast) {
  EXPECT_EQ(carol.port().set_promiscuous(true), IpaCode::mac_not_authorized);
  lan.access_list()["CAROL"].promiscuous = true;
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

// --- Registration codes (facts of the IPA commands)

TEST_F(Path, ADuplicateAddressIsRefusedWithE005) {
  EXPECT_EQ(bob.port().set_ip(IpAddress::v4(alice_ip.data()), 24, 0), IpaCode::duplicate_ip_address);
  EXPECT_EQ(static_cast<unsigned>(IpaCode::duplicate_ip_address), 0xe005U);
  EXPECT_EQ(bob.port().set_ip(IpAddress::v4(bob_ip.data()), 24, 0), IpaCode::address_already_registered);
}

TEST_F(Path, TakeoverMovesTheAddress) {
  ASSERT_EQ(bob.port().set_ip(IpAddress::v4(alice_ip.data()), 24, qdio::set_ip_flag::takeover),
            IpaCode::success);
  EXPECT_TRUE(alice.port().unicast().empty());
  carol.send(alice_ip, 0x81);
  EXPECT_EQ(bob.receive(), 0x81);
  EXPECT_EQ(alice.receive(), 0);
}

TEST_F(Path, DeletingWhatIsNotThereHasItsCodes) {
  EXPECT_EQ(bob.port().delete_ip(IpAddress::v4(alice_ip.data())), IpaCode::primary_exists);
  EXPECT_EQ(bob.port().delete_multicast(IpAddress::v4(224, 0, 0, 1)), IpaCode::multicast_not_found);
  EXPECT_EQ(bob.port().delete_ip(IpAddress::v4(bob_ip.data())), IpaCode::success);
  alice.send(bob_ip);
  EXPECT_EQ(dropped(alice, Drop::unknown_address), 1U);
}

TEST_F(Path, NothingIsRegisteredBeforeStartlanOrWithoutALan) {
  bob.port().reset();
  EXPECT_EQ(bob.port().set_ip(IpAddress::v4(bob_ip.data()), 24, 0), IpaCode::startlan_missing);
  bob.nic.uncouple();
  EXPECT_EQ(bob.port().start_lan(), IpaCode::lan_offline);
}

TEST(HiperSockets, TellTheSenderThatTheTargetIsFull) {
  LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "HIPER";
  attributes.type = LanType::hipers;
  Lan lan(attributes);
  User alice(lan, "ALICE", alice_ip, 128, qdio::AdapterKind::iqd);
  User bob(lan, "BOB", bob_ip, 1, qdio::AdapterKind::iqd);
  alice.send(bob_ip, 0x11);
  alice.send(bob_ip, 0x12);
  EXPECT_EQ(alice.memory.state(1, 0), 0xa1);
  EXPECT_EQ(alice.memory.state(1, 1), 0xaf);
  EXPECT_EQ(alice.memory.element(1, 1, 15)[3], std::byte{0x10});
  EXPECT_EQ(bob.receive(), 0x11);
}

TEST(Counters, SentIsReceivedPlusNamedDrops) {
  LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "LAN1";
  Lan lan(attributes);
  User alice(lan, "ALICE", alice_ip, 20);
  User bob(lan, "BOB", bob_ip, 20);
  arch::Prng random(7);
  for (unsigned packet = 0; packet < 1000; ++packet) {
    const auto last = static_cast<std::uint8_t>(random.below(4));
    alice.send({10, 0, 0, last});
    if (random.below(3) == 0) bob.receive();
  }
  const Counters& counters = alice.port().counters();
  EXPECT_EQ(counters.tx_packets, 1000U);
  EXPECT_EQ(counters.tx_packets, counters.tx_copies + counters.tx_discarded());
  EXPECT_GT(counters.tx_copies, 20U);
  EXPECT_EQ(bob.port().counters().rx_packets, counters.tx_copies);
}

}  // namespace
}  // namespace vmlan::guestlan
