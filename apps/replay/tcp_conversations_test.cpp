#include "apps/replay/tcp_conversations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "apps/replay/addressing.h"
#include "tests/kit/tcp_talk.h"

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;
using kit::TcpTalk;
using Kind = TcpAction::Kind;

class Conversations : public testing::Test {
 protected:
  // One packet of the trace.
  void see(const std::string& packet, arch::Time time) {
    host::CaptureRecord record;
    record.link = wire::LinkType::raw_ip;
    record.bytes = std::as_bytes(std::span(packet));
    record.original_length = static_cast<std::uint32_t>(packet.size());
    Judge judge(JudgeOptions{});
    const auto& judged = judge.begin(record);
    ASSERT_TRUE(judged.is_packet);
    const auto parties = parties_of(judged, ReplayOptions{});
    const auto segment = traced_segment_of(judged, parties.source, parties.destination);
    ASSERT_TRUE(segment);
    conversations.take(*segment, judged.vlan, time);
    numbers.push_back(second_reading.find(*segment).number);
  }
  void shake_hands(TcpTalk& both, arch::Time at = 0ms, arch::Time round_trip = 10ms) {
    see(both.from_client(TcpTalk::syn), at);
    see(both.from_server(TcpTalk::syn | TcpTalk::ack), at + round_trip / 2);
    see(both.from_client(TcpTalk::ack), at + round_trip);
  }
  static std::string text(const std::vector<std::byte>& bytes) { return kit::text_of(bytes); }
  std::uint64_t count(const TcpScripts& scripts, TcpRule rule) {
    return scripts.rules[static_cast<std::size_t>(rule)].connections;
  }

  TcpConversations conversations{TcpConversations::Limits{}};
  TcpNumbers second_reading;
  std::vector<std::uint32_t> numbers;
  TcpTalk talk{{"10.0.0.1", 1000, 0xfffffff0}, {"10.0.0.2", 80, 7}};
};

TEST_F(Conversations, AreScriptsWithThinkTimes) {
  shake_hands(talk);
  see(talk.from_client(TcpTalk::ack, "GET "), 15ms);
  see(talk.from_client(TcpTalk::ack, "all of it"), 17ms);
  see(talk.from_server(TcpTalk::ack, "here it is"), 60ms);
  see(talk.from_client(TcpTalk::ack | TcpTalk::fin), 200ms);
  see(talk.from_server(TcpTalk::ack | TcpTalk::fin, "bye"), 201ms);
  const auto scripts = conversations.end();
  ASSERT_EQ(scripts.scripts.size(), 1U);
  const auto& script = scripts.scripts[0];
  EXPECT_EQ(script.flow.source_port, 1000);
  EXPECT_EQ(text(script.bytes[0]), "GET all of it");
  EXPECT_EQ(text(script.bytes[1]), "here it isbye");
  EXPECT_EQ(script.start, 0ms);
  EXPECT_EQ(script.duration, 201ms);
  ASSERT_EQ(script.actions.size(), 5U);
  const auto& [request, answer, end, last, last_end] =
      std::tie(script.actions[0], script.actions[1], script.actions[2], script.actions[3], script.actions[4]);
  EXPECT_EQ(request.side, TcpSide::client);
  EXPECT_EQ(request.up_to, 13U);  // both segments
  EXPECT_EQ(request.needs, 0U);
  EXPECT_EQ(request.think_time, 5ms);  // after the handshake
  EXPECT_EQ(answer.side, TcpSide::server);
  EXPECT_EQ(answer.needs, 13U);
  EXPECT_EQ(answer.think_time, 43ms);
  EXPECT_EQ(end.kind, Kind::finish);
  EXPECT_EQ(end.needs, 10U);
  EXPECT_EQ(end.think_time, 140ms);
  EXPECT_TRUE(last.needs_finish);
  EXPECT_EQ(last.up_to, 13U);
  EXPECT_EQ(last_end.kind, Kind::finish);
  EXPECT_EQ(count(scripts, TcpRule::whole), 1U);
  EXPECT_EQ(scripts.rules[0].bytes, 26U);
}

TEST_F(Conversations, KeepAPauseThatIsLongerThanTwoRoundTrips) {
  shake_hands(talk);  // 10 ms
  see(talk.from_server(TcpTalk::ack, "one"), 20ms);
  see(talk.from_server(TcpTalk::ack, "two"), 40ms);
  see(talk.from_server(TcpTalk::ack, "three"), 61ms);
  const auto scripts = conversations.end();
  ASSERT_EQ(scripts.scripts.size(), 1U);
  const auto& actions = scripts.scripts[0].actions;
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(actions[0].up_to, 6U);
  EXPECT_EQ(actions[1].think_time, 21ms);
}

TEST_F(Conversations, ResetWhereTheTraceDoes) {
  shake_hands(talk);
  see(talk.from_client(TcpTalk::ack, "x"), 20ms);
  see(talk.from_server(TcpTalk::rst | TcpTalk::ack), 30ms);
  see(talk.from_client(TcpTalk::ack, "unheard"), 31ms);
  const auto scripts = conversations.end();
  ASSERT_EQ(scripts.scripts.size(), 1U);
  EXPECT_EQ(text(scripts.scripts[0].bytes[0]), "x");
  ASSERT_EQ(scripts.scripts[0].actions.size(), 2U);
  EXPECT_EQ(scripts.scripts[0].actions[1].kind, Kind::reset);
  EXPECT_EQ(scripts.scripts[0].actions[1].side, TcpSide::server);
}

