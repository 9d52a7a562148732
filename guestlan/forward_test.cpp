// What forwarding does to a frame, byte by byte, who gets copies of it, and what its sender is told.
#include <gtest/gtest.h>

#include "guestlan/lan.h"
#include "tests/kit/hex.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"
#include "tests/kit/recording_sink.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::AdapterKind;
using qdio::IpaCode;

using Forward = ThreeLanUsers;

std::string header_at(QueueMemory& memory, unsigned buffer) {
  return to_hex(std::span<const std::byte>(memory.at(memory.data(0, buffer)), 32));
}

// A datagram's transport header with something in every field.
std::vector<std::byte> talkative(Bytes to, unsigned flags, unsigned extended) {
  auto packet = ipv4_packet(alice_ip, to, 64);
  std::memset(packet.data() + 2, 0x77, 30);
  packet[1] = std::byte(flags);
  put16(packet.data() + 8, 64);
  packet[0x0b] = std::byte(extended);
  put16(packet.data() + 0x0c, 0xe064);
  return packet;
}

TEST_F(Forward, OfALayerThreeHeaderAReceiverGetsItsOwnFieldsAndNothingOfTheSenders) {
  alice.send_bytes(talkative(bob_ip, 0x6f, 0x00));
  EXPECT_EQ(header_at(bob.memory, 0),
            "0106000000000000"
            "0040000800000000"
            "0000020000000001"
            "0000000000000000");
  EXPECT_EQ(bob.memory.element(0, 0, 0)[7], std::byte{96}) << "the header and 64 bytes";
  alice.send_bytes(talkative(bob_ip, 0x6f, 0x01));
  EXPECT_EQ(header_at(bob.memory, 1),
            "0106000000000000"
            "00400009E0640000"
            "0000020000000001"
            "0000000000000000");
}

TEST_F(Forward, ItsCastIsWhatTheLanMadeOfIt) {
  bob.port().enable_broadcast(true);
  alice.send_bytes(talkative({10, 0, 0, 255}, 0x04, 0));
  alice.send_bytes(talkative(bob_ip, 0x05, 0));
  EXPECT_EQ(header_at(bob.memory, 0).substr(0, 4), "0105");
  EXPECT_EQ(header_at(bob.memory, 1).substr(0, 4), "0106");
}

