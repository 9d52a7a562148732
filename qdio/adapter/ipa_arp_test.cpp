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

}  // namespace
}  // namespace vmlan::qdio
