#include "wire/checksum.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/kit/hex.h"
#include "tests/kit/transport_packets.h"

namespace vmlan::wire {
namespace {

std::uint16_t checksum_of(std::span<const std::byte> bytes) {
  InternetSum sum;
  sum.add(bytes.data(), bytes.size());
  return sum.checksum();
}

TEST(Checksum, TheExampleOfRfc1071) {
  // Section 3: the sum is DDF2.
  EXPECT_EQ(checksum_of(kit::from_hex("0001 F203 F4F5 F6F7")), 0xffff - 0xddf2);
}

TEST(Checksum, AnIpHeaderKnownToBeRight) {
  // 192.168.0.1 to 192.168.0.199, UDP: an example of many textbooks, its checksum is B861.
  const auto header = kit::from_hex("4500 0073 0000 4000 4011 0000 C0A8 0001 C0A8 00C7");
  EXPECT_EQ(checksum_of(header), 0xb861);
  InternetSum sum;
  const auto with_sum = kit::from_hex("4500 0073 0000 4000 4011 B861 C0A8 0001 C0A8 00C7");
  sum.add(with_sum.data(), with_sum.size());
  EXPECT_TRUE(sum.holds());
}

TEST(Checksum, OfNothingAndOfOneByte) {
  EXPECT_EQ(checksum_of({}), 0xffff);
  EXPECT_EQ(checksum_of(kit::from_hex("12")), 0xffff - 0x1200);
}

TEST(Checksum, OfOnesOnlyIsZero) {
  const std::vector<std::byte> ones(65536, std::byte{0xff});
  EXPECT_EQ(checksum_of(ones), 0);
}

TEST(Checksum, PiecesOfAnyLengthAddUpToTheWhole) {
  std::mt19937 random(1071);
  std::vector<std::byte> bytes(3000);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random() & 0xffU);
  for (unsigned round = 0; round < 500; ++round) {
    const std::size_t length = random() % bytes.size();
    const auto data = std::span(bytes).subspan(random() % (bytes.size() - length), length);
    InternetSum sum;
    for (std::size_t at = 0; at < length;) {
      const std::size_t part = std::min<std::size_t>(length - at, random() % 70);
      sum.add(data.data() + at, part);
      at += part;
    }
    EXPECT_EQ(sum.checksum(), 0xffff - kit::add_words(0, data)) << length;
  }
}

}  // namespace
}  // namespace vmlan::wire
