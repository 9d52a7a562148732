// The guest's side of the link: queues laid out by hand, and a base of which only the messages exist.
#include "hercules/guest_nic.h"

#include <gtest/gtest.h>

#include "hercules/test_channel.h"
#include "link/decoder.h"
#include "link/unfinished_frame.h"
#include "tests/kit/hex.h"
#include "tests/kit/queue_memory.h"
#include "tests/kit/transport_packets.h"

namespace vmlan::hercules {
namespace {

using kit::PacketBytes;
using link::MessageType;

class GuestNicTest : public testing::Test {
 protected:
  GuestNicTest() { nic.set_storage(memory.storage()); }
  void activate() {
    const auto qdr = std::span<const std::byte>(memory.qdr_bytes(), sizeof(qdio::Qdr));
    ASSERT_EQ(nic.write(data_device, establish_queues, qdr).device_status, 0x0c);
    ASSERT_FALSE(nic.write(data_device, activate_queues, {}).ended);
  }
  void join() {
    nic.base_joined();
    nic.write(0, 0x01, idx_read);
    activate();
    heard();
  }
  // What the base would read.
  std::vector<std::pair<MessageType, PacketBytes>> heard() {
    std::vector<std::pair<MessageType, PacketBytes>> messages;
    link::Decoder decoder(link::Sender::client);
    while (to_base.waiting() > 0) {
      const auto bytes = to_base.pending();
      const auto part = bytes.first(std::min(bytes.size(), decoder.room().size()));
      std::memcpy(decoder.room().data(), part.data(), part.size());
      decoder.received(part.size());
      to_base.sent(part.size());
      while (const auto message = decoder.next()) {
        messages.emplace_back(message->type, PacketBytes{message->body.begin(), message->body.end()});
      }
    }
    return messages;
  }
  // A super-frame of `packets` segments of 100 bytes.
  static PacketBytes super_frame(unsigned packets, std::uint32_t sequence = 0) {
    kit::PacketShape shape;
    shape.sequence = sequence;
    const auto packet = kit::make_packet(shape, PacketBytes(packets * 100U, std::byte{0x5a}));
    qdio::Offload offload;
    offload.ip_checksum = offload.transport_checksum = true;
    offload.header_length = static_cast<std::uint16_t>(shape.header_length());
    offload.segment_size = 100;
    const auto head = link::to_body(offload);
    PacketBytes body(link::unfinished_head);
    std::memcpy(body.data(), &head, sizeof(head));
    body[sizeof(head)] = std::byte{1};
    body.insert(body.end(), packet.begin(), packet.end());
    return body;
  }
  bool receive(MessageType type, const PacketBytes& body) { return nic.receive({type, data_device, body}); }
  bool receive_frame(std::size_t length = 100) {
    return receive(MessageType::frame, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, length));
  }
  std::uint32_t sequence_in(unsigned buffer) {
    return kit::get32(memory.at(memory.data(0, buffer)) + 32 + 20 + 4);
  }

