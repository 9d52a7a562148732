// The parameters of the five MPC exchanges: which are needed, how long, and what the replies make of them.
#include <gtest/gtest.h>

#include <string>

#include "tests/kit/adapter_fixture.h"

namespace vmlan::qdio {
namespace {

const std::string enable_head = "000C4102 00000000 00000000 ";
const std::string setup_head = "000C4104 00000000 00000000 ";
const std::string filter_layer3 = "000B0401 03040500 01010B ";
const std::string guest_ulp = "00090404 05000101 0D ";
const std::string unit_0802 = "0008040B 08020002 ";

class AdapterParametersTest : public AdapterTest {
 protected:
  void steps(unsigned count) {
    activate_channels();
    const std::pair<unsigned, const char*> all[] = {
        {cm, cm_enable}, {cm, cm_setup}, {ulp, ulp_enable_layer3}, {ulp, ulp_setup}};
    for (unsigned step = 0; step < count; ++step) answer_pdu(all[step].first, all[step].second);
  }
};

TEST_F(AdapterParametersTest, EnableOfTheConnectionManagerNeedsItsWholeFilter) {
  steps(0);
  EXPECT_EQ(answer_pdu(cm, enable_head + "000A0401 7E040500 0101"), "none");
  EXPECT_EQ(answer_pdu(cm, enable_head + "00040401"), "none");
  EXPECT_EQ(answer_pdu(cm, enable_head), "none");
  EXPECT_EQ(answer_pdu(cm, enable_head + "000B0401 7D040500 010103"),
            "000C41020017000000000000"
            "000B04017D0405E5D4D3F2"
            "000C04020000000000000000");
}

TEST_F(AdapterParametersTest, SetupOfTheConnectionManagerNeedsTheGuestsToken) {
  steps(1);
  EXPECT_EQ(answer_pdu(cm, setup_head + "00080404 05000101"), "none");
  EXPECT_EQ(answer_pdu(cm, setup_head + "00090405 05000101 0A"), "none") << "the adapter's, not the guest's";
  EXPECT_EQ(answer_pdu(cm, setup_head + "00090404 05000101 0A").substr(24, 18), "00090404050001010A");
}

TEST_F(AdapterParametersTest, EnableOfTheUpperLayerNeedsFilterAndLink) {
  steps(2);
  const std::string link = "0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000";
  EXPECT_EQ(answer_pdu(ulp, enable_head + filter_layer3), "none");
  EXPECT_EQ(answer_pdu(ulp, enable_head + link), "none");
  EXPECT_EQ(answer_pdu(ulp, enable_head + filter_layer3 + "0013040A 00200000 FFFF0008 C8E8C4F1 C7F100"),
            "none");
  for (const char* protocol : {"02", "04", "07", "09", "7E"}) {
    EXPECT_EQ(answer_pdu(ulp, enable_head + "000B0401 " + protocol + "040500 01010B " + link), "none");
  }
  EXPECT_EQ(answer_pdu(ulp, ulp_setup), "none");
  EXPECT_EQ(answer_pdu(ulp, enable_head + filter_layer3 + link),
            "000C41020023000000000000"
            "000B0401030405E5D4D3F4"
            "0018040A0020000005DC0008C8E8C4F1C7F1000010000000");
}

TEST_F(AdapterParametersTest, ALongerLinkComesBackWhole) {
  steps(2);
  const std::string link = "001A040A 00210000 FFFF0008 C8E8C4F1 C7F10000 AABBCCDD EEFF";
  EXPECT_EQ(answer_pdu(ulp, enable_head + filter_layer3 + link).substr(2 * 0x17),
            "001A040A0021000005DC0008C8E8C4F1C7F1000010000000EEFF");
}

TEST_F(AdapterParametersTest, APortNameIsAsLongAsItSays) {
  const std::pair<const char*, const char*> lengths[] = {
      {"00", ""}, {"01", "H"}, {"07", "HYD1G1A"}, {"08", "HYD1G1AB"}, {"09", "HYD1G1AB"}, {"FF", "HYD1G1AB"}};
  for (const auto& [length, name] : lengths) {
    adapter->reset();
    answer_idx(reader, "00008000 00000000 19010140 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002");
    answer_idx(writer, "00008000 00000000 15010140 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002");
    answer_pdu(cm, cm_enable);
    answer_pdu(cm, cm_setup);
    answer_pdu(ulp, enable_head + filter_layer3 + "0014040A 00200000 FFFF00" + length + "C8E8C4F1 C7F1C1C2");
    answer_pdu(ulp, ulp_setup);
    port.calls.clear();
    answer_pdu(ulp, dm_act);
    EXPECT_EQ(port.calls, Calls{std::string("session_established ip HALLOLE ") + name});
  }
}

TEST_F(AdapterParametersTest, TheLargestMtuIsToldAsFarAsItFits) {
  steps(2);
  const std::pair<std::uint32_t, const char*> codes[] = {
      {1492, "05D4"}, {8992, "2320"}, {0xffff, "FFFF"}, {0x10000, "FFFF"}, {0x12345, "FFFF"}};
  for (const auto& [mtu, code] : codes) {
    port.mtu = mtu;
    EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3).substr(2 * 0x1f, 4), code);
  }
}

