#include "qdio/adapter.h"

#include <gtest/gtest.h>

#include <string>

#include "arch/clock.h"
#include "qdio/adapter_session.h"
#include "tests/kit/hex.h"
#include "tests/kit/recording_port.h"

namespace vmlan::qdio {
namespace {

using kit::from_hex;
using kit::to_hex;
using Calls = std::vector<std::string>;

// All requests: observed, Linux 6.1 qeth (OSD layer 2, tokens as the adapter gave them).
constexpr const char* idx_read =
    "00008000 00000000 190101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002";
constexpr const char* idx_write =
    "00008000 00000000 150101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002";
constexpr const char* cm_enable =
    "000C4102 00170000 00000000 000B0401 7E040500 010108 000C0402 FFFFFFFF FFFFFFFF";
constexpr const char* cm_setup =
    "000C4104 00180000 00000000 00090404 05000101 0A 00090405 05D8C5E3 F2 00060406 C800";
constexpr const char* ulp_enable_layer2 =
    "000C4102 001F0000 00000000 000B0401 08040500 01010B 0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000";
constexpr const char* ulp_enable_layer3 =
    "000C4102 001F0000 00000000 000B0401 03040500 01010B 0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000";
constexpr const char* ulp_setup =
    "000C4104 00200000 00000000 00090404 05000101 0D 00090405 05D8C5E3 F4 00060406 4000 0008040B 08020002";
constexpr const char* dm_act = "000C4360 00090000 00000000 00090404 05D8C5E3 F5";
constexpr const char* start_lan = "01000007 00000100 01010000 00000000 00000000";

constexpr unsigned cm = 0x81;
constexpr unsigned ulp = 0x41;
constexpr unsigned ipa = 0xc1;

// The envelope of a request around a body, as Linux makes it.
Message request(unsigned type, const std::string& body_hex) {
  const auto body = from_hex(body_hex);
  Message message = from_hex(
      "00E00000 00000001 00000014 00000000 10000001"
      "00000000 007E0001 00000009 00000000 00240000 00000005 D8C5E3F1 00000000 00000000"
      "01000000 00000040");
  message[0x18] = static_cast<std::byte>(type);
  message[0x0f] = static_cast<std::byte>(0x40 + body.size());
  for (const std::size_t at : {0x27U, 0x2aU, 0x3bU}) message[at] = static_cast<std::byte>(body.size());
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

class AdapterTest : public ::testing::Test, public ControlReplies {
 protected:
  static constexpr unsigned reader = 0;
  static constexpr unsigned writer = 1;

  void reply(unsigned device, Message message) override { replies.emplace_back(device, std::move(message)); }

  // What came back to one message; "none" if nothing did.
  std::string answer(unsigned device, const Message& message, unsigned from) {
    replies.clear();
    adapter->receive(device, message);
    if (replies.empty()) return "none";
    EXPECT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies.front().first, from);
    return to_hex(replies.front().second);
  }
  std::string answer_idx(unsigned device, const char* message) {
    return answer(device, from_hex(message), device);
  }
  // The body of the reply to a PDU.
  std::string answer_pdu(unsigned type, const std::string& body) {
    const std::string whole = answer(writer, request(type, body), reader);
    if (whole == "none") return whole;
    const auto pdu = parse_pdu(replies.front().second);
    if (!pdu) return "not a PDU: " + whole;
    EXPECT_EQ(static_cast<unsigned>(pdu->type), type);
    return to_hex(pdu->body);
  }
  void use(AdapterKind kind) {
    AdapterIdentity identity;
    identity.kind = kind;
    adapter = std::make_unique<Adapter>(identity, port, *this);
  }
  void activate_channels() {
    answer_idx(reader, idx_read);
    answer_idx(writer, idx_write);
  }
  void establish(const char* ulp_enable = ulp_enable_layer3) {
    activate_channels();
    for (const auto& [type, body] : std::initializer_list<std::pair<unsigned, const char*>>{
             {cm, cm_enable}, {cm, cm_setup}, {ulp, ulp_enable}, {ulp, ulp_setup}, {ulp, dm_act}}) {
      ASSERT_NE(answer_pdu(type, body), "none");
    }
    port.calls.clear();
  }

  kit::RecordingPort port;
  std::vector<std::pair<unsigned, Message>> replies;
  std::unique_ptr<Adapter> adapter = std::make_unique<Adapter>(AdapterIdentity{}, port, *this);
};

// --- IDX ACTIVATE

// The observed replies with our token E5D4D3F1 and our microcode level E5D4D3D5.
TEST_F(AdapterTest, IdxActivateIsAnsweredOnItsOwnChannel) {
  EXPECT_EQ(answer_idx(reader, idx_read),
            "00008000000000001A0101C0E5D4D3F10201E5D4D3D5C8C1D3D3D6D3C54008020002");
  EXPECT_EQ(answer_idx(writer, idx_write),
            "0000800000000000160101C0E5D4D3F10201E5D4D3D5C8C1D3D3D6D3C54008020002");
}

TEST_F(AdapterTest, HiperSocketsHaveTheirOwnFunctionLevel) {
  use(AdapterKind::iqd);
  EXPECT_EQ(answer_idx(reader, idx_read).substr(2 * 0x10, 4), "0408");
}

TEST_F(AdapterTest, IdxActivateNamesDataDeviceAndDirection) {
  const auto read = parse_idx_activate(from_hex(idx_read));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->data_device.value, 0x0802);
  EXPECT_TRUE(read->read_channel);
  EXPECT_FALSE(parse_idx_activate(from_hex(idx_write))->read_channel);
  EXPECT_FALSE(parse_idx_activate(request(cm, cm_enable)));
}

TEST_F(AdapterTest, ARefusedIdxActivateIsNotPositive) {
  const Message refused = refuse_idx_activate(from_hex(idx_read));
  ASSERT_EQ(refused.size(), 0x22U);
  EXPECT_NE(refused[8] & std::byte{3}, std::byte{2});
  EXPECT_EQ(refused[2] & std::byte{0xc0}, std::byte{0x80});  // no IDX TERMINATE
  EXPECT_TRUE(refuse_idx_activate(from_hex("00008000")).empty());
}

TEST_F(AdapterTest, AnIdxActivateCutShortGetsNoAnswer) {
  const Message whole = from_hex(idx_read);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Message cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(answer(reader, cut, reader), "none") << length;
  }
}

