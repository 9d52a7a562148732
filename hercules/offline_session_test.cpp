#include "hercules/offline_session.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/kit/hex.h"

namespace vmlan::hercules {
namespace {

// STARTLAN's answer, as the IPA PDU has it: command 01, from the host, sequence number 0003, code 0.
constexpr const char* start_lan_answer = "01000003 00000100 01010000 00000000 00000000";

qdio::Message of_base(std::string_view body, std::uint32_t transmission = 7, std::uint32_t sequence = 9) {
  qdio::Envelope envelope;
  envelope.type = qdio::MessageType::ipa;
  envelope.transmission_sequence = transmission;
  envelope.sequence = sequence;
  envelope.token = {1, 2, 3, 4};
  return qdio::wrap(envelope, kit::from_hex(body));
}

std::uint32_t word(const qdio::Message& message, std::size_t at) {
  arch::be32 value;
  std::memcpy(static_cast<void*>(&value), message.data() + at, sizeof(value));
  return value;
}

std::string body_of(const qdio::Message& message) {
  const auto pdu = qdio::parse_pdu(message);
  return pdu ? kit::to_hex(pdu->body) : "no PDU";
}

class AwayFromTheBase : public testing::Test {
 protected:
  OfflineSession session;
};

TEST_F(AwayFromTheBase, NobodyIsToldEventsBeforeStartlan) {
  EXPECT_FALSE(session.started());
  session.learn(of_base("02000003 00000100 01010000 00000000 00000000"));  // STOPLAN
  EXPECT_FALSE(session.started());
  session.learn(of_base("01010003 00000100 01010000 00000000 00000000"));  // the adapter's own
  EXPECT_FALSE(session.started());
  session.learn(of_base(start_lan_answer));
  EXPECT_TRUE(session.started());
  session.forget();
  EXPECT_FALSE(session.started());
}

TEST_F(AwayFromTheBase, AnEventGoesOnWithTheSessionsNumbersAndToken) {
  session.learn(of_base(start_lan_answer));
  const auto stop = session.event(qdio::IpaCommand::stop_lan);
  EXPECT_EQ(body_of(stop), "0201000000000100010100000000000000000000");
  EXPECT_EQ(word(stop, 0x04), 8U) << "the transmission's";
  EXPECT_EQ(word(stop, 0x14 + 0x08), 10U) << "the response header's";
  EXPECT_EQ(word(stop, 0x14 + 0x0c), 0U);
  EXPECT_EQ(word(stop, 0x14 + 0x18), 0x01020304U);
  const auto start = session.event(qdio::IpaCommand::start_lan);
  EXPECT_EQ(word(start, 0x04), 9U);
  EXPECT_EQ(word(start, 0x14 + 0x08), 11U);
}

TEST_F(AwayFromTheBase, LaterMessagesMoveTheNumbersOn) {
  session.learn(of_base(start_lan_answer));
  session.learn(of_base("21000004 00000100 01010000 00000000 00000000", 20, 30));
  const auto stop = session.event(qdio::IpaCommand::stop_lan);
  EXPECT_EQ(word(stop, 0x04), 21U);
  EXPECT_EQ(word(stop, 0x14 + 0x08), 31U);
}

TEST_F(AwayFromTheBase, ACommandIsRefusedAsLanOffline) {
  session.learn(of_base(start_lan_answer));
  const auto answer = session.refuse(of_base("21000005 00000100 01010000 00000000 00000000 AABB", 3, 77));
  ASSERT_TRUE(answer);
  EXPECT_EQ(body_of(*answer), "21000005E0800100010100000000000000000000AABB");
}

TEST_F(AwayFromTheBase, WhatIsNoCommandGetsNoAnswer) {
  EXPECT_FALSE(session.refuse(of_base(start_lan_answer))) << "nothing has started";
  session.learn(of_base(start_lan_answer));
  EXPECT_FALSE(session.refuse(of_base("2100")));
  EXPECT_FALSE(session.refuse(kit::from_hex("00")));
  qdio::Envelope envelope;
  envelope.type = qdio::MessageType::upper_layer;
  EXPECT_FALSE(session.refuse(qdio::wrap(envelope, kit::from_hex(start_lan_answer))));
}

// z/VM's TCP/IP leaves the header's last field out (qdio/adapter/ipa_message.h).
TEST_F(AwayFromTheBase, ADriverWithTheShortHeaderIsToldTheSame) {
  session.learn(of_base("01000003 00000100 01010000 00000000"));
  ASSERT_TRUE(session.started());
  EXPECT_EQ(body_of(session.event(qdio::IpaCommand::stop_lan)), "0201000000000100010100000000000000000000");
  const auto answer = session.refuse(of_base("21000005 00000100 01010000 00000000"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(body_of(*answer),
            "21000005E0800100010100000000"
            "0000");
}

}  // namespace
}  // namespace vmlan::hercules