  kit::QueueMemory memory{1, 1, 4096};
  link::SendBuffer to_base{512U * 1024U};
  Trace trace;
  GuestNic nic{card_settings(), to_base, trace};
};

class OnePacketPerBuffer : public GuestNicTest {
 protected:
  // So that a buffer takes one packet of a super-frame.
  OnePacketPerBuffer() {
    for (unsigned buffer = 0; buffer < 128; ++buffer) {
      memory.set_element(0, buffer, 0, 0x40, 32 + 140, memory.data(0, buffer));
    }
  }
  void provide(unsigned first, unsigned count) {
    for (unsigned buffer = first; buffer < first + count; ++buffer) memory.set_state(0, buffer, 0x41);
  }
};

TEST_F(OnePacketPerBuffer, ASuperFrameGoesOnWhereTheBuffersEnded) {
  activate();
  provide(0, 3);
  const auto frame = super_frame(5);
  EXPECT_FALSE(receive(MessageType::unfinished_frame, frame));
  EXPECT_TRUE(nic.take_progress());
  EXPECT_FALSE(nic.take_progress());
  provide(3, 2);
  EXPECT_TRUE(receive(MessageType::unfinished_frame, frame));
  nic.publish();
  for (unsigned buffer = 0; buffer < 5; ++buffer) EXPECT_EQ(sequence_in(buffer), buffer * 100) << buffer;
  EXPECT_EQ(nic.counters().received, 5U);
  EXPECT_EQ(nic.counters().lost(), 0U);
}

TEST_F(OnePacketPerBuffer, ASuperFrameThatIsGivenUpLeavesNothingToTheNextOne) {
  activate();
  provide(0, 3);
  EXPECT_FALSE(receive(MessageType::unfinished_frame, super_frame(5)));
  nic.drop();
  EXPECT_FALSE(nic.take_progress()) << "of the one that is no more";
  provide(3, 4);
  EXPECT_TRUE(receive(MessageType::unfinished_frame, super_frame(4, 1'000'000)));
  nic.publish();
  EXPECT_EQ(sequence_in(3), 1'000'000U);
  EXPECT_EQ(nic.counters().received, 3U + 4U);
  EXPECT_EQ(nic.counters().no_buffer, 2U);
  nic.drop();
  EXPECT_EQ(nic.counters().no_buffer, 2U) << "counted once";
}

TEST_F(OnePacketPerBuffer, AHaltInTheMiddleOfASuperFrameLeavesNothingToTheNextOne) {
  activate();
  provide(0, 3);
  EXPECT_FALSE(receive(MessageType::unfinished_frame, super_frame(5)));
  nic.halt(data_device);
  nic.drop();  // as the client does
  activate();
  provide(0, 5);
  EXPECT_TRUE(receive(MessageType::unfinished_frame, super_frame(5, 77)));
  nic.publish();
  EXPECT_EQ(sequence_in(0), 77U);
  EXPECT_EQ(nic.counters().received + nic.counters().lost(), 10U);
}

TEST_F(OnePacketPerBuffer, AFrameWithoutABufferWaitsOrIsCounted) {
  activate();
  EXPECT_FALSE(receive_frame());
  EXPECT_FALSE(nic.take_progress());
  EXPECT_EQ(nic.counters().lost(), 0U);
  provide(0, 1);
  EXPECT_TRUE(receive_frame());
  EXPECT_FALSE(receive_frame());
  nic.drop();
  EXPECT_EQ(nic.counters().received, 1U);
  EXPECT_EQ(nic.counters().no_buffer, 1U);
  EXPECT_TRUE(nic.take_given(data_device));
  EXPECT_FALSE(nic.take_given(data_device));
}

TEST_F(OnePacketPerBuffer, WhatIsLongerThanABufferIsCountedAndHoldsNobodyUp) {
  activate();
  provide(0, 1);
  EXPECT_TRUE(receive_frame(141));
  EXPECT_EQ(nic.counters().too_long, 1U);
  EXPECT_TRUE(receive_frame(140));
  EXPECT_EQ(nic.counters().received, 1U);
}

TEST_F(GuestNicTest, WithoutQueuesFramesAreCountedAsNotActive) {
  EXPECT_TRUE(receive_frame());
  EXPECT_TRUE(receive(MessageType::unfinished_frame, super_frame(3)));
  EXPECT_EQ(nic.counters().not_active, 4U);
}

TEST_F(GuestNicTest, ReceivedFramesAreTheGuestsOnlyAfterPublishAndWithAnInterruption) {
  activate();
  memory.empty_input(4);
  EXPECT_TRUE(receive_frame());
  EXPECT_EQ(memory.state(0, 0), 0x41);
  EXPECT_EQ(nic.take_interrupts(), 0U);
  nic.publish();
  EXPECT_EQ(memory.state(0, 0), 0x82);
  EXPECT_EQ(nic.take_interrupts(), 1U << data_device);
  EXPECT_EQ(nic.take_interrupts(), 0U);
}

TEST_F(GuestNicTest, NoInterruptionFollowsAHalt) {
  activate();
  memory.empty_input(4);
  receive_frame();
  nic.publish();
  nic.halt(data_device);
  EXPECT_EQ(nic.take_interrupts(), 0U);
  nic.remind(data_device);
  EXPECT_EQ(nic.take_interrupts(), 0U) << "it has no queues";
  EXPECT_FALSE(nic.active(data_device));
}

TEST_F(GuestNicTest, WhatTheGuestSendsCrossesWholeAndIsCounted) {
  join();
  const auto packet = kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 300);
  memory.prime_output(1, 0, packet);
  memory.prime_output(1, 1, packet);
  EXPECT_EQ(nic.transmit(data_device, 0x80000000U), 0U);
  EXPECT_EQ(nic.counters().sent, 2U);
  EXPECT_TRUE(nic.take_completed(data_device));
  const auto messages = heard();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].first, MessageType::frame);
  EXPECT_EQ(messages[0].second, packet);
  EXPECT_EQ(memory.state(1, 1), 0xa1);
}

