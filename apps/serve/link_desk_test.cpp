// Who comes to the desk, who is ended there, and who waits for whom. Messages: joined_connection_test.cpp.
#include "apps/serve/link_desk.h"

#include <gmock/gmock.h>

#include "apps/serve/test_desk.h"
#include "tests/kit/hex.h"

namespace vmlan::apps {
namespace {

using link::MessageType;
using std::chrono::milliseconds;
using std::chrono::seconds;

class DeskOfStrangers : public TestDesk {};

TEST_F(DeskOfStrangers, WhoHasNotJoinedIsNoGuest) {
  EXPECT_TRUE(desk.empty());
  const auto stranger = connect();
  EXPECT_FALSE(desk.empty());
  EXPECT_EQ(desk.guests(), 0U);
  EXPECT_FALSE(desk.had_guests());
  const auto alice = join(hello_of("ALICE"));
  EXPECT_EQ(desk.guests(), 1U);
  EXPECT_TRUE(desk.had_guests());
  hang_up(alice);
  EXPECT_EQ(desk.guests(), 0U);
  EXPECT_TRUE(desk.had_guests()) << "there was one";
  hang_up(stranger);
  EXPECT_TRUE(desk.empty());
}

TEST_F(DeskOfStrangers, WhoSaysNothingForTooLongIsEnded) {
  const auto silent = connect();
  const auto guest = join(hello_of("ALICE"));
  pass(LinkDesk::most_silence - milliseconds(1));
  desk.look_after();
  EXPECT_FALSE(wire(silent).closing);
  pass(milliseconds(1));
  desk.look_after();
  EXPECT_TRUE(wire(silent).closing);
  EXPECT_FALSE(wire(guest).closing) << "a guest may be silent";
}

TEST_F(DeskOfStrangers, EachWordBeginsTheSilenceAnew) {
  pass(seconds(100));
  const auto talker = connect();
  pass(LinkDesk::most_silence - seconds(1));
  EXPECT_TRUE(desk.received(talker, WireBytes(3))) << "half a header";
  pass(LinkDesk::most_silence - milliseconds(1));
  desk.look_after();
  EXPECT_FALSE(wire(talker).closing);
  pass(milliseconds(1));
  desk.look_after();
  EXPECT_TRUE(wire(talker).closing);
}

TEST_F(DeskOfStrangers, OfTooManyTheOneThatIsSilentLongestGoes) {
  const auto guest = join(hello_of("ALICE"));
  std::vector<host::ConnectionId> strangers;
  for (std::size_t count = 0; count < LinkDesk::most_strangers; ++count) {
    strangers.push_back(connect());
    pass(milliseconds(1));
  }
  const auto closing = [&] {
    std::vector<host::ConnectionId> ids;
    for (const auto& [id, entry] : wires.wires) {
      if (entry.closing) ids.push_back(id);
    }
    return ids;
  };
  EXPECT_THAT(closing(), testing::IsEmpty()) << "so many may be";
  EXPECT_TRUE(desk.received(strangers[0], WireBytes(1)));
  connect();
  EXPECT_THAT(closing(), testing::ElementsAre(strangers[1])) << "the first has said something since";
  EXPECT_FALSE(wire(guest).closing);
}

TEST_F(DeskOfStrangers, AtTheEndEverybodyHearsOfItAndIsToComeAgain) {
  const auto guest = join(hello_of("ALICE"));
  const auto stranger = connect();
  desk.shut_down();
  for (const auto id : {guest, stranger}) {
    const auto messages = heard(id);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].type, MessageType::end);
    const auto end = link::parse_end(messages[0].body);
    EXPECT_EQ(end.after, link::AfterEnd::come_again);
    EXPECT_EQ(end.text, "VMLLNK005I The system goes down");
    EXPECT_TRUE(wire(id).closing);
  }
}

