#include "apps/replay/tcp_stream.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "arch/clock.h"

namespace vmlan::apps {
namespace {

std::vector<std::byte> stream_of(std::size_t length, std::uint64_t seed) {
  arch::Prng chance(seed);
  std::vector<std::byte> bytes(length);
  for (auto& byte : bytes) byte = static_cast<std::byte>(chance.next() >> 56U);
  return bytes;
}

std::vector<std::byte> copy_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

TEST(TcpStream, PutsSegmentsInOrder) {
  const auto bytes = stream_of(100, 1);
  const std::span all(bytes);
  TcpStream stream(1000);
  stream.add(1050, all.subspan(50, 50), true);
  EXPECT_EQ(stream.length(), 0U);
  stream.add(1000, all.first(60), false);
  EXPECT_EQ(copy_of(stream.bytes()), bytes);
  EXPECT_TRUE(stream.is_finished());
  EXPECT_EQ(stream.gap_bytes(), 0U);
}

// A segmenter that cuts, repeats and reorders by chance, against the stream it was given.
TEST(TcpStream, IsTheStreamWhateverTheSegments) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    arch::Prng chance(seed);
    const auto bytes = stream_of(1 + chance.below(20'000), seed);
    const auto first = static_cast<std::uint32_t>(chance.next());  // also just before the wrap
    const auto near_wrap =
        seed % 2 == 0 ? first : 0xffffff00U + static_cast<std::uint32_t>(chance.below(256));
    struct Piece {
      std::size_t begin;
      std::size_t size;
    };
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto size = std::min<std::size_t>(1 + chance.below(1500), bytes.size() - at);
      pieces.push_back({at, size});
      // Sent again, with other ends.
      if (chance.below(4) == 0) {
        const auto begin = chance.below(at + size);
        pieces.push_back({begin, std::min<std::size_t>(1 + chance.below(3000), bytes.size() - begin)});
      }
      at += size;
    }
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto with = i + chance.below(std::min<std::size_t>(8, pieces.size() - i));
      std::swap(pieces[i], pieces[with]);
    }
    TcpStream stream(near_wrap);
    for (const auto& piece : pieces) {
      stream.add(near_wrap + static_cast<std::uint32_t>(piece.begin),
                 std::span(bytes).subspan(piece.begin, piece.size), piece.begin + piece.size == bytes.size());
    }
    ASSERT_EQ(copy_of(stream.bytes()), bytes) << "seed " << seed;
    EXPECT_TRUE(stream.is_finished());
    EXPECT_EQ(stream.gap_bytes(), 0U);
  }
}

TEST(TcpStream, FillsWhatTheReceiverHasAndTheTraceLacks) {
  const auto bytes = stream_of(300, 2);
  const std::span all(bytes);
  TcpStream stream(1);
  stream.add(1, all.first(100), false);
  stream.add(201, all.subspan(200), true);
  EXPECT_EQ(stream.length(), 100U);
  stream.acknowledge(302);  // its FIN too
  EXPECT_EQ(stream.length(), 300U);
  EXPECT_EQ(stream.gap_bytes(), 100U);
  EXPECT_TRUE(stream.is_finished());
  EXPECT_TRUE(
      std::ranges::all_of(stream.bytes().subspan(100, 100), [](std::byte b) { return b == std::byte{0}; }));
  EXPECT_TRUE(std::ranges::equal(stream.bytes().subspan(200), all.subspan(200)));
}

TEST(TcpStream, TakesWhatComesForAGapLater) {
  const auto bytes = stream_of(300, 3);
  const std::span all(bytes);
  TcpStream stream(0xffffff80);
  stream.acknowledge(0xffffff80 + 300);
  EXPECT_EQ(stream.gap_bytes(), 300U);
  stream.add(0xffffff80 + 100, all.subspan(100, 100), false);
  EXPECT_EQ(stream.gap_bytes(), 200U);
  stream.add(0xffffff80, all, false);
  EXPECT_EQ(stream.gap_bytes(), 0U);
  EXPECT_EQ(copy_of(stream.bytes()), bytes);
}

TEST(TcpStream, EndsWithWhatWaited) {
  const auto bytes = stream_of(50, 4);
  TcpStream stream(0);
  stream.add(50, bytes, true);
  stream.end();
  EXPECT_EQ(stream.length(), 100U);
  EXPECT_EQ(stream.gap_bytes(), 50U);
  EXPECT_TRUE(stream.is_finished());
}

TEST(TcpStream, IsCutWhereItIsTooLong) {
  const auto bytes = stream_of(80, 5);
  TcpStream stream(0, {.most_bytes = 100});
  stream.add(0, bytes, false);
  stream.add(80, bytes, true);
  EXPECT_TRUE(stream.is_cut());
  EXPECT_EQ(stream.length(), 80U);
  EXPECT_TRUE(stream.is_finished());
  stream.acknowledge(10'000);
  EXPECT_EQ(stream.length(), 80U);
}

TEST(TcpStream, BelievesNoGapThatIsTooLarge) {
  const auto bytes = stream_of(10, 6);
  TcpStream stream(0, {.largest_gap = 1000});
  stream.add(1001, bytes, false);
  EXPECT_TRUE(stream.is_broken());
  TcpStream other(0, {.largest_gap = 1000});
  other.acknowledge(1001);
  EXPECT_TRUE(other.is_broken());
  TcpStream ended(0, {.largest_gap = 1000});
  ended.add(0x10000000, {}, true);
  ended.end();
  EXPECT_TRUE(ended.is_broken());
}

TEST(TcpStream, HoldsNoMoreThanItsLimitBehindAGap) {
  const auto bytes = stream_of(1000, 7);
  TcpStream stream(0, {.most_waiting = 5000});
  for (std::uint32_t i = 1; i <= 6; ++i) stream.add(i * 1000, bytes, false);
  EXPECT_EQ(stream.gap_bytes(), 1000U);
  EXPECT_EQ(stream.length(), 7000U);
}

}  // namespace
}  // namespace vmlan::apps
