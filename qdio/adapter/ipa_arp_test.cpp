// The layout of the entries is Linux' struct qeth_arp_query_data with qeth_arp_qi_entry7 and _entry5 (6.1).
#include <gtest/gtest.h>

#include "tests/kit/ipa_fixture.h"

namespace vmlan::qdio {
namespace {

constexpr const char* medium = "0000000000000000000000000000000000000000000000000000000000000000";

wire::IpAddress address(const char* text) { return *wire::parse_ip_address(text); }

std::string query(const char* version) {
  return "B3000000 00000100 0101" + std::string(version) +
         " 00000000 00000000 00000001 000C 0104 0000 0000 000F0000";
}

TEST_F(IpaTest, AnArpQueryTellsWhoIsOnTheLan) {
  port.known = {{address("10.1.1.1"), {{2, 0, 0, 0, 0, 1}}},
                {address("10.1.1.2"), {{2, 0, 0, 0, 0, 2}}},
                {address("fe80::2"), {{2, 0, 0, 0, 0, 2}}}};
  EXPECT_EQ(code(query("0004")), "0000");
  EXPECT_EQ(at(0x18, 8),
            "006801040000"
            "0101")
      << "length, command, good, one part of one";
  EXPECT_EQ(at(0x20, 8), "000F000700000002");
  EXPECT_EQ(at(0x28, 44), std::string(medium) +
                              "0101"
                              "020000000001"
                              "0A010101");
  EXPECT_EQ(at(0x28 + 44, 44), std::string(medium) +
                                   "0101"
                                   "020000000002"
                                   "0A010102");
  EXPECT_EQ(reply.size(), 2U * (0x28 + 88));
  EXPECT_EQ(code(query("0006")), "0001") << "IPv4 only";
  EXPECT_EQ(at(0x1c, 2), "0004");
}

TEST_F(IpaTest, OnHiperSocketsArpEntriesHaveNoMacAddress) {
  use(AdapterKind::iqd, Transport::ip);
  port.known = {{address("10.1.1.1"), {{2, 0, 0, 0, 0, 1}}}};
  EXPECT_EQ(code(query("0004")), "0000");
  EXPECT_EQ(at(0x20, 8), "000F000500000001");
  EXPECT_EQ(at(0x28, 38), std::string(medium) +
                              "0101"
                              "0A010101");
}

TEST_F(IpaTest, ALongArpTableComesInSeveralParts) {
  for (unsigned host = 0; host < 200; ++host) {
    const std::uint8_t bytes[] = {10, 1, 1, static_cast<std::uint8_t>(host)};
    port.known.push_back({wire::IpAddress::v4(bytes), {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(host)}}});
  }
  EXPECT_EQ(code(query("0004")), "0000");
  const auto further = ipa->take_further_parts();
  ASSERT_EQ(further.size(), 2U);
  EXPECT_EQ(at(0x1e, 2), "0301");
  std::size_t entries = 0;
  std::vector<std::string> parts{reply};
  for (const auto& part : further) parts.push_back(kit::to_hex(part.bytes()));
  for (std::size_t number = 0; number < parts.size(); ++number) {
    const std::string& part = parts[number];
    EXPECT_LE(part.size() / 2 + 0x40, 4096U) << "fits the page of a driver's READ";
    EXPECT_EQ(part.substr(2 * 0x1e, 4), "030" + std::to_string(number + 1));
    EXPECT_EQ(part.substr(2 * 4, 4), "0000");
    const std::size_t count = std::stoul(part.substr(2 * 0x24, 8), nullptr, 16);
    EXPECT_EQ(part.size(), 2 * (0x28 + count * 44));
    entries += count;
  }
  EXPECT_EQ(entries, 200U);
  EXPECT_EQ(parts[2].substr(parts[2].size() - 8), "0A0101C7") << "the last one last";
  EXPECT_TRUE(ipa->take_further_parts().empty());
}

TEST_F(IpaTest, AnArpQueryCutShortIsABadFormat) {
  EXPECT_EQ(code("B3000000 00000100 01010004 00000000 00000000 00000001 0008 0104 0000 0000"), "0006");
}

void know(kit::RecordingPort& port, unsigned hosts) {
  port.known.clear();
  for (unsigned host = 0; host < hosts; ++host) {
    const std::uint8_t bytes[] = {10, 1, static_cast<std::uint8_t>(host / 256),
                                  static_cast<std::uint8_t>(host % 256)};
    port.known.push_back({wire::IpAddress::v4(bytes), {{2, 0, 0, 0, 0, 1}}});
  }
}

// The driver's room for the answer, which Linux sends along, is none of the answer.
TEST_F(IpaTest, WhatFollowsAnArpQueryIsNotInItsAnswer) {
  EXPECT_EQ(code(query("0004") + std::string(2 * 500, 'F')), "0000");
  EXPECT_EQ(reply.size(), 2U * 0x28) << "nobody is there";
  EXPECT_EQ(reply.substr(2 * 0x14),
            "00000001"
            "0010010400000101"
            "000F000700000000");
  know(port, 1);
  EXPECT_EQ(code(query("0004") + std::string(2 * 500, 'F')), "0000");
  EXPECT_EQ(reply.size(), 2U * (0x28 + 44));
  EXPECT_EQ(at(0x18, 2), "003C");
}

TEST_F(IpaTest, AnArpAnswerHasAsManyPartsAsItNeeds) {
  const struct {
    AdapterKind kind;
    unsigned hosts;
    unsigned parts;
    unsigned in_the_last;
  } rows[] = {{AdapterKind::osd, 90, 1, 90},     {AdapterKind::osd, 91, 2, 1},
              {AdapterKind::osd, 180, 2, 90},    {AdapterKind::iqd, 105, 1, 105},
              {AdapterKind::iqd, 106, 2, 1},     {AdapterKind::osd, 9000, 100, 90},
              {AdapterKind::osd, 9001, 100, 90}, {AdapterKind::osd, 20000, 100, 90}};
  for (const auto& row : rows) {
    use(row.kind, Transport::ip);
    know(port, row.hosts);
    EXPECT_EQ(code(query("0004")), "0000");
    const auto further = ipa->take_further_parts();
    ASSERT_EQ(further.size(), row.parts - 1) << row.hosts;
    const std::string last = further.empty() ? reply : kit::to_hex(further.back().bytes());
    EXPECT_EQ(std::stoul(last.substr(2 * 0x24, 8), nullptr, 16), row.in_the_last) << row.hosts;
    EXPECT_EQ(std::stoul(last.substr(2 * 0x1e, 2), nullptr, 16), row.parts);
    EXPECT_EQ(std::stoul(last.substr(2 * 0x1f, 2), nullptr, 16), row.parts);
    EXPECT_LE(last.size() / 2 + 0x40, 4096U);
  }
}

TEST_F(IpaTest, EveryPartOfAnArpAnswerIsAWholeReply) {
  know(port, 200);
  EXPECT_EQ(code(query("0004")), "0000");
  const std::string first = reply;
  for (const auto& part : ipa->take_further_parts()) {
    const std::string bytes = kit::to_hex(part.bytes());
    EXPECT_EQ(bytes.substr(0, 2 * 0x18), first.substr(0, 2 * 0x18)) << "header and assist";
    EXPECT_EQ(bytes.substr(2 * 0x1a, 8), "01040000") << "command, good";
    EXPECT_EQ(std::stoul(bytes.substr(2 * 0x18, 4), nullptr, 16), bytes.size() / 2 - 0x20 + 8);
  }
}

TEST_F(IpaTest, PartsThatNobodyTookAreForgotten) {
  know(port, 200);
  code(query("0004"));
  code(query("0004"));
  EXPECT_EQ(ipa->take_further_parts().size(), 2U);
  code(query("0004"));
  know(port, 1);
  code(query("0004"));
  EXPECT_TRUE(ipa->take_further_parts().empty());
}

}  // namespace
}  // namespace vmlan::qdio