TEST_F(Conversations, AreKnownByTheAnswerAlone) {
  talk.from_client(TcpTalk::syn);
  see(talk.from_server(TcpTalk::syn | TcpTalk::ack), 5ms);
  see(talk.from_client(TcpTalk::ack, "hello"), 10ms);
  const auto scripts = conversations.end();
  ASSERT_EQ(scripts.scripts.size(), 1U);
  EXPECT_EQ(scripts.scripts[0].flow.source_port, 1000);
  EXPECT_EQ(text(scripts.scripts[0].bytes[0]), "hello");
}

TEST_F(Conversations, FillWhatTheTraceLacks) {
  shake_hands(talk);
  talk.from_client(TcpTalk::ack, "lost");
  see(talk.from_client(TcpTalk::ack, "seen"), 20ms);
  see(talk.from_server(TcpTalk::ack), 30ms);
  const auto scripts = conversations.end();
  EXPECT_EQ(count(scripts, TcpRule::with_gaps), 1U);
  ASSERT_EQ(scripts.scripts.size(), 1U);
  EXPECT_EQ(text(scripts.scripts[0].bytes[0]), std::string(4, '\0') + "seen");
  EXPECT_EQ(scripts.scripts[0].gap_bytes, 4U);
}

TEST_F(Conversations, AreLeftByName) {
  TcpTalk middle{{"10.0.0.1", 1, 5}, {"10.0.0.2", 80, 7}};
  see(middle.from_client(TcpTalk::ack, "abc"), 0ms);
  see(middle.from_server(TcpTalk::ack, "defg"), 0ms);
  TcpTalk one_way{{"10.0.0.1", 2, 5}, {"10.0.0.2", 80, 7}};
  see(one_way.from_client(TcpTalk::ack, "abc"), 0ms);
  TcpTalk refused{{"10.0.0.1", 3, 5}, {"10.0.0.2", 80, 7}};
  see(refused.from_client(TcpTalk::syn), 0ms);
  see(refused.from_server(TcpTalk::rst | TcpTalk::ack), 0ms);
  TcpTalk jumps{{"10.0.0.1", 4, 5}, {"10.0.0.2", 80, 7}};
  shake_hands(jumps);
  TcpTalk far{{"10.0.0.1", 4, 0x10000000}, {"10.0.0.2", 80, 8}};
  see(far.from_client(TcpTalk::ack, "abc"), 20ms);
  const auto scripts = conversations.end();
  EXPECT_TRUE(scripts.scripts.empty());
  EXPECT_EQ(count(scripts, TcpRule::in_the_middle), 1U);
  EXPECT_EQ(scripts.rules[static_cast<std::size_t>(TcpRule::in_the_middle)].bytes, 7U);
  EXPECT_EQ(count(scripts, TcpRule::one_direction), 1U);
  EXPECT_EQ(count(scripts, TcpRule::no_answer), 1U);
  EXPECT_EQ(count(scripts, TcpRule::too_large_a_gap), 1U);
}

TEST_F(Conversations, FollowEachOtherBetweenTheSamePorts) {
  shake_hands(talk);
  see(talk.from_client(TcpTalk::ack | TcpTalk::fin, "first"), 20ms);
  TcpTalk again{{"10.0.0.1", 1000, 0x5000}, {"10.0.0.2", 80, 0x9000}};
  shake_hands(again, 1s);
  see(again.from_client(TcpTalk::ack | TcpTalk::fin, "second"), 1020ms);
  EXPECT_THAT(numbers, testing::ElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
  const auto scripts = conversations.end();
  ASSERT_EQ(scripts.scripts.size(), 2U);
  EXPECT_EQ(text(scripts.scripts[1].bytes[0]), "second");
  EXPECT_THAT(scripts.script_of, testing::ElementsAre(0, 1));
}

TEST_F(Conversations, AreAllLeftBetweenPortsOfWhichOneIs) {
  see(talk.from_client(TcpTalk::ack, "joined in the middle"), 0ms);
  TcpTalk again{{"10.0.0.1", 1000, 0x5000}, {"10.0.0.2", 80, 0x9000}};
  shake_hands(again, 1s);
  const auto scripts = conversations.end();
  EXPECT_EQ(count(scripts, TcpRule::ports_shared), 1U);
  EXPECT_THAT(scripts.script_of, testing::Each(TcpNumbers::none));
}

TEST_F(Conversations, AreLeftWhenTheirMemoryIsUsedUp) {
  TcpConversations::Limits limits;
  limits.most_bytes = 2000;
  conversations = TcpConversations(limits);
  shake_hands(talk);
  see(talk.from_client(TcpTalk::ack, std::string(1000, 'x')), 20ms);
  TcpTalk other{{"10.0.0.3", 1000, 0x5000}, {"10.0.0.2", 80, 0x9000}};
  shake_hands(other, 30ms);
  see(other.from_client(TcpTalk::ack, std::string(1000, 'x')), 50ms);
  const auto scripts = conversations.end();
  EXPECT_EQ(count(scripts, TcpRule::whole), 1U);
  EXPECT_EQ(count(scripts, TcpRule::no_memory), 1U);
}

}  // namespace
}  // namespace vmlan::apps
