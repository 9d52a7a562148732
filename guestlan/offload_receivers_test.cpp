// Checksums and super-frames where several receive them, where there is no room, and behind a link.
#include <gtest/gtest.h>

#include "tests/kit/offload_station.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::Transport;

// What a fragment asks for can't be done: it passes, and nobody vouches for it.
TEST(OffloadPath, NobodyVouchesForWhatCannotBeSummed) {
  for (const bool layer2 : {false, true}) {
    Lan lan(attributes(layer2 ? Transport::ethernet : Transport::ip));
    Station alice(lan, 1);
    Station bob(lan, 2);
    bob.memory.empty_input(128);
    bob.rely_on_adapter(true);
    const Sending sending{.shape = {.ethernet = layer2}, .left = Left::checksums, .layer2 = layer2};
    auto bytes = as_sent(sending, payload_of(100));
    write16(bytes, 32 + sending.shape.ethernet_length() + 6, 0x2000);
    alice.send(bytes);
    const auto received = bob.receive();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_FALSE(received[0].verified);
    EXPECT_EQ(read16(received[0].packet, sending.shape.header_length() - 4), 0xbad1U);
  }
}

TEST(OffloadPath, ASnifferGetsWhatItCanTakeAndSoDoesTheReceiver) {
  Lan lan(attributes(Transport::ethernet));
  lan.grant("USER3", {.promiscuous = true});
  Station alice(lan, 1);
  Station bob(lan, 2, true);
  Station carol(lan, 3);
  bob.memory.empty_input(128);
  carol.memory.empty_input(128);
  bob.rely_on_adapter(true);
  ASSERT_EQ(carol.port().set_promiscuous(true), qdio::IpaCode::success);
  const Sending sending{.shape = {.ethernet = true}, .left = Left::segmentation, .layer2 = true};
  alice.send(as_sent(sending, payload_of(20000)));
  const auto whole = bob.receive();
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_TRUE(whole[0].verified);
  const auto parts = carol.receive();
  ASSERT_EQ(parts.size(), 14U);
  for (const Received& part : parts) {
    EXPECT_FALSE(part.verified);
    EXPECT_EQ(flaw_of(sending.shape, part.packet), "");
  }
  const Counters& sent = alice.counters();
  EXPECT_EQ(sent.tx_packets, 14U);
  EXPECT_EQ(sent.tx_copies, 28U);
}

TEST(OffloadPath, MembersOfAGroupEachGetTheirOwn) {
  Lan lan(attributes(Transport::ip));
  Station alice(lan, 1);
  Station bob(lan, 2);
  Station carol(lan, 3);
  const auto group = wire::IpAddress::v4(224, 1, 2, 3);
  for (Station* member : {&bob, &carol}) {
    member->memory.empty_input(128);
    ASSERT_EQ(member->port().set_multicast(group, wire::multicast_mac(group)), qdio::IpaCode::success);
  }
  carol.rely_on_adapter(true);
  const Sending sending{.shape = {.tcp = false}, .left = Left::checksums};
  auto bytes = as_sent(sending, payload_of(500));
  constexpr std::size_t destination = 32 + 16;
  write16(bytes, destination, 0xe001);
  write16(bytes, destination + 2, 0x0203);
  alice.send(bytes);
  const auto at_bob = bob.receive();
  const auto at_carol = carol.receive();
  ASSERT_EQ(at_bob.size(), 1U);
  ASSERT_EQ(at_carol.size(), 1U);
  EXPECT_EQ(at_bob[0].packet, at_carol[0].packet);
  EXPECT_FALSE(at_bob[0].verified);
  EXPECT_TRUE(at_carol[0].verified);
  EXPECT_EQ(add_words(0, std::span(at_bob[0].packet).first(20)), 0xffffU);
}

TEST(OffloadPath, PartsThatFindNoBufferAreDropsOneByOne) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.queues.set_packing(false);
  bob.memory.empty_input(5);
  const Sending sending{.shape = {.ethernet = true}, .left = Left::segmentation, .layer2 = true};
  const auto payload = payload_of(20000);
  alice.send(as_sent(sending, payload));
  const auto received = bob.receive();
  ASSERT_EQ(received.size(), 5U);
  const auto model = model_of_segments(sending.shape, payload, sending.segment_size);
  for (std::size_t index = 0; index < received.size(); ++index)
    EXPECT_EQ(received[index].packet, model[index]);
  EXPECT_EQ(alice.counters().tx_packets, 14U);
  EXPECT_EQ(alice.counters().tx_copies, 5U);
  EXPECT_EQ(drops(alice.counters(), Drop::no_empty_buffer), 9U);
  EXPECT_EQ(bob.counters().rx_discarded, 9U);
  EXPECT_EQ(alice.result, 0xa1U);
  expect_balance(alice);
}

TEST(OffloadPath, WhatGoesNowhereCountsAsThePacketsItWouldHaveBeen) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  const Sending sending{.shape = {.ethernet = true}, .left = Left::segmentation, .layer2 = true};
  alice.send(as_sent(sending, payload_of(20000)));
  EXPECT_EQ(drops(alice.counters(), Drop::unknown_address), 14U);
  Station bob(lan, 2);
  auto bytes = as_sent(sending, payload_of(20000));
  bytes[64 + 23] = std::byte{1};  // ICMP
  alice.send(bytes);
  EXPECT_EQ(drops(alice.counters(), Drop::malformed), 14U);
  bob.queues.stop();
  bob.nic.queues_stopped(2);
  alice.send(as_sent(sending, payload_of(20000)));
  EXPECT_EQ(drops(alice.counters(), Drop::receiver_not_active), 14U);
  alice.nic.uncouple();
  alice.send(as_sent(sending, payload_of(20000)));
  EXPECT_EQ(drops(alice.counters(), Drop::not_coupled), 14U);
  EXPECT_EQ(alice.counters().tx_packets, 56U);
  expect_balance(alice);
}