// --- The handshake: bodies as observed, with our tokens

TEST_F(AdapterTest, TheHandshakeIsAnsweredAsObserved) {
  activate_channels();
  EXPECT_EQ(answer_pdu(cm, cm_enable),
            "000C41020017000000000000"
            "000B04017E0405E5D4D3F2"
            "000C04020000000000000000");
  EXPECT_EQ(answer_pdu(cm, cm_setup),
            "000C4106001A000000000000"
            "0009040405000101"
            "0A"
            "0009040805E5D4D3F3"
            "0008040740000000");
  // Largest MTU 1500 and, our own choice, 10 Gbit Ethernet.
  EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer2),
            "000C41020023000000000000"
            "000B0401080405E5D4D3F4"
            "0018040A0020000005DC0008C8E8C4F1C7F10000"
            "10000000");
  EXPECT_EQ(answer_pdu(ulp, ulp_setup),
            "000C41060022000000000000"
            "00090404050001010D"
            "0009040805E5D4D3F5"
            "0008040740000000"
            "0008040B08020002");
  EXPECT_EQ(answer_pdu(ulp, dm_act),
            "000C43600009000000000000"
            "00090404050001010D");
  EXPECT_EQ(port.calls, (Calls{"session_established ethernet HALLOLE "}));
}

TEST_F(AdapterTest, RepliesCarryTheGuestsTokensAndSequenceNumbers) {
  activate_channels();
  EXPECT_EQ(answer(writer, request(cm, cm_enable), reader).substr(0, 2 * 0x38),
            "00E00000"
            "00000001"
            "00000014"
            "0000005B"
            "0FFC0001"
            "00000000"
            "817E0001"
            "00000000"
            "00000000"
            "001C0023"
            "00002305"
            "00010103"
            "01000023"
            "00000038");
  answer_pdu(cm, cm_setup);
  // type 41, protocol 02, sequence 1, acknowledging 9, for the guest's CM connection
  EXPECT_EQ(answer(writer, request(ulp, ulp_enable_layer3), reader).substr(2 * 4, 2 * 0x2c),
            "00000003"
            "00000014"
            "00000067"
            "0FFC0001"
            "00000000"
            "41020001"
            "00000001"
            "00000009"
            "001C002F"
            "00002F05"
            "0001010A");
}

TEST_F(AdapterTest, IpaRepliesGoToTheGuestsUlpConnection) {
  establish();
  const std::string whole = answer(writer, request(ipa, start_lan), reader);
  EXPECT_EQ(whole.substr(2 * 0x14, 2 * 0x2c),
            "00000000"
            "C17E0001"
            "00000004"
            "00000009"
            "00240014"
            "00001405"
            "0001010D"
            "00000000"
            "00000000"
            "01000014"
            "00000040");
}

TEST_F(AdapterTest, APortNameIsTakenOnlyIfIdxAnnouncesOne) {
  const std::string with_name =
      "00008000 00000000 19010140 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002";
  answer_idx(reader, with_name.c_str());
  answer_idx(writer, "00008000 00000000 15010140 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002");
  answer_pdu(cm, cm_enable);
  answer_pdu(cm, cm_setup);
  answer_pdu(ulp, ulp_enable_layer3);
  answer_pdu(ulp, ulp_setup);
  answer_pdu(ulp, dm_act);
  EXPECT_EQ(port.calls, (Calls{"session_established ip HALLOLE HYD1G1"}));
}

TEST_F(AdapterTest, HiperSocketsTellTheirFrameSizeByCode) {
  use(AdapterKind::iqd);
  activate_channels();
  answer_pdu(cm, cm_enable);
  answer_pdu(cm, cm_setup);
  const std::pair<std::uint32_t, const char*> codes[] = {
      {16384, "4000"}, {24576, "6000"}, {40960, "A000"}, {65536, "FFFF"}};
  for (const auto& [size, code] : codes) {
    port.frame_size = size;
    EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3).substr(2 * 0x1f, 4), code);
  }
}

TEST_F(AdapterTest, AWrongLayerIsRefusedByIdxTerminate) {
  port.accepted = {Transport::ip};
  activate_channels();
  answer_pdu(cm, cm_enable);
  answer_pdu(cm, cm_setup);
  const std::string terminate = answer(writer, request(ulp, ulp_enable_layer2), reader);
  EXPECT_EQ(terminate.substr(0, 10), "0000C00041");
  // The channels need a new IDX ACTIVATE.
  EXPECT_EQ(answer_pdu(cm, cm_enable), "none");
  activate_channels();
  EXPECT_NE(answer_pdu(cm, cm_enable), "none");
}

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
  adapter->lan_lost();
  establish();
  replies.clear();
  adapter->lan_lost();
  adapter->lan_restored();
  EXPECT_TRUE(replies.empty());
  answer_pdu(ipa, start_lan);
  replies.clear();
  adapter->lan_lost();
  adapter->lan_restored();
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
  adapter->lan_restored();
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
