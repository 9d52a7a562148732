#include "apps/synth/frame_maker.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/kit/hex.h"

namespace vmlan::apps {
namespace {

// Made by another program from the RFCs.
constexpr const char* udp_over_v4 =
    "02000000000202000000000108004500003000004000401126bb0a0000010a0000028000ee48001ce6cd000000000000"
    "0000696a6b6c6d6e6f7071727374";
constexpr const char* tcp_over_v6_in_vlan_7 =
    "02000000000302000000012d8100000786dd60000000001c0640fe80000000000000000000fffe00012dfe8000000000"
    "0000000000fffe0000038000ee4801020304000000007002ffff15ac0000020405a001030307";
constexpr const char* igmp_report =
    "01005e400001020000000006080046000020000040000102eb100a000006efc00001940400001600fa3defc000010000"
    "000000000000000000000000";
constexpr const char* mld_report =
    "33330000100202000000000686dd6000000000200001fe80000000000000000000fffe000006ff120000000000000000"
    "0000000010023a00050200000100830060fc00000000ff120000000000000000000000001002";

class FrameMakerTest : public testing::Test {
 protected:
  // Poisoned: what is not written shows.
  std::vector<std::byte> room = std::vector<std::byte>(70'000, std::byte{0xa5});
  FrameMaker frames;

  std::string first(std::size_t length) const { return kit::to_hex(std::span(room).first(length)); }
  static std::string shown(const char* hex) { return kit::to_hex(kit::from_hex(hex)); }
};

TEST_F(FrameMakerTest, ADatagramIsAsTheDocumentsSay) {
  EXPECT_EQ(first(frames.udp(room, to_user(0, 1, false, 0), 32'768, 61'000, 20)), shown(udp_over_v4));
}

TEST_F(FrameMakerTest, ASegmentInAVlanHasTagOptionsAndChecksum) {
  wire::TcpHeader header;
  header.source_port = 32'768;
  header.destination_port = 61'000;
  header.sequence = 0x0102'0304;
  header.flags = 2;
  header.window = 0xffff;
  constexpr std::array<std::uint8_t, 8> options{2, 4, 5, 0xa0, 1, 3, 3, 7};
  EXPECT_EQ(first(frames.tcp(room, to_user(300, 2, true, 7), header, std::as_bytes(std::span(options)), 0)),
            shown(tcp_over_v6_in_vlan_7));
}

TEST_F(FrameMakerTest, ReportsOfMembershipHaveTheRouterAlertAndNoMoreThanOneHop) {
  EXPECT_EQ(first(frames.join(room, to_group(5, 0, false))), shown(igmp_report));
  EXPECT_EQ(first(frames.join(room, to_group(5, 1, true))), shown(mld_report));
}

TEST_F(FrameMakerTest, AShortFrameIsPaddedWithZerosAndALongOneIsAsLongAsItIs) {
  EXPECT_EQ(frames.udp(room, to_user(0, 1, false, 0), 1, 2, 0), 60U);
  for (std::size_t i = 42; i < 60; ++i) EXPECT_EQ(room[i], std::byte{0}) << i;
  EXPECT_EQ(room[60], std::byte{0xa5});
  EXPECT_EQ(frames.udp(room, to_user(0, 1, false, 0), 1, 2, 65'462), 65'504U);
}

TEST_F(FrameMakerTest, NoTwoFramesAreTheSame) {
  const auto length = frames.udp(room, to_user(0, 1, true, 0), 1, 2, 20);
  const auto one = first(length);
  frames.udp(room, to_user(0, 1, true, 0), 1, 2, 20);
  EXPECT_NE(first(length), one);
}

// A sum of zero would mean that there is none.
TEST_F(FrameMakerTest, AChecksumOfZeroIsWrittenAsItsComplement) {
  constexpr std::size_t at_checksum = 14 + 20 + 6;
  bool seen = false;
  for (unsigned port = 1; port < 0xffff && !seen; ++port) {
    frames.udp(room, to_user(0, 1, false, 0), static_cast<std::uint16_t>(port), 2, 0);
    ASSERT_FALSE(room[at_checksum] == std::byte{0} && room[at_checksum + 1] == std::byte{0}) << port;
    seen = room[at_checksum] == std::byte{0xff} && room[at_checksum + 1] == std::byte{0xff};
  }
  EXPECT_TRUE(seen) << "one of all ports makes it zero";
}

}  // namespace
}  // namespace vmlan::apps
