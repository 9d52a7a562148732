// A stream uplink against a bare socket that keeps the rules, comes, goes, or does not keep them.
#include "host/uplink/qemu_stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/uplink/test_stream.h"

namespace vmlan::host {
namespace {

using State = EthernetDevice::State;
using Sent = EthernetDevice::Sent;

class Stream : public StreamTest {};

TEST_F(Stream, ListensAndCarriesFramesBothWays) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  EXPECT_EQ(device->name(), "STREAM " + path + " LISTEN");
  EXPECT_EQ(device->state(), State::waiting);
  EXPECT_EQ(device->trouble(), path + ": nobody has connected yet");
  EXPECT_EQ(loop.send(numbered_frame(60, 0)), Sent::down);
  const auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  EXPECT_EQ(loop.receiver.changes, 1U);
  EXPECT_EQ(device->trouble(), "");
  EXPECT_EQ(device->details(),
            std::vector{fmt::format("Peer: process {} of user {}", ::getpid(), ::geteuid())});

  ASSERT_TRUE(send_all(peer, framed(numbered_frame(60, 1))));
  ASSERT_TRUE(loop.until_frames(1));
  EXPECT_EQ(loop.receiver.frames[0], numbered_frame(60, 1));
  EXPECT_EQ(loop.send(numbered_frame(1514, 2)), Sent::sent);
  EXPECT_TRUE(taken(peer).empty()) << "a batch is written at its end";
  device->flush();
  EXPECT_EQ(taken(peer), framed(numbered_frame(1514, 2)));
}

TEST_F(Stream, ConnectsWhenSomebodyIsThereAndAgainWhenHeWentAway) {
  const auto device = connecting();
  DeviceInLoop loop(*device);
  EXPECT_EQ(device->name(), "STREAM " + path);
  EXPECT_EQ(device->trouble(), path + ": No such file or directory");
  for (unsigned life = 1; life <= 3; ++life) {
    auto there = listener();
    ASSERT_TRUE(loop.until_ready());
    const auto peer = there.accept();
    ASSERT_TRUE(send_all(peer, framed(numbered_frame(100, life))));
    ASSERT_TRUE(loop.until_frames(life));
    EXPECT_EQ(loop.receiver.frames.back(), numbered_frame(100, life));
    // Half a frame, and the end.
    ASSERT_TRUE(send_all(peer, StreamFrames::header_of(60)));
    there.withdraw();
    ::shutdown(peer.number(), SHUT_RDWR);
    ASSERT_TRUE(loop.until_waiting());
    EXPECT_EQ(loop.receiver.changes, 2 * life);
    EXPECT_EQ(loop.send(numbered_frame(60, 0)), Sent::down);
  }
}

TEST_F(Stream, LooksForAMissingPeerEverMoreSeldom) {
  const auto device = connecting();
  KeepingReceiver receiver;
  device->start(receiver);
  arch::Time now{0};
  std::vector<arch::Time> pauses;
  for (int attempt = 0; attempt < 12; ++attempt) {
    device->tend(now);
    ASSERT_TRUE(device->deadline());
    pauses.push_back(*device->deadline() - now);
    now = *device->deadline();
  }
  EXPECT_EQ(pauses.front(), Pauses::shortest);
  EXPECT_TRUE(std::ranges::is_sorted(pauses));
  EXPECT_EQ(pauses.back(), Pauses::longest);
}

TEST_F(Stream, FramesThatCameTogetherAreGivenInBoundedBatchesAndNoneWaits) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  const auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  Bytes stream;
  constexpr unsigned count = 2000;
  for (unsigned number = 0; number < count; ++number) {
    const auto one = framed(numbered_frame(14 + number % 50, number));
    stream.insert(stream.end(), one.begin(), one.end());
  }
  ASSERT_TRUE(send_all(peer, stream));
  const auto begin = loop.now();
  ASSERT_TRUE(loop.until_frames(count));
  EXPECT_LE(loop.receiver.longest_batch, EthernetDevice::most_in_a_pass);
  EXPECT_LT(loop.now() - begin, std::chrono::seconds(5))
      << "what is in memory does not wait for more to come";
  for (unsigned number = 0; number < count; ++number)
    ASSERT_EQ(loop.receiver.frames[number], numbered_frame(14 + number % 50, number));
}

TEST_F(Stream, OnePassGivesNoMoreThanItMay) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  const auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  Bytes stream;
  for (unsigned number = 0; number < 1000; ++number) {
    const auto one = framed(numbered_frame(20, number));
    stream.insert(stream.end(), one.begin(), one.end());
  }
  ASSERT_TRUE(send_all(peer, stream));
  std::size_t before = 0;
  for (int passes = 0; passes < 1000 && before < 1000; ++passes) {
    loop.pass();
    ASSERT_LE(loop.receiver.frames.size() - before, EthernetDevice::most_in_a_pass);
    before = loop.receiver.frames.size();
  }
  EXPECT_EQ(before, 1000U);
}

TEST_F(Stream, TheLongestFrameArrivesInManyParts) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  const auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  const auto stream = framed(numbered_frame(EthernetDevice::longest_frame, 5));
  for (std::size_t at = 0; at < stream.size(); at += 7001) {
    const auto part = std::span(stream).subspan(at, std::min<std::size_t>(7001, stream.size() - at));
    ASSERT_TRUE(send_all(peer, part));
    loop.pass();
  }
  ASSERT_TRUE(loop.until_frames(1));
  EXPECT_EQ(loop.receiver.frames[0], numbered_frame(EthernetDevice::longest_frame, 5));
}

TEST_F(Stream, LengthsThatMakeNoSenseEndTheConnectionWithAReason) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  for (const std::size_t length :
       {std::size_t{0}, EthernetDevice::longest_frame + 1, std::size_t{0xffffffff}}) {
    loop.receiver.frames.clear();
    const auto peer = knock();
    ASSERT_TRUE(loop.until_ready());
    auto stream = framed(numbered_frame(60, 1));
    const auto header = StreamFrames::header_of(length);
    stream.insert(stream.end(), header.begin(), header.end());
    ASSERT_TRUE(send_all(peer, stream));
    ASSERT_TRUE(loop.until_waiting());
    EXPECT_EQ(device->trouble(), fmt::format("{}: the other end has sent a frame of {} bytes", path, length));
    EXPECT_EQ(loop.receiver.frames, std::vector<Bytes>{numbered_frame(60, 1)});
    loop.pass();
    EXPECT_TRUE(has_ended(peer));
  }
}

}  // namespace
}  // namespace vmlan::host