TEST(ForwardEthernet, TheHeaderOfLayerTwoArrivesAsItWasSent) {
  Lan lan(attributes(qdio::Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  auto bytes = as_sent({.shape = {.ethernet = true}, .layer2 = true}, payload_of(100));
  for (const std::size_t at : {1U, 3U, 4U, 5U, 8U, 9U, 10U, 11U, 12U, 31U}) bytes[at] = std::byte(0x41 + at);
  alice.send(bytes);
  const auto length = static_cast<std::ptrdiff_t>(bytes.size());
  const std::byte* received = bob.memory.at(bob.memory.data(0, 0));
  EXPECT_EQ(PacketBytes(received, received + length), bytes);
}

TEST_F(Forward, BytesAreCountedOnBothSides) {
  alice.send(bob_ip);
  alice.send_bytes(ipv4_packet(alice_ip, bob_ip, 100));
  alice.send({10, 0, 0, 99});
  const Counters& sent = alice.port().counters();
  EXPECT_EQ(sent.tx_packets, 3U);
  EXPECT_EQ(sent.tx_bytes, 64U + 100 + 64);
  EXPECT_EQ(sent.tx_copies, 2U);
  EXPECT_EQ(sent.tx_errors, 0U);
  EXPECT_EQ(sent.rx_packets, 0U);
  const Counters& received = bob.port().counters();
  EXPECT_EQ(received.rx_packets, 2U);
  EXPECT_EQ(received.rx_bytes, 164U);
  EXPECT_EQ(received.rx_discarded, 0U);
  EXPECT_EQ(received.tx_packets, 0U);
  EXPECT_EQ(received.tx_copies, 0U);
}

TEST(ForwardQueues, ASigaTakesTheQueuesItNames) {
  Lan lan(lan_attributes());
  LanUser bob(lan, "BOB", bob_ip);
  QueueMemory memory(3);
  NicSettings settings;
  settings.owner = "ALICE";
  Nic nic(settings);
  qdio::DataQueues queues(memory.storage(), AdapterKind::osd, 2, bob);
  ASSERT_EQ(nic.couple(lan, true), CoupleResult::coupled);
  nic.queues_started(2, queues);
  ASSERT_EQ(queues.establish(memory.qdr()), qdio::EstablishResult::established);
  queues.activate();
  DataPort& port = nic.port_of_data_device(2);
  port.session_established(qdio::Transport::ip, "TEST", "");
  ASSERT_EQ(port.start_lan(), IpaCode::success);
  for (unsigned mask = 0; mask < 8; ++mask) {
    for (unsigned queue = 1; queue <= 3; ++queue)
      memory.prime_output(queue, mask, ipv4_packet(alice_ip, bob_ip, 64));
    const auto before = port.counters().tx_packets;
    nic.transmit(2, queues, mask << 29U);
    unsigned taken = 0;
    for (unsigned queue = 0; queue < 3; ++queue) {
      const bool named = (mask & 4U >> queue) != 0;
      EXPECT_EQ(memory.state(queue + 1, mask), named ? 0xa1 : 0x62) << mask << ' ' << queue;
      if (named) ++taken;
    }
    EXPECT_EQ(port.counters().tx_packets, before + taken);
    nic.transmit(2, queues, 0xe0000000U);  // the others
  }
}

// --- copies

TEST_F(Forward, ASnifferGetsOneCopyAndNoneOfItsOwnPackets) {
  for (const char* name : {"ALICE", "BOB", "CAROL"}) lan.grant(name, {.promiscuous = true});
  ASSERT_EQ(bob.port().set_promiscuous(true), IpaCode::success);
  ASSERT_EQ(alice.port().set_promiscuous(true), IpaCode::success);
  alice.send(bob_ip);
  EXPECT_EQ(alice.port().counters().tx_copies, 1U);
  EXPECT_EQ(bob.port().counters().rx_packets, 1U);
  EXPECT_EQ(alice.port().counters().rx_packets, 0U);
  ASSERT_EQ(carol.port().set_promiscuous(true), IpaCode::success);
  alice.send(bob_ip, 0x21);
  EXPECT_EQ(alice.port().counters().tx_copies, 3U);
  EXPECT_EQ(carol.receive(), 0x21);
  EXPECT_EQ(carol.last_cast, 6U);
  EXPECT_EQ(carol.port().counters().rx_packets, 1U);
  expect_balance();
}

TEST_F(Forward, AFullSnifferIsItsOwnLoss) {
  lan.grant("CAROL", {.promiscuous = true});
  ASSERT_EQ(carol.port().set_promiscuous(true), IpaCode::success);
  for (unsigned buffer = 0; buffer < 128; ++buffer) carol.memory.set_state(0, buffer, 0x80);
  alice.send(bob_ip, 0x22);
  EXPECT_EQ(bob.receive(), 0x22);
  EXPECT_EQ(carol.port().counters().rx_discarded, 1U);
  EXPECT_EQ(carol.port().counters().rx_errors, 0U);
  EXPECT_EQ(bob.port().counters().rx_discarded, 0U);
  EXPECT_EQ(dropped(alice, Drop::no_empty_buffer), 1U);
}

class EthernetFlood : public ::testing::Test {
 protected:
  EthernetFlood() {
    for (Station* station : {&alice, &bob, &carol}) station->memory.empty_input(64);
  }
  void send(std::initializer_list<unsigned> to, std::optional<unsigned> tag = {}, bool super = false) {
    Sending sending{.shape = {.ethernet = true, .vlan = tag.has_value()}, .layer2 = true};
    if (super) sending.left = Left::segmentation;
    auto frame = as_sent(sending, payload_of(super ? 20000 : 100));
    const std::size_t ethernet = super ? 64 : 32;
    std::size_t at = ethernet;
    for (const unsigned byte : to) frame[at++] = std::byte(byte);
    if (tag) write16(frame, ethernet + 14, *tag);
    alice.send(frame);
  }
  std::uint64_t got(Station& station) { return station.counters().rx_packets; }

  static constexpr std::initializer_list<unsigned> everybody{255, 255, 255, 255, 255, 255};
  static constexpr std::initializer_list<unsigned> some{1, 0, 0x5e, 1, 2, 3};
  static constexpr std::initializer_list<unsigned> nobody{2, 9, 9, 9, 9, 9};
  Lan lan{attributes(qdio::Transport::ethernet)};
  Station alice{lan, 1};
  Station bob{lan, 2};
  Station carol{lan, 3};
};

TEST_F(EthernetFlood, ABroadcastIsForAllButItsSender) {
  send(everybody);
  EXPECT_EQ(got(bob), 1U);
  EXPECT_EQ(got(carol), 1U);
  EXPECT_EQ(got(alice), 0U);
  EXPECT_EQ(alice.counters().tx_discarded(), 0U);
}

TEST_F(EthernetFlood, AGroupIsForItsMembersAndSniffersOnceEach) {
  lan.grant("USER3", {.promiscuous = true});
  send(some);
  EXPECT_EQ(drops(alice.counters(), Drop::no_receiver), 1U);
  ASSERT_EQ(bob.port().set_group_mac({{1, 0, 0x5e, 1, 2, 3}}), IpaCode::success);
  ASSERT_EQ(carol.port().set_group_mac({{1, 0, 0x5e, 1, 2, 3}}), IpaCode::success);
  ASSERT_EQ(carol.port().set_promiscuous(true), IpaCode::success);
  send(some);
  EXPECT_EQ(got(bob), 1U);
  EXPECT_EQ(got(carol), 1U);
  EXPECT_EQ(alice.counters().tx_copies, 2U);
  send(nobody);
  EXPECT_EQ(got(bob), 1U);
  EXPECT_EQ(got(carol), 2U) << "a sniffer hears what nobody gets";
  EXPECT_EQ(alice.counters().tx_discarded(), 1U) << "and so it went somewhere";
}

TEST_F(EthernetFlood, AVlanThatNobodyTakesHasItsOwnName) {
  ASSERT_EQ(bob.port().set_vlan(7), IpaCode::success);
  send(everybody, 8);
  EXPECT_EQ(got(bob), 0U);
  EXPECT_EQ(got(carol), 1U) << "it filters nothing";
  EXPECT_EQ(alice.counters().tx_discarded(), 0U) << "somebody got it";
  ASSERT_EQ(carol.port().set_vlan(9), IpaCode::success);
  send(everybody, 8);
  EXPECT_EQ(drops(alice.counters(), Drop::vlan_not_registered), 1U);
  send(everybody, 0xe009);
  EXPECT_EQ(got(carol), 2U);
  send(everybody, 0xe000);
  EXPECT_EQ(got(bob), 1U) << "a priority is no VLAN";
  EXPECT_EQ(got(carol), 3U);
  EXPECT_EQ(alice.counters().tx_discarded(), 1U);
}

TEST_F(EthernetFlood, ASuperFrameThatNobodyGetsIsAsManyDropsAsPackets) {
  send(some, {}, true);
  EXPECT_EQ(drops(alice.counters(), Drop::no_receiver), 14U);
  ASSERT_EQ(bob.port().set_vlan(7), IpaCode::success);
  ASSERT_EQ(carol.port().set_vlan(7), IpaCode::success);
  send(everybody, 8, true);
  EXPECT_EQ(drops(alice.counters(), Drop::vlan_not_registered), 14U);
  expect_balance(alice);
}

// --- what a sender is told

TEST(ForwardFull, OnlyASenderOfHiperSocketsThatFoundNoBufferIsTold) {
  struct Row {
    AdapterKind kind;
    qdio::GiveResult answer;
    std::uint8_t told;
    Drop name;
    unsigned errors;
  };
  using qdio::GiveResult;
  for (const Row& row :
       {Row{AdapterKind::osd, GiveResult::no_empty_buffer, 0, Drop::no_empty_buffer, 0},
        Row{AdapterKind::osd, GiveResult::too_long, 0, Drop::too_long, 0},
        Row{AdapterKind::iqd, GiveResult::no_empty_buffer, 0x10, Drop::no_empty_buffer, 0},
        Row{AdapterKind::iqd, GiveResult::too_long, 0, Drop::too_long, 0},
        Row{AdapterKind::iqd, GiveResult::buffer_error, 0, Drop::receiver_buffer_error, 1}}) {
    Lan lan(lan_attributes(row.kind == AdapterKind::iqd ? LanType::hipers : LanType::qdio));
    LanUser alice(lan, "ALICE", alice_ip, 128, row.kind);
    LanUser bob(lan, "BOB", bob_ip, 128, row.kind);
    RecordingSink sink;
    bob.nic.queues_stopped(2);
    bob.port().remote_queues(&sink);
    sink.answer = row.answer;
    const auto bytes = ipv4_packet(alice_ip, bob_ip, 64);
    qdio::Frame frame;
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
    ASSERT_TRUE(qdio::judge(frame));
    EXPECT_EQ(alice.port().transmit(frame), row.told);
    EXPECT_EQ(drops(alice.port().counters(), row.name), 1U);
    EXPECT_EQ(alice.port().counters().tx_discarded(), 1U);
    EXPECT_EQ(bob.port().counters().rx_discarded, 1U);
    EXPECT_EQ(bob.port().counters().rx_errors, row.errors);
    EXPECT_EQ(bob.port().counters().rx_packets, 0U);
    EXPECT_EQ(bob.port().counters().rx_bytes, 0U);
    bob.port().remote_queues(nullptr);
    EXPECT_EQ(alice.port().transmit(frame), 0U) << "nobody there is not full";
    EXPECT_EQ(drops(alice.port().counters(), Drop::receiver_not_active), 1U);
    EXPECT_EQ(bob.port().counters().rx_discarded, 1U);
  }
}

}  // namespace
}  // namespace vmlan::guestlan
