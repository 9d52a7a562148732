#include "qdio/adapter/adapter.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/adapter_fixture.h"

namespace vmlan::qdio {
namespace {

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
  ASSERT_EQ(read->data_paths.size(), 1U);
  EXPECT_EQ(read->data_paths[0].data_device.value, 0x0802);
  EXPECT_EQ(read->data_paths[0].unit_address, 0x02);
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

}  // namespace
}  // namespace vmlan::qdio
