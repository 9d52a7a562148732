// How long one connection may keep the desk: what is said in one write is heard in turns.
#include "apps/serve/test_desk.h"

namespace vmlan::apps {
namespace {

using link::MessageType;

class DeskTurns : public TestDesk {
 protected:
  static WireBytes times(unsigned count, const WireBytes& message) {
    WireBytes all;
    for (unsigned number = 0; number < count; ++number) all.insert(all.end(), message.begin(), message.end());
    return all;
  }
  static WireBytes command(std::string_view text) {
    return message(MessageType::command, 0, std::as_bytes(std::span(text)));
  }
  // Return codes heard since the last call: commands that were carried out.
  unsigned carried_out(host::ConnectionId id) {
    unsigned count = 0;
    for (const auto& entry : heard(id)) count += entry.type == MessageType::return_code ? 1U : 0U;
    return count;
  }
};

TEST_F(DeskTurns, OneCommandIsATurnAndTheOthersHaveTheirsWithoutNewBytes) {
  const auto id = connect();
  EXPECT_FALSE(desk.turns_are_wanted());
  EXPECT_TRUE(desk.received(id, times(3, command("QUERY NAMES"))));
  EXPECT_EQ(carried_out(id), 1U);
  EXPECT_TRUE(wire(id).paused) << "nothing more is read meanwhile";
  desk.look_after();
  EXPECT_EQ(carried_out(id), 0U) << "a pass looks after its guests several times";
  for (unsigned turn = 0; turn < 2; ++turn) {
    EXPECT_TRUE(desk.turns_are_wanted());
    desk.give_turns();
    EXPECT_EQ(carried_out(id), 1U);
  }
  desk.give_turns();
  EXPECT_EQ(carried_out(id), 0U);
  EXPECT_FALSE(desk.turns_are_wanted());
  EXPECT_FALSE(wire(id).paused);
  EXPECT_TRUE(desk.received(id, command("QUERY NAMES")));
  EXPECT_EQ(carried_out(id), 1U);
}

TEST_F(DeskTurns, AllTogetherHaveOneCommandInAPassAndEachHasItsTurn) {
  const std::array connections{connect(), connect(), connect()};
  for (const auto id : connections) EXPECT_TRUE(desk.received(id, times(3, command("QUERY NAMES"))));
  std::string order;
  for (unsigned pass = 0; pass < 12; ++pass) {
    for (std::size_t number = 0; number < connections.size(); ++number) {
      order += std::string(carried_out(connections[number]), static_cast<char>('1' + number));
    }
    order += ' ';
    desk.give_turns();
  }
  EXPECT_EQ(order, "1 2 3 1 2 3 1 2 3    ");
  EXPECT_FALSE(desk.turns_are_wanted());
}

TEST_F(DeskTurns, FramesWaitForNoCommandsOfOthers) {
  answer("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  const std::array others{connect(), connect()};
  for (const auto id : others) EXPECT_TRUE(desk.received(id, times(2, command("QUERY NAMES"))));
  EXPECT_TRUE(send_frame(alice, 1, 2));
  EXPECT_EQ(types(bob), "FRAME");
}

TEST_F(DeskTurns, WhoGoesWhileItsCommandWaitsTakesItAlong) {
  const auto first = connect();
  const auto second = connect();
  EXPECT_TRUE(desk.received(first, command("QUERY NAMES")));
  EXPECT_TRUE(desk.received(second, command("DEFINE LAN LATE OWNERID SYSTEM TYPE QDIO")));
  hang_up(second);
  desk.give_turns();
  EXPECT_EQ(answer("QUERY LAN LATE OWNERID SYSTEM").find("LATE Type"), std::string::npos);
}

TEST_F(DeskTurns, WhatWasReadBeforeThePauseIsHeardInItsOrder) {
  const auto id = connect();
  const auto two = times(2, command("QUERY NAMES"));
  EXPECT_TRUE(desk.received(id, std::span(two).first(two.size() - 3)));
  EXPECT_TRUE(desk.received(id, std::span(two).last(3)));
  EXPECT_EQ(carried_out(id), 1U);
  desk.give_turns();
  EXPECT_EQ(carried_out(id), 1U);
}

TEST_F(DeskTurns, NothingIsCarriedOutForOneThatTakesNoAnswers) {
  const auto id = connect();
  wire(id).room = 10;
  auto bytes = command("QUERY NAMES");
  const auto define = command("DEFINE LAN LATE OWNERID SYSTEM TYPE QDIO");
  bytes.insert(bytes.end(), define.begin(), define.end());
  EXPECT_TRUE(desk.received(id, bytes));
  EXPECT_TRUE(wire(id).closing);
  EXPECT_FALSE(desk.turns_are_wanted());
  desk.give_turns();
  EXPECT_TRUE(desk.received(id, define));
  EXPECT_EQ(system.vmlan().find("SYSTEM", "LATE"), nullptr);
}

TEST_F(DeskTurns, NonsenseInALaterTurnEndsIt) {
  const auto id = connect();
  auto bytes = command("QUERY NAMES");
  const auto nonsense = message(MessageType::accept, 0, {});
  bytes.insert(bytes.end(), nonsense.begin(), nonsense.end());
  EXPECT_TRUE(desk.received(id, bytes));
  EXPECT_FALSE(wire(id).closing);
  heard(id);
  desk.give_turns();
  EXPECT_TRUE(wire(id).closing);
  EXPECT_EQ(refusal(id), "VMLLNK001E message of unknown type");
}

TEST_F(DeskTurns, OneThatHasTurnsLeftIsNotSilent) {
  const auto id = connect();
  EXPECT_TRUE(desk.received(id, times(3, command("QUERY NAMES"))));
  pass(LinkDesk::most_silence - std::chrono::milliseconds(1));
  desk.give_turns();
  pass(std::chrono::milliseconds(1));
  desk.look_after();
  EXPECT_FALSE(wire(id).closing);
}

TEST_F(DeskTurns, CopiesOfGroupFramesAreCountedAlsoIfSomethingElseComesBetween) {
  system.command("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
  constexpr unsigned receivers = 50;
  const auto alice = online(hello_of("ALICE"), 1);
  for (unsigned number = 0; number < receivers; ++number) {
    const std::string user = "BOB" + std::to_string(number);
    online(hello_of(user), static_cast<std::uint8_t>(2 + number));
    port(user).enable_broadcast(true);
  }
  auto bytes = message(MessageType::frame, data_device, packet_to(1, {255, 255, 255, 255}));
  const auto reset = message(MessageType::reset, 0, {});
  bytes.insert(bytes.end(), reset.begin(), reset.end());
  constexpr unsigned frames = 100;
  EXPECT_TRUE(desk.received(alice, times(frames, bytes)));
  const auto sent = [&] { return port("ALICE").counters().tx_packets; };
  // Looked at and copied: two for each receiver, and the message behind it.
  EXPECT_EQ(sent(), 1 + (2048 - 1) / (2 * receivers + 1 + 32));
  unsigned turns = 1;
  for (std::uint64_t before = 0; before != sent(); ++turns) {
    before = sent();
    desk.give_turns();
    EXPECT_LE(sent() - before, 20U);
  }
  EXPECT_EQ(sent(), frames) << "nothing is lost";
  EXPECT_GE(turns, 6U);
}

TEST_F(DeskTurns, FramesForOneReceiverAreHeardInOneTurn) {
  system.command("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
  const auto alice = online(hello_of("ALICE"), 1);
  const auto bob = online(hello_of("BOB"), 2);
  EXPECT_TRUE(desk.received(alice, times(1500, message(MessageType::frame, data_device, packet(1, 2)))));
  EXPECT_EQ(heard(bob).size(), 1500U);
  EXPECT_FALSE(desk.turns_are_wanted());
}

}  // namespace
}  // namespace vmlan::apps