TEST_F(DeskOfStrangers, NonsenseIsNamedAndEndsIt) {
  struct Row {
    MessageType type;
    const char* hex;
    const char* refusal;
  };
  for (const Row& row :
       {Row{MessageType::accept, "", "VMLLNK001E message of unknown type"},
        {MessageType::hello, "00", "VMLLNK001E message too short"},
        {MessageType::reset, "00", "VMLLNK001E message too long"},
        {MessageType::control, "00", "VMLLNK002E HELLO is missing"},
        {MessageType::reset, "", "VMLLNK002E HELLO is missing"},
        {MessageType::queues_started, "", "VMLLNK002E HELLO is missing"},
        {MessageType::queues_stopped, "", "VMLLNK002E HELLO is missing"},
        {MessageType::losses, "0000000000000000000000000000000000000000", "VMLLNK002E HELLO is missing"}}) {
    const auto id = connect();
    EXPECT_FALSE(say(id, row.type, 0, kit::from_hex(row.hex))) << row.refusal;
    EXPECT_EQ(refusal(id), row.refusal);
  }
  const auto id = connect();
  EXPECT_FALSE(say(id, MessageType::frame, data_device, packet(1, 2)));
  EXPECT_EQ(refusal(id), "VMLLNK002E HELLO is missing");
}

// ALICE, BOB and CAROL on one LAN of HiperSockets; BOB and CAROL owe what the test says.
class DeskOfHiperSockets : public TestDesk {
 protected:
  static constexpr std::size_t too_much = Congestion::most_owed + 1;

  std::uint64_t received(const std::string& user) { return port(user).counters().rx_packets; }
  std::uint64_t no_buffer(const std::string& user) {
    return port(user).counters().dropped[static_cast<std::size_t>(guestlan::Drop::no_empty_buffer)];
  }

  host::ConnectionId alice = online(hipersockets_of("ALICE"), 1);
  host::ConnectionId bob = online(hipersockets_of("BOB"), 2);
  host::ConnectionId carol = online(hipersockets_of("CAROL"), 3);
};

TEST_F(DeskOfHiperSockets, ASenderIsNotHeardWhileItsReceiverOwesTooMuch) {
  wire(bob).owed = Congestion::most_owed;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_FALSE(wire(alice).paused) << "so much it may owe";
  wire(bob).owed = too_much;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_TRUE(wire(alice).paused);
  EXPECT_EQ(types(bob), "FRAME FRAME") << "the frame itself was taken";
  desk.look_after();
  EXPECT_TRUE(wire(alice).paused);
  wire(bob).owed = Congestion::most_owed / 2;
  desk.look_after();
  EXPECT_FALSE(wire(alice).paused);
  EXPECT_FALSE(wire(carol).paused);
  EXPECT_EQ(no_buffer("ALICE"), 0U);
}

TEST_F(DeskOfHiperSockets, WhatCameBehindItIsHeardWhenTheSenderMayGoOn) {
  wire(bob).owed = too_much;
  WireBytes bytes;
  for (unsigned count = 0; count < 5; ++count) {
    const auto next = message(MessageType::frame, data_device, packet(1, count == 0 ? 2 : 3));
    bytes.insert(bytes.end(), next.begin(), next.end());
  }
  const std::size_t cut = bytes.size() - 10;
  EXPECT_TRUE(desk.received(alice, std::span(bytes).first(cut)));
  EXPECT_TRUE(desk.received(alice, std::span(bytes).subspan(cut))) << "read before the pause";
  EXPECT_EQ(types(carol), "");
  wire(bob).owed = 0;
  desk.look_after();
  EXPECT_EQ(types(carol), "FRAME FRAME FRAME FRAME");
  EXPECT_TRUE(send_frame(alice, 1, 3)) << "nothing is left half";
  EXPECT_EQ(heard(carol).size(), 5U);
}

TEST_F(DeskOfHiperSockets, AnotherFullReceiverStopsItAgain) {
  wire(bob).owed = wire(carol).owed = too_much;
  WireBytes bytes;
  for (const std::uint8_t to : {std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{2}}) {
    const auto next = message(MessageType::frame, data_device, packet(1, to));
    bytes.insert(bytes.end(), next.begin(), next.end());
  }
  EXPECT_TRUE(desk.received(alice, bytes));
  wire(bob).owed = 0;
  desk.look_after();
  EXPECT_EQ(types(carol), "FRAME");
  EXPECT_EQ(types(bob), "FRAME");
  EXPECT_TRUE(wire(alice).paused);
  wire(carol).owed = 0;
  desk.look_after();
  EXPECT_EQ(types(bob), "FRAME FRAME");
  EXPECT_FALSE(wire(alice).paused);
}

