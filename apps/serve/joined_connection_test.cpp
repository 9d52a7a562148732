// What one connection says to the desk, and what it hears.
#include <gmock/gmock.h>

#include "apps/serve/test_desk.h"
#include "link/unfinished_frame.h"
#include "tests/kit/hex.h"

namespace vmlan::apps {
namespace {

using link::MessageType;

class DeskConnection : public TestDesk {
 protected:
  using TestDesk::TestDesk;
  link::Accept accepted(host::ConnectionId id) {
    const auto messages = heard(id);
    EXPECT_EQ(messages.size(), 1U);
    if (messages.empty() || messages[0].type != MessageType::accept) return {};
    return link::parse_accept(messages[0].body);
  }
  bool say_command(host::ConnectionId id, std::string_view command) {
    return say(id, MessageType::command, 0, std::as_bytes(std::span(command)));
  }
  link::End end_heard(host::ConnectionId id) {
    const auto messages = heard(id);
    if (messages.size() != 1 || messages[0].type != MessageType::end) return {{}, "no end"};
    return link::parse_end(messages[0].body);
  }
};

TEST_F(DeskConnection, HelloIsAnsweredWithWhatTheGuestHasToKnow) {
  const auto id = connect();
  EXPECT_TRUE(say_hello(id, hello_of("ALICE")));
  EXPECT_GT(wire(id).flushed, 0U);
  const auto accept = accepted(id);
  EXPECT_EQ(accept.mac, nic("ALICE")->settings().mac);
  EXPECT_FALSE(accept.mac.is_zero());
  EXPECT_EQ(accept.channel_path, 0x0a);
  EXPECT_EQ(accept.max_frame_size, system.vmlan().find("SYSTEM", "LAN1")->attributes().max_frame_size);
  EXPECT_EQ(accept.lan, "SYSTEM LAN1");
}

TEST_F(DeskConnection, AGuestThatNamesNoLanGetsTheOneOfItsKindMadeForIt) {
  join(hello_of("ALICE"));
  const auto& qdio = system.vmlan().find("SYSTEM", "LAN1")->attributes();
  EXPECT_EQ(qdio.type, guestlan::LanType::qdio);
  EXPECT_EQ(qdio.transport, qdio::Transport::ethernet);
  join(hipersockets_of("BOB"));
  const auto& hipers = system.vmlan().find("SYSTEM", "HIPER1")->attributes();
  EXPECT_EQ(hipers.type, guestlan::LanType::hipers);
  EXPECT_EQ(hipers.transport, qdio::Transport::ip);
}

TEST_F(DeskConnection, AGuestGetsTheLanItNames) {
  auto hello = hello_of("ALICE");
  hello.lan_owner = "ALICE";
  hello.lan_name = "OWN";
  const auto id = connect();
  EXPECT_TRUE(say_hello(id, hello));
  EXPECT_EQ(accepted(id).lan, "ALICE OWN");
  EXPECT_EQ(system.vmlan().find("SYSTEM", "LAN1"), nullptr);
}

TEST_F(DeskConnection, WhatHelloNamesIsWhatTheNicIs) {
  auto hello = hello_of("ALICE");
  hello.devices = 7;
  hello.channel_path = 0x2b;
  hello.mac = {{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};
  hello.whole_super_frames = true;
  join(hello);
  const auto& settings = nic("ALICE")->settings();
  EXPECT_EQ(settings.owner, "ALICE");
  EXPECT_EQ(settings.kind, qdio::AdapterKind::osd);
  EXPECT_EQ(settings.devices, 7U);
  EXPECT_EQ(settings.channel_path, 0x2b);
  EXPECT_EQ(settings.mac, hello.mac) << "its operator names it";
  EXPECT_TRUE(settings.whole_super_frames);
  join(hello_of("BOB"));
  EXPECT_FALSE(nic("BOB")->settings().whole_super_frames);
  EXPECT_EQ(nic("BOB")->settings().devices, 3U);
}

TEST_F(DeskConnection, AMacAddressThatIsOnlyAWishIsTheBasesToGrant) {
  auto hello = hello_of("ALICE");
  hello.mac = {{0x0e, 0x11, 0x22, 0x33, 0x44, 0x55}};
  hello.mac_is_wish = true;
  join(hello);
  EXPECT_NE(nic("ALICE")->settings().mac, hello.mac) << "none of the base's";
  hello = hello_of("BOB");
  hello.mac = {{0x02, 0x00, 0x00, 0x00, 0x77, 0x77}};
  hello.mac_is_wish = true;
  join(hello);
  EXPECT_EQ(nic("BOB")->settings().mac, hello.mac);
}

TEST_F(DeskConnection, AHelloWithoutSenseIsNamedAndEndsIt) {
  const auto said = [this](auto change) {
    auto body = link::to_body(hello_of("ALICE"));
    change(body);
    const auto id = connect();
    EXPECT_FALSE(say(id, MessageType::hello, 0, std::as_bytes(std::span(&body, 1))));
    EXPECT_EQ(system.find("ALICE"), nullptr);
    return refusal(id);
  };
  EXPECT_EQ(said([](link::HelloBody& body) { body.version = std::uint16_t{1}; }),
            "VMLLNK001E other version of the link protocol");
  EXPECT_EQ(said([](link::HelloBody& body) { body.devices = 2; }), "VMLLNK001E field without sense");
}

TEST_F(DeskConnection, ASecondHelloEndsIt) {
  const auto id = join(hello_of("ALICE"));
  EXPECT_FALSE(say_hello(id, hello_of("ALICE")));
  EXPECT_EQ(refusal(id), "VMLLNK003E A second HELLO");
}

TEST_F(DeskConnection, ADeviceThatTheNicDoesNotHaveEndsIt) {
  const auto id = join(hello_of("ALICE"));
  EXPECT_TRUE(say(id, MessageType::reset, 2));
  EXPECT_FALSE(say(id, MessageType::reset, 3));
  EXPECT_EQ(refusal(id), "VMLLNK001E message for a device that does not exist");
}

TEST_F(DeskConnection, OneHerculesHasSeveralNicsUnderOneUserAnotherOneHasNone) {
  const auto first = join(hello_of("ALICE", 1));
  auto hello = hello_of("ALICE", 1);
  hello.base_device = {0x0700};
  join(hello);
  EXPECT_NE(nic("ALICE", {0x0700}), nullptr);
  const auto same = connect();
  EXPECT_FALSE(say_hello(same, hello));
  EXPECT_EQ(refusal(same), "VMLLNK006E ALICE has NIC 0700 already");
  hello = hello_of("ALICE", 2);
  for (const std::uint16_t number : {std::uint16_t{0x0700}, std::uint16_t{0x0800}}) {
    hello.base_device = {number};
    const auto other = connect();
    EXPECT_FALSE(say_hello(other, hello));
    EXPECT_THAT(refusal(other), testing::HasSubstr("LGA054E")) << "a second Hercules of this user";
  }
  EXPECT_EQ(nic("ALICE", {0x0800}), nullptr);
  join(hello_of("BOB", 1));
  EXPECT_EQ(desk.guests(), 3U);
  EXPECT_TRUE(say(first, MessageType::reset)) << "and the first goes on";
}

TEST_F(DeskConnection, WithItsLastNicTheUserIsLoggedOff) {
  const auto first = join(hello_of("ALICE"));
  auto hello = hello_of("ALICE");
  hello.base_device = {0x0700};
  const auto second = join(hello);
  hang_up(first);
  EXPECT_NE(system.find("ALICE"), nullptr);
  EXPECT_EQ(nic("ALICE"), nullptr);
  EXPECT_NE(nic("ALICE", {0x0700}), nullptr);
  const auto again = join(hello_of("ALICE"));
  hang_up(second);
  EXPECT_NE(system.find("ALICE"), nullptr);
  hang_up(again);
  EXPECT_EQ(system.find("ALICE"), nullptr);
}

TEST_F(DeskConnection, ARefusedOneLogsNobodyOff) {
  join(hello_of("ALICE", 1));
  const auto second = connect();
  EXPECT_FALSE(say_hello(second, hello_of("ALICE", 2)));
  hang_up(second);
  EXPECT_NE(nic("ALICE"), nullptr);
}

TEST_F(DeskConnection, AForcedUserIsToldAndStaysAway) {
  const auto id = join(hello_of("ALICE"));
  const auto bob = join(hello_of("BOB", 9));
  desk.look_after();
  EXPECT_EQ(types(id), "");
  answer("FORCE ALICE");
  EXPECT_TRUE(say(id, MessageType::reset)) << "its end is on the way";
  EXPECT_TRUE(send_frame(id, 1, 2));
  EXPECT_EQ(types(id), "");
  desk.look_after();
  EXPECT_TRUE(wire(id).closing);
  const auto end = end_heard(id);
  EXPECT_EQ(end.after, link::AfterEnd::stay_away);
  EXPECT_EQ(end.text, "VMLLNK004I The virtual NIC was taken away");
  EXPECT_EQ(types(bob), "");
  EXPECT_FALSE(wire(bob).closing);
}

TEST_F(DeskConnection, TheNextLogonOfAForcedUserIsNotItsOwn) {
  const auto old = join(hello_of("ALICE", 1));
  answer("FORCE ALICE");
  const auto next = join(hello_of("ALICE", 2));
  EXPECT_TRUE(say(old, MessageType::queues_started, data_device));
  EXPECT_TRUE(nic("ALICE")->ports().empty()) << "what is left of it means nothing";
  hang_up(old);
  EXPECT_NE(nic("ALICE"), nullptr) << "nor does its end log anybody off";
  desk.look_after();
  EXPECT_FALSE(wire(next).closing);
}

TEST_F(DeskConnection, ANicThatItsUserDefinesUnderTheNumberOfALostOneIsTheUsers) {
  const auto id = join(hello_of("ALICE"));
  system.find("ALICE")->diagnose_8("DETACH NIC 0600");
  ASSERT_EQ(nic("ALICE"), nullptr);
  system.find("ALICE")->diagnose_8("DEFINE NIC 0600 TYPE QDIO");
  ASSERT_NE(nic("ALICE"), nullptr);
  EXPECT_TRUE(say(id, MessageType::queues_started, data_device));
  EXPECT_TRUE(nic("ALICE")->ports().empty());
  desk.look_after();
  EXPECT_EQ(end_heard(id).text, "VMLLNK004I The virtual NIC was taken away");
}

TEST_F(DeskConnection, ACommandIsAnsweredLineByLineWithItsReturnCodeAtTheEnd) {
  const auto id = connect();
  EXPECT_TRUE(say_command(id, "QUERY NAMES"));
  EXPECT_EQ(types(id), "RESPONSE RETURN_CODE");
  auto messages = heard(id);
  EXPECT_THAT(link::text_of(messages[0].body), testing::HasSubstr("OPERATOR"));
  EXPECT_EQ(kit::to_hex(messages[1].body), "00000000");
  desk.give_turns();
  EXPECT_TRUE(say_command(id, "NONSENSE"));
  messages = heard(id);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(kit::to_hex(messages[1].body), "00000001");
  EXPECT_EQ(desk.guests(), 0U);
  EXPECT_GE(wire(id).flushed, 4U);
}

TEST_F(DeskConnection, AnEmptyCommandIsAnsweredAsAnEmptyLineIs) {
  const auto id = connect();
  EXPECT_TRUE(say_command(id, ""));
  const auto messages = heard(id);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].type, MessageType::return_code);
  EXPECT_EQ(kit::to_hex(messages[0].body), "00000000");
  EXPECT_FALSE(wire(id).closing);
}

TEST_F(DeskConnection, HalfAnAnswerIsNone) {
  const auto id = connect();
  wire(id).room = 10;
  EXPECT_TRUE(say_command(id, "QUERY NAMES"));
  EXPECT_TRUE(wire(id).closing);
  EXPECT_EQ(types(id), "");
}

const std::string idx_of_0602 =
    "00008000 00000000 190101C0 00010103 01010000 0000C8C1 D3D3D6D3 C540 0602 0002";

TEST_F(DeskConnection, TheAdaptersAnswersComeFromTheDeviceThatIsRead) {
  const auto id = join(hello_of("ALICE"));
  const unsigned flushed = wire(id).flushed;
  EXPECT_TRUE(say(id, MessageType::control, 0, kit::from_hex(idx_of_0602)));
  const auto messages = heard(id);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].type, MessageType::control);
  EXPECT_EQ(messages[0].device, 0U);
  EXPECT_EQ(messages[0].body.at(8), std::byte{0x1a});
  EXPECT_GT(wire(id).flushed, flushed);
  EXPECT_EQ(nic("ALICE")->role(0), guestlan::Nic::Role::control_read);
  EXPECT_TRUE(say(id, MessageType::reset, 0));
  EXPECT_EQ(nic("ALICE")->role(0), guestlan::Nic::Role::unassigned);
}

