// Peers of a stream uplink that read nothing, are more than one, follow each other, or are somebody else's.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/uplink/qemu_stream.h"
#include "host/uplink/test_stream.h"

namespace vmlan::host {
namespace {

using State = EthernetDevice::State;
using Sent = EthernetDevice::Sent;

class StreamPeers : public StreamTest {};

TEST_F(StreamPeers, APeerThatReadsNothingIsFullWithinBoundsAndNobodyWaits) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  const auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  const auto frame = numbered_frame(60000, 1);
  const auto begin = loop.now();
  unsigned sent = 0;
  Sent last = Sent::sent;
  for (; sent < 1000 && last == Sent::sent; ++sent) {
    last = loop.send(frame);
    device->flush();
    loop.pass();
  }
  EXPECT_EQ(last, Sent::full);
  EXPECT_LT(loop.now() - begin, std::chrono::seconds(10));
  EXPECT_LE(sent * frame.size(), StreamDevice::output_limit + (std::size_t{2} << 20U))
      << "and the socket's own";
  EXPECT_EQ(device->state(), State::ready);
  // It reads at last: what was taken arrives whole, and there is room again.
  Bytes got;
  ASSERT_TRUE(loop.until([&] {
    const auto more = taken(peer);
    got.insert(got.end(), more.begin(), more.end());
    return got.size() >= (sent - 1) * framed(frame).size();
  }));
  EXPECT_EQ(got.size(), (sent - 1) * framed(frame).size());
  EXPECT_TRUE(std::ranges::equal(std::span(got).last(framed(frame).size()), framed(frame)));
  EXPECT_EQ(loop.send(frame), Sent::sent);
}

TEST_F(StreamPeers, WhoReadsNothingDoesNotHoldUpWhatItSends) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  const auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  while (loop.send(numbered_frame(60000, 1)) == Sent::sent) device->flush();
  ASSERT_TRUE(send_all(peer, framed(numbered_frame(60, 2))));
  EXPECT_TRUE(loop.until_frames(1));
}

TEST_F(StreamPeers, ASecondPeerIsRefusedAndANewOneTakesTheFirstOnesPlace) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  auto first = knock();
  ASSERT_TRUE(loop.until_ready());
  const auto second = knock();
  ASSERT_TRUE(loop.until([&] { return has_ended(second); }));
  EXPECT_EQ(device->details().back(), "Peers refused: 1");
  EXPECT_EQ(device->state(), State::ready);
  // The end of one and the next one come at the same time: an emulator that begins anew at once.
  ASSERT_TRUE(send_all(first, framed(numbered_frame(60, 1))));
  first.reset();
  const auto third = knock();
  ASSERT_TRUE(send_all(third, framed(numbered_frame(60, 3))));
  ASSERT_TRUE(loop.until_frames(2));
  EXPECT_EQ(loop.receiver.frames[1], numbered_frame(60, 3));
  EXPECT_EQ(loop.receiver.changes, 3U);
}

TEST_F(StreamPeers, NothingOfAFormerPeerIsLeftForTheNextOne) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  auto first = knock();
  ASSERT_TRUE(loop.until_ready());
  while (loop.send(numbered_frame(60000, 1)) == Sent::sent) device->flush();
  ASSERT_TRUE(send_all(first, StreamFrames::header_of(1000)));
  loop.pass();
  first.reset();
  ASSERT_TRUE(loop.until_waiting());
  loop.pass();
  const auto next = knock();
  ASSERT_TRUE(loop.until_ready());
  ASSERT_TRUE(send_all(next, framed(numbered_frame(60, 2))));
  ASSERT_TRUE(loop.until_frames(1));
  EXPECT_EQ(loop.receiver.frames[0], numbered_frame(60, 2));
  ASSERT_EQ(loop.send(numbered_frame(60, 3)), Sent::sent);
  device->flush();
  EXPECT_EQ(taken(next), framed(numbered_frame(60, 3)));
}

TEST_F(StreamPeers, StateChangesAreNotToldWithinSend) {
  const auto device = listening();
  DeviceInLoop loop(*device);
  auto peer = knock();
  ASSERT_TRUE(loop.until_ready());
  peer.reset();
  const unsigned before = loop.receiver.changes;
  for (int count = 0; count < 3; ++count) {
    loop.send(numbered_frame(60, 1));
    device->flush();
  }
  EXPECT_EQ(loop.receiver.changes, before);
  EXPECT_EQ(device->state(), State::waiting) << "it is known all the same";
  EXPECT_EQ(loop.send(numbered_frame(60, 1)), Sent::down);
  ASSERT_TRUE(loop.until([&] { return loop.receiver.changes == before + 1; }));
  EXPECT_EQ(device->trouble(), path + ": the other end has gone");
}

TEST_F(StreamPeers, SomebodyElsesProgramIsNotTalkedTo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be somebody else for a moment";
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  const auto device = listening();
  DeviceInLoop loop(*device);
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto stranger = knock();
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_TRUE(loop.until([&] { return has_ended(stranger); }));
  EXPECT_EQ(device->details(), std::vector<std::string>{"Peers refused: 1"});

  // The other way round: his program listens.
  const std::string his = (folder.path() / "t").string();
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto theirs = std::get<UnixListener>(UnixListener::listen(his));
  ASSERT_EQ(::seteuid(0), 0);
  const auto connecting = opened(StreamDevice::open(his, StreamDevice::Role::connects));
  EXPECT_EQ(connecting->trouble(), his + ": somebody else's program listens there");
}

TEST_F(StreamPeers, PathsThatCannotBeAreRefused) {
  EXPECT_EQ(refused(StreamDevice::open("", StreamDevice::Role::connects)),
            ": a socket's path has 1 to 107 characters");
  const auto first = listening();
  EXPECT_EQ(refused(StreamDevice::open(path, StreamDevice::Role::listens)),
            path + ": another system is running there");
}

}  // namespace
}  // namespace vmlan::host