TEST(OffloadPath, AFullHiperSocketsReceiverIsToldOnlyIfNothingHasArrived) {
  Lan lan(attributes(Transport::ethernet, LanType::hipers));
  Station alice(lan, 1, false, qdio::AdapterKind::iqd);
  Station bob(lan, 2, false, qdio::AdapterKind::iqd);
  const Sending sending{.shape = {.ethernet = true}, .left = Left::segmentation, .layer2 = true};
  alice.send(as_sent(sending, payload_of(20000)));
  EXPECT_EQ(alice.result, 0xafU) << "target full: the driver sends it again";
  bob.memory.empty_input(3);
  alice.send(as_sent(sending, payload_of(20000)));
  EXPECT_EQ(alice.result, 0xa1U);
  EXPECT_EQ(bob.receive().size(), 3U);
  EXPECT_EQ(drops(alice.counters(), Drop::no_empty_buffer), 14U + 11U);
  expect_balance(alice);
}

TEST(OffloadPath, AnExtensionThatContradictsItsPacketIsMalformed) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  const Sending sending{.shape = {.ethernet = true}, .left = Left::segmentation, .layer2 = true};
  for (const std::size_t field : {0x20U, 0x2aU, 0x2cU, 0x2eU}) {
    auto bytes = as_sent(sending, payload_of(3000));
    write16(bytes, field, 1);
    alice.send(bytes);
    EXPECT_EQ(alice.result, 0xafU) << field;
  }
  EXPECT_TRUE(bob.receive().empty());
  EXPECT_EQ(drops(alice.counters(), Drop::malformed), 4U);
  EXPECT_EQ(alice.counters().tx_errors, 4U);
}

// A super-frame is an IPv6 passthru frame with a tag inside: the tag moves into the header, the rest is cut.
TEST(OffloadPath, ATaggedSuperFrameOfLayerThreeIsCutWithoutItsTag) {
  Lan lan(attributes(Transport::ip));
  Station alice(lan, 1);
  Station bob(lan, 2);
  bob.memory.empty_input(128);
  Sending sending{.shape = {.ethernet = true, .vlan = true, .version = 6}, .left = Left::segmentation};
  const auto payload = payload_of(5000);
  auto bytes = as_sent(sending, payload);
  bytes[0x0b] = std::byte{0x04};  // the tag is inside
  alice.send(bytes);
  const auto received = bob.receive();
  sending.shape.ethernet = sending.shape.vlan = false;
  const auto model = model_of_segments(sending.shape, payload, sending.segment_size);
  ASSERT_EQ(received.size(), model.size());
  for (std::size_t index = 0; index < model.size(); ++index) EXPECT_EQ(received[index].packet, model[index]);
  expect_balance(alice);
}

// --- a receiver behind a link

class UnfinishedSink final : public FrameSink {
 public:
  qdio::GiveResult give(const qdio::ReceiveHeader&, const qdio::Frame&, WhenFull) override {
    ++finished;
    return answer;
  }
  qdio::GiveResult give_unfinished(const wire::Layer3Header& to_receiver, const qdio::Offload& left,
                                   const qdio::Frame& frame, WhenFull) override {
    ++unfinished;
    header = to_receiver;
    offload = left;
    bytes.clear();
    for (unsigned index = 0; index < frame.segments; ++index) {
      const auto& segment = frame.segment[index];
      bytes.insert(bytes.end(), segment.data, segment.data + segment.length);
    }
    EXPECT_EQ(bytes.size(), frame.length);
    return answer;
  }
  void publish() override { ++published; }

  qdio::GiveResult answer = qdio::GiveResult::given;
  unsigned finished = 0;
  unsigned unfinished = 0;
  unsigned published = 0;
  wire::Layer3Header header;
  qdio::Offload offload;
  PacketBytes bytes;
};

TEST(OffloadPath, AReceiverBehindALinkGetsASuperFrameAsItIs) {
  Lan lan(attributes(Transport::ethernet));
  Station alice(lan, 1);
  Station bob(lan, 2, true);
  UnfinishedSink sink;
  bob.nic.queues_stopped(2);
  bob.port().remote_queues(&sink);
  bob.rely_on_adapter(true);
  const Sending sending{.shape = {.ethernet = true}, .left = Left::segmentation, .layer2 = true};
  const auto bytes = as_sent(sending, payload_of(20000));
  alice.send(bytes);
  EXPECT_EQ(sink.unfinished, 1U);
  EXPECT_EQ(sink.published, 1U);
  EXPECT_EQ(sink.header.id, 2U);
  EXPECT_EQ(sink.bytes, PacketBytes(bytes.begin() + 64, bytes.end()));
  EXPECT_TRUE(sink.offload.ethernet && sink.offload.transport_checksum && sink.offload.whole);
  EXPECT_EQ(sink.offload.header_length, 54U);
  EXPECT_EQ(sink.offload.segment_size, 1448U);
  EXPECT_EQ(bob.counters().rx_packets, 14U);
  EXPECT_EQ(alice.counters().tx_bytes, bob.counters().rx_bytes);

  sink.answer = qdio::GiveResult::no_empty_buffer;
  alice.send(bytes);
  EXPECT_EQ(drops(alice.counters(), Drop::no_empty_buffer), 14U);
  expect_balance(alice);

  alice.send(as_sent({.shape = sending.shape, .layer2 = true}, payload_of(100)));
  EXPECT_EQ(sink.finished, 1U) << "nothing is left to do";
}

}  // namespace
}  // namespace vmlan::guestlan
