// SETASSPARMS of the checksum and TSO assists. Requests and the data of the replies: observed, Linux 6.1
// qeth.
#include <gtest/gtest.h>

#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

constexpr const char* inbound = "00000002 ";
constexpr const char* outbound = "00000004 ";
constexpr const char* tso = "00100000 ";

std::string start(const std::string& protocol, const std::string& assist) {
  return head("B3", protocol) + assist + "0008 0001 0000 0000";
}
std::string stop(const std::string& protocol, const std::string& assist) {
  return head("B3", protocol) + assist + "0008 0002 0000 0000";
}
std::string enable(const std::string& protocol, const std::string& assist, const std::string& data) {
  return head("B3", protocol) + assist + (data.size() > 8 ? "0010" : "000C") + " 0004 0000 0000 " + data;
}

// The reply is always of the same length and good.
void expect_data(const std::string& reply, const std::string& data) {
  EXPECT_EQ(reply.size(), 2U * 0x2c) << reply;
  EXPECT_EQ(reply.substr(2 * 0x18, 4), "0014") << reply;
  EXPECT_EQ(reply.substr(2 * 0x1c, 4), "0000") << reply;
  EXPECT_EQ(reply.substr(2 * 0x20, data.size()), data) << reply;
}

TEST_F(IpaTest, ChecksumAssistsSayWhatTheyCan) {
  for (const char* assist : {inbound, outbound}) {
    for (const Transport transport : {Transport::ip, Transport::ethernet}) {
      use(AdapterKind::osd, transport);
      EXPECT_EQ(code(start("0004", assist)), "0000");
      expect_data(reply, "0000003A");
      EXPECT_EQ(code(enable("0004", assist, "00000038")), "0000");
      expect_data(reply, "0000003A00000038");
      EXPECT_EQ(code(start("0006", assist)), "0000");
      expect_data(reply, "00000038");
      EXPECT_EQ(code(enable("0006", assist, "00000038")), "0000");
      expect_data(reply, "0000003800000038");
    }
  }
}

TEST_F(IpaTest, LayerThreeAlsoLeavesTheIpHeaderToUs) {
  EXPECT_EQ(code(start("0004", outbound)), "0000");
  EXPECT_EQ(code(enable("0004", outbound, "0000003A")), "0000");
  expect_data(reply, "0000003A0000003A");
}

TEST_F(IpaTest, TsoSaysItsLargestSegmentAndIsEnabled) {
  EXPECT_EQ(code(start("0004", tso)), "0000");
  expect_data(reply, "000005B400000001");  // 1460, at an MTU of 1500
  EXPECT_EQ(code(enable("0004", tso, "0000000000000001")), "0000");
  expect_data(reply, "0000000100000001");
  EXPECT_EQ(code(start("0006", tso)), "0000");
  expect_data(reply, "000005A000000001");
  EXPECT_EQ(at(0x10, 4), "00100400");
}

TEST_F(IpaTest, ThePortLearnsWhoReliesOnInboundChecksums) {
  code(start("0004", inbound));
  EXPECT_TRUE(port.calls.empty()) << "START is a question";
  code(enable("0004", inbound, "00000038"));
  code(enable("0006", inbound, "00000018"));
  EXPECT_EQ(code(stop("0006", inbound)), "0000");
  EXPECT_EQ(port.calls, (Calls{"enable_inbound_checksum 4 on", "enable_inbound_checksum 6 on",
                               "enable_inbound_checksum 6 off"}));
  port.calls.clear();
  code(enable("0004", outbound, "00000038"));
  code(stop("0004", outbound));
  EXPECT_TRUE(port.calls.empty()) << "outbound, each packet says for itself";
}

TEST_F(IpaTest, EnabledShowsInTheMaskOfItsVersion) {
  code(start("0006", inbound));
  EXPECT_EQ(at(0x10, 4), "00400400");
  code(start("0006", outbound));
  EXPECT_EQ(at(0x10, 4), "00C00400");
  code(stop("0006", inbound));
  EXPECT_EQ(at(0x10, 4), "00800400");
}

TEST_F(IpaTest, WhatTheAssistCannotDoIsNotEnabled) {
  // Bits nobody offered, the header of IPv6 (which has no sum), UDP or TCP alone, nothing.
  EXPECT_EQ(code(enable("0004", inbound, "00000138")), "0001");
  EXPECT_EQ(at(0x1c, 2), "0002");
  EXPECT_EQ(at(0x24, 4), "00000000");
  for (const char* asked : {"00000008", "00000010", "00000000"}) {
    EXPECT_EQ(code(enable("0004", inbound, asked)), "0001") << asked;
  }
  EXPECT_EQ(code(enable("0006", inbound, "0000003A")), "0001");
  EXPECT_EQ(code(enable("0004", tso, "0000000100000000")), "0001");
  EXPECT_TRUE(port.calls.empty());
}

TEST_F(IpaTest, AnEnableWithoutItsDataIsOfBadFormat) {
  for (const char* assist : {inbound, outbound, tso}) {
    EXPECT_EQ(code(head("B3", "0004") + assist + "0008 0004 0000 0000"), "0006") << assist;
  }
  EXPECT_EQ(code(enable("0004", tso, "00000000")), "0006") << "half of it";
  EXPECT_TRUE(port.calls.empty());
}

}  // namespace
}  // namespace vmlan::qdio
