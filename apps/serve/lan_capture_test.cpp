// A capture at the system's socket: what goes over it, and what it costs who does not read.
#include "apps/serve/lan_capture.h"

#include "apps/serve/test_desk.h"
#include "tests/kit/hex.h"

namespace vmlan::apps {
namespace {

using link::MessageType;

class Capturing : public TestDesk {
 protected:
  Capturing() {
    answer("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
    alice = online(hello_of("ALICE", 1), 1);
    bob = online(hello_of("BOB", 2), 2);
  }
  bool ask(host::ConnectionId id, link::Capture wanted) {
    const link::CaptureBody body = link::to_body(wanted);
    return say(id, MessageType::capture, 0, std::as_bytes(std::span(&body, 1)));
  }
  host::ConnectionId capture(link::Capture wanted = {"SYSTEM", "LAN1", "", 0, false}) {
    const auto id = connect();
    EXPECT_TRUE(ask(id, std::move(wanted)));
    return id;
  }
  // "SHB IDB EPB ...": the blocks it was sent since the last call.
  std::string blocks(host::ConnectionId id) {
    std::string names;
    for (const auto& message : heard(id)) {
      if (message.type != MessageType::captured) {
        names += std::string(to_string(message.type)) + ' ';
        continue;
      }
      const auto type = std::to_integer<unsigned>(message.body.at(0));
      names += type == 0x0a ? "SHB " : type == 1 ? "IDB " : type == 6 ? "EPB " : type == 5 ? "ISB " : "? ";
      last_block = message.body;
    }
    return names;
  }

  host::ConnectionId alice = 0;
  host::ConnectionId bob = 0;
  WireBytes last_block;
};

TEST_F(Capturing, EachFrameGoesOutAtOnceAndTheStatisticsInTheEnd) {
  const auto id = capture();
  EXPECT_EQ(blocks(id), "");
  send_frame(alice, 1, 2);
  EXPECT_EQ(blocks(id), "SHB IDB EPB ");
  send_frame(alice, 1, 2);
  send_frame(bob, 2, 1);
  EXPECT_EQ(blocks(id), "EPB IDB EPB ");
  EXPECT_TRUE(say(id, MessageType::capture_stop));
  EXPECT_EQ(blocks(id), "ISB ISB END ");
  EXPECT_TRUE(wire(id).closing);
  send_frame(alice, 1, 2);
  EXPECT_EQ(blocks(id), "");
}

TEST_F(Capturing, OfOneUserOrOnlyWhatWasDropped) {
  const auto of_bob = capture({"SYSTEM", "LAN1", "BOB", 0, false});
  const auto dropped = capture({"SYSTEM", "LAN1", "", 0, true});
  send_frame(alice, 1, 2);
  send_frame(alice, 1, 77);
  EXPECT_EQ(blocks(of_bob), "SHB IDB EPB ");
  EXPECT_EQ(blocks(dropped), "SHB IDB EPB ");
  const std::string text(reinterpret_cast<const char*>(last_block.data()), last_block.size());
  EXPECT_NE(text.find("dropped: unknown address"), std::string::npos);
}

TEST_F(Capturing, WhatAGuestOutsideAndItsAdapterSayIsThereIfItWasAskedFor) {
  const auto frames = capture();
  const auto all = capture({"SYSTEM", "LAN1", "", 0, false, true});
  const std::string idx = "00008000000000001901018000000000010100000000404040404040404006020002";
  EXPECT_TRUE(say(alice, MessageType::control, 0, kit::from_hex(idx)));
  EXPECT_EQ(blocks(all), "SHB IDB EPB EPB ");
  EXPECT_EQ(blocks(frames), "");
}

TEST_F(Capturing, WhoDoesNotReadLosesFramesAndHearsHowMany) {
  const auto slow = capture();
  const auto quick = capture();
  send_frame(alice, 1, 2);
  blocks(slow);
  wire(slow).owed = LanCapture::most_owed + 1;
  constexpr unsigned many = guestlan::LanTrace::frames_without_room;
  for (unsigned count = 0; count < many; ++count) send_frame(alice, 1, 2);
  EXPECT_EQ(blocks(slow), "");
  EXPECT_EQ(blocks(quick).size(), std::string("EPB ").size() * (many + 3));
  EXPECT_EQ(port("BOB").counters().rx_packets, many + 1) << "and nobody else does";
  wire(slow).owed = 0;
  send_frame(alice, 1, 2);
  EXPECT_EQ(blocks(slow), "EPB ");
  EXPECT_NE(kit::to_hex(last_block).find("040008002000000000000000"), std::string::npos);
  wire(slow).owed = LanCapture::most_owed;
  say(slow, MessageType::capture_stop);
  EXPECT_EQ(blocks(slow), "ISB END ");
  EXPECT_NE(kit::to_hex(last_block).find("050008002000000000000000"), std::string::npos);
}

TEST_F(Capturing, ItIsNoGuestAndMayBeSilent) {
  const std::size_t guests = desk.guests();
  const auto id = capture();
  EXPECT_EQ(desk.guests(), guests);
  pass(2 * LinkDesk::most_silence);
  desk.look_after();
  EXPECT_FALSE(wire(id).closing);
  hang_up(id);
  EXPECT_TRUE(send_frame(alice, 1, 2)) << "and may go at any time";
}

TEST_F(Capturing, ALanThatGoesEndsIt) {
  const auto id = capture();
  send_frame(alice, 1, 2);
  blocks(id);
  answer("DETACH LAN LAN1 OWNERID SYSTEM");
  ASSERT_EQ(types(id), "CAPTURED END");
  EXPECT_EQ(link::parse_end(heard(id).back().body).text, "VMLLNK009I LAN SYSTEM LAN1 has gone");
  EXPECT_TRUE(wire(id).closing);
}

TEST_F(Capturing, WhatMakesNoSenseIsRefused) {
  const auto id = connect();
  EXPECT_FALSE(ask(id, {"SYSTEM", "NOLAN", "", 0, false}));
  EXPECT_EQ(refusal(id), "VMLLNK008E LAN SYSTEM NOLAN does not exist");
  const auto nameless = connect();
  EXPECT_FALSE(ask(nameless, {"SYSTEM", "", "", 0, false}));
  EXPECT_EQ(refusal(nameless), "VMLLNK001E field without sense");
  const auto twice = capture();
  EXPECT_FALSE(ask(twice, {"SYSTEM", "LAN1", "", 0, false}));
  EXPECT_EQ(refusal(twice), "VMLLNK001E message out of order");
  EXPECT_FALSE(ask(alice, {"SYSTEM", "LAN1", "", 0, false})) << "a guest";
  const auto then_hello = capture();
  EXPECT_FALSE(say_hello(then_hello, hello_of("CAROL", 3)));
}

TEST_F(Capturing, ThereAreNotMoreThanSoMany) {
  for (std::size_t count = 0; count < LinkDesk::most_captures; ++count) capture();
  const auto id = connect();
  EXPECT_FALSE(ask(id, {"SYSTEM", "LAN1", "", 0, false}));
  EXPECT_EQ(refusal(id), "VMLLNK007E There are 16 captures, the most there may be");
}

}  // namespace
}  // namespace vmlan::apps