TEST_F(AdapterParametersTest, SetupOfTheUpperLayerNeedsTokenAndUnit) {
  steps(3);
  EXPECT_EQ(answer_pdu(ulp, setup_head + guest_ulp), "none");
  EXPECT_EQ(answer_pdu(ulp, setup_head + unit_0802), "none");
  EXPECT_EQ(answer_pdu(ulp, setup_head + guest_ulp + "0007040B 080200"), "none");
  EXPECT_EQ(answer_pdu(ulp, setup_head + "00080404 05000101" + unit_0802), "none");
  EXPECT_EQ(answer_pdu(ulp, dm_act), "none");
  EXPECT_EQ(answer_pdu(ulp, setup_head + guest_ulp + unit_0802),
            "000C41060022000000000000"
            "00090404050001010D"
            "0009040805E5D4D3F5"
            "0008040740000000"
            "0008040B08020002");
}

TEST_F(AdapterParametersTest, TheOptionsAskedForComeBack) {
  steps(3);
  const std::pair<const char*, const char*> options[] = {
      {"00060406 C800 ", "C8000000"},
      {"00060406 4001 ", "40010000"},
      {"00050406 C8 ", "40000000"},  // cut short: as if none had been asked for
  };
  for (const auto& [asked, answered] : options) {
    EXPECT_EQ(answer_pdu(ulp, setup_head + guest_ulp + asked + unit_0802).substr(2 * 0x1e, 16),
              std::string("00080407") + answered);
  }
}

// A driver that named one data path means it, whatever it calls it now.
TEST_F(AdapterParametersTest, TheOnlyDataPathIsMeantByAnyName) {
  steps(3);
  EXPECT_EQ(answer_pdu(ulp, setup_head + guest_ulp + "0008040B 09990102").substr(2 * 0x26),
            "0008040B09990102");
  EXPECT_NE(answer_pdu(ulp, "000C4360 00090000 00000000 00090404 05010203 04"), "none");
}

TEST_F(AdapterParametersTest, HiperSocketsFrameSizesBelowTheirLimitAreTheirOwnCode) {
  use(AdapterKind::iqd);
  steps(2);
  port.mtu = 8192;
  port.frame_size = 0xffff;
  EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3).substr(2 * 0x1f, 4), "FFFF");
  port.frame_size = 0xfffe;
  EXPECT_EQ(answer_pdu(ulp, ulp_enable_layer3).substr(2 * 0x1f, 4), "FFFE");
}

}  // namespace
}  // namespace vmlan::qdio
