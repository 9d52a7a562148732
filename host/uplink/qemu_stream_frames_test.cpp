// Frames out of QEMU's stream, however its bytes are cut.
#include "host/uplink/qemu_stream_frames.h"

#include <gtest/gtest.h>

#include "host/uplink/test_receiver.h"

namespace vmlan::host {
namespace {

constexpr std::size_t longest = 2000;

void add(StreamFrames& frames, std::span<const std::byte> bytes) {
  const auto room = frames.room();
  ASSERT_GE(room.size(), bytes.size());
  std::ranges::copy(bytes, room.begin());
  frames.received(bytes.size());
}

void append(Bytes& stream, const Bytes& frame) {
  const auto header = StreamFrames::header_of(frame.size());
  stream.insert(stream.end(), header.begin(), header.end());
  stream.insert(stream.end(), frame.begin(), frame.end());
}

TEST(StreamFrames, AreSplitAtEveryByte) {
  const auto first = numbered_frame(60, 1);
  const auto second = numbered_frame(300, 2);
  Bytes stream;
  append(stream, first);
  append(stream, second);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    StreamFrames frames(longest);
    std::vector<Bytes> found;
    for (const auto part : {std::span(stream).first(cut), std::span(stream).subspan(cut)}) {
      add(frames, part);
      while (const auto frame = frames.next()) found.emplace_back(frame->begin(), frame->end());
    }
    ASSERT_EQ(found, (std::vector{first, second})) << cut;
    ASSERT_FALSE(frames.fault());
  }
}

TEST(StreamFrames, HeaderIsBigEndian) {
  const std::array expected{std::byte{0}, std::byte{1}, std::byte{2}, std::byte{3}};
  EXPECT_EQ(StreamFrames::header_of(0x010203), expected) << "QEMU 7.2, net/stream.c: htonl(size)";
}

TEST(StreamFrames, ALengthThatNoFrameHasEndsItBehindTheFramesBefore) {
  for (const std::uint32_t length :
       {std::uint32_t{0}, std::uint32_t{longest + 1}, std::uint32_t{0x80000000}, std::uint32_t{0xffffffff}}) {
    StreamFrames frames(longest);
    Bytes stream;
    append(stream, numbered_frame(60, 1));
    const auto header = StreamFrames::header_of(length);
    stream.insert(stream.end(), header.begin(), header.end());
    append(stream, numbered_frame(60, 2));
    add(frames, stream);
    EXPECT_TRUE(frames.next());
    EXPECT_EQ(frames.fault(), length);
    EXPECT_FALSE(frames.has_whole());
    EXPECT_FALSE(frames.next());
  }
}

TEST(StreamFrames, TheLongestHasRoomBehindAnyPart) {
  constexpr std::size_t large = 300000;  // more than the memory for many short ones
  StreamFrames frames(large);
  Bytes stream;
  append(stream, numbered_frame(60, 1));
  append(stream, numbered_frame(large, 2));
  std::size_t sent = 0;
  std::vector<std::size_t> lengths;
  while (sent < stream.size()) {
    const auto part = std::span(std::as_const(stream))
                          .subspan(sent)
                          .first(std::min(frames.room().size(), stream.size() - sent));
    ASSERT_FALSE(part.empty());
    add(frames, part);
    sent += part.size();
    while (const auto frame = frames.next()) lengths.push_back(frame->size());
  }
  EXPECT_EQ(lengths, (std::vector<std::size_t>{60, large}));
}

TEST(StreamFrames, ANewStreamBeginsWithoutTheOldOnesRest) {
  StreamFrames frames(longest);
  add(frames, StreamFrames::header_of(longest + 1));
  ASSERT_TRUE(frames.fault());
  frames.clear();
  Bytes stream;
  append(stream, numbered_frame(60, 3));
  add(frames, stream);
  EXPECT_EQ(frames.next()->size(), 60U);
}

}  // namespace
}  // namespace vmlan::host
