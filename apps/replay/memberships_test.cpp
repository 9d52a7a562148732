#include "apps/replay/memberships.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/kit/hex.h"

namespace vmlan::apps {
namespace {

// "+239.1.1.1 -239.1.1.2"
std::string changes(wire::IpVersion version, const std::string& hex) {
  const auto bytes = kit::from_hex(hex.c_str());
  const auto found = memberships_in(version, bytes);
  std::string text;
  for (std::size_t i = 0; i < found.count; ++i) {
    text += (text.empty() ? "" : " ") + std::string(found.changes[i].joins ? "+" : "-") +
            to_string(found.changes[i].group);
  }
  return text;
}

const std::string header_v4 = "46c0 0020 0000 4000 0102 0000 0a010101 ef010101 94040000";
// Hop-by-hop with router alert in front.
const std::string header_v6 =
    "6000 0000 0000 0001 fe800000000000000000000000000001 ff0200000000000000000000000000fb 3a00 0502 0000 "
    "0100";

TEST(Memberships, ReportsOfIgmpVersions1And2JoinAndLeave) {
  EXPECT_EQ(changes(wire::IpVersion::v4, header_v4 + "1600 0000 ef010101"), "+239.1.1.1");
  EXPECT_EQ(changes(wire::IpVersion::v4, header_v4 + "1200 0000 ef010101"), "+239.1.1.1");
  EXPECT_EQ(changes(wire::IpVersion::v4, header_v4 + "1700 0000 ef010101"), "-239.1.1.1");
  EXPECT_EQ(changes(wire::IpVersion::v4, header_v4 + "1100 0000 ef010101"), "") << "a query";
  EXPECT_EQ(changes(wire::IpVersion::v4, header_v4 + "1600 0000 0a010101"), "") << "no group";
}

TEST(Memberships, RecordsOfVersion3AreTakenOneByOne) {
  EXPECT_EQ(changes(wire::IpVersion::v4, header_v4 + "2200 0000 0000 0004"
                                                     "0400 0000 ef010101"
                                                     "0300 0000 ef010102"
                                                     "0501 0001 ef010103 0a000001 00000000"
                                                     "0600 0001 ef010104 0a000001"),
            "+239.1.1.1 -239.1.1.2 +239.1.1.3");
}

TEST(Memberships, OfMldVersions1And2) {
  const std::string group = "ff0200000000000000000000000000fb";
  EXPECT_EQ(changes(wire::IpVersion::v6, header_v6 + "8300 0000 0000 0000" + group), "+ff02::fb");
  EXPECT_EQ(changes(wire::IpVersion::v6, header_v6 + "8400 0000 0000 0000" + group), "-ff02::fb");
  EXPECT_EQ(changes(wire::IpVersion::v6, header_v6 + "8f00 0000 0000 0001 0400 0000" + group), "+ff02::fb");
}

TEST(Memberships, WhatIsCutOrLiesIsNotReadBeyondItsEnd) {
  for (const auto& whole : {header_v4 + "2200 0000 0000 ffff 0400 ffff ef010101 0400 0000 ef010102",
                            header_v4 + "22ff 0000 0000 0002 04ff 0000 ef010101"}) {
    auto bytes = kit::from_hex(whole.c_str());
    for (; !bytes.empty(); bytes.pop_back()) {
      const std::vector<std::byte> exact(bytes.begin(), bytes.end());  // a sanitizer sees its end
      EXPECT_LE(memberships_in(wire::IpVersion::v4, exact).count, 1U);
    }
  }
}

}  // namespace
}  // namespace vmlan::apps
