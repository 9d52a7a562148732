// Frames between two guests of the desk, and what is counted of them.
#include "apps/serve/test_desk.h"
#include "tests/kit/hex.h"

namespace vmlan::apps {
namespace {

using link::MessageType;

// A LAN that carries IP.
class DeskFrames : public TestDesk {
 protected:
  DeskFrames() { system.command("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP"); }
  guestlan::Counters of(const std::string& user) { return port(user).counters(); }
};

TEST_F(DeskFrames, AFrameReachesItsReceiverWithItsTransportHeader) {
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  const unsigned flushed = wire(bob).flushed;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_EQ(wire(bob).flushed, flushed + 1) << "one write, at the end of what was read";
  const auto messages = heard(bob);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].type, MessageType::frame);
  EXPECT_EQ(messages[0].device, data_device);
  const auto sent = packet(1, 2);
  ASSERT_EQ(messages[0].body.size(), sent.size());
  EXPECT_EQ(messages[0].body[0], std::byte{1}) << "layer 3";
  EXPECT_TRUE(std::equal(sent.begin() + 32, sent.end(), messages[0].body.begin() + 32));
  EXPECT_EQ(of("BOB").rx_packets, 1U);
  EXPECT_EQ(of("ALICE").tx_packets, 1U);
  EXPECT_EQ(types(alice), "");
}

TEST_F(DeskFrames, SeveralInOneWriteAreWrittenAtOnceAndAtTheLatestBeforeAnythingElse) {
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  const auto frame = message(MessageType::frame, data_device, packet(1, 2));
  auto bytes = frame;
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  unsigned flushed = wire(bob).flushed;
  EXPECT_TRUE(desk.received(alice, bytes));
  EXPECT_EQ(wire(bob).flushed, ++flushed);
  EXPECT_EQ(of("BOB").rx_packets, 2U);
  const auto reset = message(MessageType::reset, 0, {});
  bytes.insert(bytes.end(), reset.begin(), reset.end());
  bytes.insert(bytes.end(), reset.begin(), reset.end());
  EXPECT_TRUE(desk.received(alice, bytes));
  EXPECT_EQ(wire(bob).flushed, ++flushed) << "and once";
}

TEST_F(DeskFrames, WithoutQueuesThereIsNoReceiver) {
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  EXPECT_TRUE(say(bob, MessageType::queues_stopped, data_device));
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_EQ(types(bob), "");
  EXPECT_EQ(of("ALICE").dropped[static_cast<std::size_t>(guestlan::Drop::receiver_not_active)], 1U);
  EXPECT_TRUE(say(bob, MessageType::queues_started, data_device));
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_EQ(types(bob), "FRAME");
}

TEST_F(DeskFrames, OneThatContradictsItselfIsCountedAndNotSent) {
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  auto bytes = packet(1, 2);
  bytes.pop_back();
  EXPECT_TRUE(say(alice, MessageType::frame, data_device, bytes));
  EXPECT_EQ(types(bob), "");
  EXPECT_EQ(of("ALICE").tx_errors, 1U);
  EXPECT_EQ(of("ALICE").tx_packets, 1U);
}

TEST_F(DeskFrames, LossesAreCountedWhereTheyBelong) {
  const auto alice = online(hello_of("ALICE"), 1);
  online(hello_of("BOB"), 2);
  for (unsigned count = 0; count < 20; ++count) send_frame(alice, 1, 2);
  EXPECT_TRUE(say(2, MessageType::losses, data_device,
                  kit::from_hex("00000001 00000002 00000003 00000004 00000005")));
  const auto counters = of("BOB");
  const auto lost = [&](guestlan::Drop reason) { return counters.rx_lost[static_cast<std::size_t>(reason)]; };
  EXPECT_EQ(counters.dropped[static_cast<std::size_t>(guestlan::Drop::no_system)], 1U);
  EXPECT_EQ(counters.tx_errors, 2U);
  EXPECT_EQ(lost(guestlan::Drop::no_empty_buffer), 3U);
  EXPECT_EQ(lost(guestlan::Drop::receiver_buffer_error), 4U);
  EXPECT_EQ(lost(guestlan::Drop::receiver_not_active), 5U);
  EXPECT_EQ(counters.rx_packets, 20U - 12U);
}

}  // namespace
}  // namespace vmlan::apps