TEST_F(DeskConnection, WithoutRoomForAnAnswerItEnds) {
  const auto id = join(hello_of("ALICE"));
  wire(id).room = 5;
  say(id, MessageType::control, 0, kit::from_hex(idx_of_0602));
  EXPECT_TRUE(wire(id).closing);
}

class DeskWithoutLans : public DeskConnection {
 protected:
  DeskWithoutLans() : DeskConnection(LinkDefaults{"TCPMAINT", "QLAN", "HLAN", false}) {}
};

TEST_F(DeskWithoutLans, WhatIsNotThereIsRefusedAndWhatIsThereIsTheDefaults) {
  const auto id = connect();
  EXPECT_FALSE(say_hello(id, hello_of("ALICE")));
  EXPECT_THAT(refusal(id), testing::HasSubstr("TCPMAINT QLAN"));
  EXPECT_EQ(system.find("ALICE"), nullptr);
  EXPECT_EQ(desk.guests(), 0U);
  answer("DEFINE LAN QLAN OWNERID TCPMAINT TYPE QDIO");
  answer("DEFINE LAN HLAN OWNERID TCPMAINT TYPE HIPERS");
  const auto alice = connect();
  EXPECT_TRUE(say_hello(alice, hello_of("ALICE")));
  EXPECT_EQ(accepted(alice).lan, "TCPMAINT QLAN");
  const auto bob = connect();
  EXPECT_TRUE(say_hello(bob, hipersockets_of("BOB")));
  EXPECT_EQ(accepted(bob).lan, "TCPMAINT HLAN");
}

}  // namespace
}  // namespace vmlan::apps