TEST_F(DeskOfHiperSockets, NonsenseBehindItEndsTheSenderWhenItIsHeard) {
  wire(bob).owed = too_much;
  auto bytes = message(MessageType::frame, data_device, packet(1, 2));
  const auto nonsense = message(MessageType::accept, 0, {});
  bytes.insert(bytes.end(), nonsense.begin(), nonsense.end());
  EXPECT_TRUE(desk.received(alice, bytes));
  EXPECT_FALSE(wire(alice).closing);
  wire(bob).owed = 0;
  desk.look_after();
  EXPECT_TRUE(wire(alice).closing);
  EXPECT_EQ(refusal(alice), "VMLLNK001E message of unknown type");
}

TEST_F(DeskOfHiperSockets, NobodyIsWaitedForInVainTwice) {
  wire(bob).owed = too_much;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  pass(Congestion::patience - milliseconds(1));
  desk.look_after();
  EXPECT_TRUE(wire(alice).paused);
  pass(milliseconds(1));
  desk.look_after();
  EXPECT_FALSE(wire(alice).paused);
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_FALSE(wire(alice).paused);
  EXPECT_EQ(no_buffer("ALICE"), 1U) << "dropped under its name";
  EXPECT_EQ(received("BOB"), 1U);
  wire(bob).owed = 0;
  desk.look_after();
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_EQ(received("BOB"), 2U);
}

TEST_F(DeskOfHiperSockets, OneOfManyIsNotWaitedFor) {
  port("BOB").enable_broadcast(true);
  port("CAROL").enable_broadcast(true);
  wire(bob).owed = too_much;
  EXPECT_TRUE(say(alice, MessageType::frame, data_device, packet_to(1, {255, 255, 255, 255})));
  EXPECT_FALSE(wire(alice).paused);
  EXPECT_EQ(types(bob), "");
  EXPECT_EQ(types(carol), "FRAME");
  EXPECT_EQ(no_buffer("ALICE"), 1U);
  wire(bob).owed = Congestion::most_owed;
  EXPECT_TRUE(say(alice, MessageType::frame, data_device, packet_to(1, {255, 255, 255, 255})));
  EXPECT_EQ(types(bob), "FRAME");
}

TEST_F(DeskOfHiperSockets, WhoeverWaitedForOneThatIsGoneMayGoOn) {
  wire(bob).owed = too_much;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  hang_up(bob);
  desk.look_after();
  EXPECT_FALSE(wire(alice).paused);
}

TEST_F(DeskOfHiperSockets, WhoIsGoneIsNotLetGoOn) {
  wire(bob).owed = too_much;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  hang_up(alice);
  wire(bob).owed = 0;
  desk.look_after();
  EXPECT_TRUE(send_frame(carol, 3, 2));
  EXPECT_EQ(types(bob), "FRAME FRAME");
}

// A sender of this process has its own way to be told: nobody's connection is paused for it.
TEST_F(DeskOfHiperSockets, AFrameOfThisSystemIsNotTakenByAFullReceiver) {
  qdio::Frame frame;
  const auto bytes = packet(1, 2);
  frame.segments = 1;
  frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
  ASSERT_TRUE(qdio::judge(frame));
  wire(bob).owed = too_much;
  port("ALICE").transmit(frame);
  EXPECT_EQ(types(bob), "");
  EXPECT_FALSE(wire(alice).paused);
  EXPECT_EQ(no_buffer("ALICE"), 1U);
}

TEST_F(DeskOfHiperSockets, AReceiverWithoutRoomLosesTheFrameUnderAName) {
  wire(bob).room = 0;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_EQ(no_buffer("ALICE"), 1U);
  EXPECT_EQ(received("BOB"), 0U);
}

class DeskOfOsas : public TestDesk {
 protected:
  void SetUp() override { system.command("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP"); }
};

TEST_F(DeskOfOsas, NobodyWaitsForASlowReceiver) {
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  wire(bob).owed = 10 * Congestion::most_owed;
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_FALSE(wire(alice).paused);
  EXPECT_EQ(types(bob), "FRAME");
}

}  // namespace
}  // namespace vmlan::apps
