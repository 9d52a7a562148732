// What goes in comes out in order, however much of it is taken at a time.
#include "host/output_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vmlan::host {
namespace {

TEST(OutputBuffer, GivesBackWhatCameInHoweverItIsTaken) {
  OutputBuffer buffer;
  std::size_t in = 0;
  std::size_t out = 0;
  const auto byte_at = [](std::size_t at) { return static_cast<std::byte>(at * 7 % 251); };
  for (unsigned round = 0; round < 2000; ++round) {
    const auto space = buffer.add_space(round * 13 % 50);
    for (std::byte& byte : space) byte = byte_at(in++);
    const std::byte one = byte_at(in++);
    buffer.add(std::span(&one, 1));
    EXPECT_EQ(buffer.waiting(), in - out);
    const std::size_t taken = std::min<std::size_t>(round * 29 % 60, buffer.waiting());
    for (const std::byte byte : buffer.pending().first(taken)) ASSERT_EQ(byte, byte_at(out++));
    buffer.sent(taken);
  }
  for (const std::byte byte : buffer.pending()) ASSERT_EQ(byte, byte_at(out++));
  buffer.sent(buffer.waiting());
  EXPECT_EQ(buffer.waiting(), 0U);
  EXPECT_EQ(out, in);
}

TEST(OutputBuffer, ClearedItOwesNothing) {
  OutputBuffer buffer;
  buffer.add_space(100);
  buffer.sent(10);
  buffer.clear();
  EXPECT_EQ(buffer.waiting(), 0U);
  EXPECT_TRUE(buffer.pending().empty());
}

}  // namespace
}  // namespace vmlan::host