TEST_F(GuestNicTest, OnlyTheSignalledQueuesAreLookedAt) {
  join();
  memory.prime_output(1, 0, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 300));
  EXPECT_EQ(nic.transmit(data_device, 0x40000000U), 0U);
  EXPECT_EQ(memory.state(1, 0), 0x62);
}

TEST_F(GuestNicTest, WithoutRoomTheQueuesWaitAndAreNamed) {
  join();
  while (to_base.has_room(link::max_body)) to_base.add_space(MessageType::frame, 0, link::max_body);
  memory.prime_output(1, 0, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 300));
  EXPECT_EQ(nic.transmit(data_device, 0x80000000U), 0x80000000U);
  EXPECT_EQ(memory.state(1, 0), 0x62);
  to_base.clear();
  EXPECT_EQ(nic.transmit(data_device, 0x80000000U), 0U);
  EXPECT_EQ(memory.state(1, 0), 0xa1);
}

TEST_F(GuestNicTest, WithoutASystemFramesAreLostUnderAName) {
  activate();
  memory.prime_output(1, 0, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 300));
  nic.transmit(data_device, 0x80000000U);
  EXPECT_EQ(nic.counters().no_base, 1U);
  EXPECT_EQ(nic.counters().sent, 0U);
  EXPECT_EQ(to_base.waiting(), 0U);
}

TEST_F(GuestNicTest, MalformedOutputIsCounted) {
  join();
  auto packet = kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 300);
  kit::put16(packet.data() + 8, 301);
  memory.prime_output(1, 0, packet);
  nic.transmit(data_device, 0x80000000U);
  EXPECT_EQ(nic.counters().malformed, 1U);
  EXPECT_EQ(memory.state(1, 0), 0xaf);
}

TEST_F(GuestNicTest, LossesAreToldOnce) {
  join();
  EXPECT_FALSE(nic.tell_losses());
  receive_frame();
  nic.drop();
  EXPECT_TRUE(nic.tell_losses());
  EXPECT_FALSE(nic.tell_losses());
  const auto messages = heard();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].first, MessageType::losses);
  const auto losses = link::parse_losses(messages[0].second);
  EXPECT_EQ(losses.no_empty_buffer, 0U + nic.counters().no_buffer);
  EXPECT_EQ(losses.no_system + losses.malformed + losses.unusable_buffer + losses.not_active, 0U);
}

TEST_F(GuestNicTest, TheBaseHearsWhenQueuesStartAndStop) {
  nic.base_joined();
  nic.write(0, 0x01, idx_read);
  heard();
  activate();
  auto messages = heard();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].first, MessageType::queues_started);
  nic.halt(data_device);
  messages = heard();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].first, MessageType::queues_stopped);
  EXPECT_EQ(messages[1].first, MessageType::reset);
}

TEST_F(GuestNicTest, QueuesThatABaseNeverHeardOfDoNotStopThere) {
  activate();
  nic.base_joined();
  heard();
  nic.halt(data_device);
  const auto messages = heard();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].first, MessageType::reset);
}

TEST_F(GuestNicTest, ABaseThatReadsNothingDoesNotMakeTheEmulatorGrow) {
  join();
  std::size_t most = 0;
  for (unsigned message = 0; message < 20'000; ++message) {
    nic.write(0, 0x01, PacketBytes(4096, std::byte{1}));
    nic.halt(1);
    most = std::max(most, to_base.waiting());
  }
  EXPECT_LT(most, 4U << 20U);
  EXPECT_TRUE(nic.take_overrun()) << "the connection has to go: something was not said";
  EXPECT_FALSE(nic.take_overrun());
}

}  // namespace
}  // namespace vmlan::hercules
