#include <gtest/gtest.h>

#include <string>

#include "qdio/adapter/adapter_connection.h"
#include "tests/kit/adapter_fixture.h"

namespace vmlan::qdio {
namespace {

// --- Order

TEST(HandshakeOrder, OneStepForwardOrAnyNumberBack) {
  constexpr int phases = 6;
  for (int from = 0; from < phases; ++from) {
    for (int to = 0; to < phases; ++to) {
      EXPECT_EQ(may_follow(static_cast<HandshakePhase>(from), static_cast<HandshakePhase>(to)),
                to <= from + 1);
    }
  }
}

TEST_F(AdapterTest, AStepTooEarlyGetsNoAnswer) {
  EXPECT_EQ(answer_pdu(cm, cm_enable), "none");
  answer_idx(reader, idx_read);
  EXPECT_EQ(answer_pdu(cm, cm_enable), "none");
  answer_idx(writer, idx_write);
  EXPECT_EQ(answer_pdu(cm, cm_setup), "none");
  EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3), "none");
  EXPECT_EQ(answer_pdu(ulp, dm_act), "none");
  EXPECT_EQ(answer_pdu(ipa, start_lan), "none");
  EXPECT_NE(answer_pdu(cm, cm_enable), "none");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(AdapterTest, PdusCountOnTheWriteChannelOnly) {
  activate_channels();
  EXPECT_EQ(answer(reader, request(cm, cm_enable), reader), "none");
  EXPECT_EQ(answer(2, request(cm, cm_enable), reader), "none");
}

TEST_F(AdapterTest, ARepeatedStepStartsOverFromThere) {
  establish();
  EXPECT_NE(answer_pdu(cm, cm_setup), "none");
  EXPECT_EQ(port.calls, Calls{"reset"});
  EXPECT_EQ(answer_pdu(ipa, start_lan), "none");
  EXPECT_EQ(answer_pdu(ulp, dm_act), "none");
  EXPECT_NE(answer_pdu(ulp, ulp_enable_layer3), "none");
}

TEST_F(AdapterTest, ANewIdxActivateEndsTheSession) {
  establish();
  EXPECT_NE(answer_idx(writer, idx_write), "none");
  EXPECT_EQ(port.calls, Calls{"reset"});
  EXPECT_EQ(answer_pdu(cm, cm_enable), "none");
  answer_idx(reader, idx_read);
  EXPECT_NE(answer_pdu(cm, cm_enable), "none");
}

TEST_F(AdapterTest, ResetEndsTheSession) {
  establish();
  adapter->reset();
  EXPECT_EQ(port.calls, Calls{"reset"});
  EXPECT_EQ(answer_pdu(ipa, start_lan), "none");
}

TEST_F(AdapterTest, OneDeviceIsNotBothChannels) {
  answer_idx(reader, idx_read);
  answer_idx(reader, idx_write);
  EXPECT_EQ(answer(reader, request(cm, cm_enable), reader), "none");
}

// --- Events

TEST_F(AdapterTest, EventsComeOnlyAfterStartLan) {
  adapter->lan_lost(port);
  establish();
  replies.clear();
  adapter->lan_lost(port);
  adapter->lan_restored(port);
  EXPECT_TRUE(replies.empty());
  answer_pdu(ipa, start_lan);
  replies.clear();
  adapter->lan_lost(port);
  adapter->lan_restored(port);
  ASSERT_EQ(replies.size(), 2U);
  for (const auto& [device, message] : replies) EXPECT_EQ(device, reader);
  // command, initiator 01, no return code
  EXPECT_EQ(to_hex(parse_pdu(replies[0].second)->body).substr(0, 16), "0201000000000100");
  EXPECT_EQ(to_hex(parse_pdu(replies[1].second)->body).substr(0, 16), "0101000000000100");
}

TEST_F(AdapterTest, AnOfflineLanStillGetsItsEventLater) {
  port.answers["start_lan"] = IpaCode::lan_offline;
  establish();
  EXPECT_EQ(answer_pdu(ipa, start_lan).substr(8, 4), "E080");
  replies.clear();
  adapter->lan_restored(port);
  EXPECT_EQ(replies.size(), 1U);
}

// --- Hostile messages

TEST_F(AdapterTest, MessagesLongerThanAPageAreIgnored) {
  establish();
  Message message = request(ipa, start_lan);
  message.resize(5000);
  EXPECT_EQ(answer(writer, message, reader), "none");
}

TEST_F(AdapterTest, AnyByteOfTheHandshakeMayBeWrong) {
  arch::Prng chance(19);
  const std::pair<unsigned, const char*> steps[] = {
      {cm, cm_enable},  {cm, cm_setup}, {ulp, ulp_enable_layer3},
      {ulp, ulp_setup}, {ulp, dm_act},  {ipa, start_lan}};
  for (int round = 0; round < 3000; ++round) {
    adapter->reset();
    activate_channels();
    replies.clear();
    for (const auto& [type, body] : steps) {
      const Message good = request(type, body);
      Message bad = good;
      for (std::uint64_t changes = chance.below(4); changes > 0; --changes) {
        bad[chance.below(bad.size())] = static_cast<std::byte>(chance.below(256));
      }
      bad.resize(chance.below(8) == 0 ? chance.below(bad.size() + 1) : bad.size());
      bad.shrink_to_fit();
      adapter->receive(writer, bad);
      adapter->receive(writer, good);
    }
    for (const auto& [device, message] : replies) EXPECT_LE(message.size(), max_control_message + 0x100);
  }
}

}  // namespace
}  // namespace vmlan::qdio
