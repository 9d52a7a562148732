// A real device on a LAN: what leaves, what comes in, what is counted, what is left behind when it goes.
#include "host/uplink/uplink_port.h"

#include <gtest/gtest.h>

#include "host/uplink/test_uplink_rig.h"
#include "tests/kit/offload_station.h"
#include "wire/checksum.h"

namespace vmlan::host {
namespace {

using guestlan::Drop;
using kit::Left;
using kit::Station;
using qdio::Transport;
using Sent = EthernetDevice::Sent;

// As Linux' driver hands it over.
kit::PacketBytes handed(const FrameBytes& frame, unsigned cast) {
  kit::PacketBytes bytes(32);
  bytes[0] = std::byte{2};
  bytes[3] = static_cast<std::byte>(cast);
  kit::write16(bytes, 6, static_cast<std::uint32_t>(frame.size()));
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  return bytes;
}

constexpr unsigned unicast = 4, broadcast = 2, multicast = 1;

std::uint64_t dropped(const guestlan::Port& port, Drop reason) { return kit::drops(port.counters(), reason); }

TEST(UplinkPort, WhatNobodyOnTheLanHasGoesOutAsItIs) {
  UplinkRig rig(Transport::ethernet);
  const auto frame = frame_to(somebody);
  rig.alice.send(handed(frame, unicast));
  ASSERT_EQ(rig.device->sent.size(), 1U);
  EXPECT_EQ(rig.device->sent[0].bytes, frame);
  EXPECT_GE(rig.device->flushes, 1U);
  EXPECT_EQ(rig.uplink->counters().rx_packets, 1U);
  EXPECT_EQ(rig.alice.counters().tx_copies, 1U);
  EXPECT_TRUE(rig.bob.receive().empty());
}

TEST(UplinkPort, GroupsGoToGuestsAndOutButNotBack) {
  UplinkRig rig(Transport::ethernet);
  const auto everybody = frame_to({{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}});
  rig.alice.send(handed(everybody, broadcast));
  EXPECT_EQ(rig.device->sent.size(), 1U);
  EXPECT_EQ(rig.bob.receive().size(), 1U);
  rig.alice.send(handed(frame_to({{0x33, 0x33, 0, 0, 0, 1}}), multicast));
  EXPECT_EQ(rig.device->sent.size(), 2U);
  rig.device->give(everybody);
  EXPECT_EQ(rig.device->sent.size(), 2U);
  EXPECT_EQ(rig.alice.receive().size(), 1U);
  EXPECT_EQ(rig.bob.receive().size(), 1U);
  rig.device->give(frame_to({{0x33, 0x33, 0, 0, 0, 1}}));
  EXPECT_EQ(dropped(*rig.uplink, Drop::no_receiver), 1U);
}

TEST(UplinkPort, WhatComesInGoesToWhomItIsForAndNowhereElse) {
  UplinkRig rig(Transport::ethernet);
  const auto frame = frame_to(rig.bob.nic.settings().mac);
  rig.device->give(frame);
  const auto got = rig.bob.receive();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].packet, frame);
  EXPECT_TRUE(rig.alice.receive().empty());
  rig.device->give(frame_to(somebody));
  EXPECT_EQ(dropped(*rig.uplink, Drop::unknown_address), 1U);
  EXPECT_TRUE(rig.device->sent.empty());
}

TEST(UplinkPort, FramesThatAreNoneAreCountedUnderTheirNames) {
  UplinkRig rig(Transport::ethernet);
  rig.device->give(FrameBytes(14));
  rig.device->give(frame_to(rig.bob.nic.settings().mac, 15));
  rig.device->give(FrameBytes(EthernetDevice::longest_frame + 1));
  EXPECT_EQ(dropped(*rig.uplink, Drop::malformed), 1U);
  EXPECT_EQ(dropped(*rig.uplink, Drop::too_long), 1U);
  EXPECT_EQ(rig.uplink->counters().tx_packets, 3U);
  EXPECT_EQ(rig.bob.receive().size(), 1U);
}

TEST(UplinkPort, WhatItDoesNotTakeIsANamedDropOfItsSender) {
  UplinkRig rig(Transport::ethernet);
  rig.device->answer = Sent::full;
  rig.alice.send(handed(frame_to(somebody), unicast));
  EXPECT_EQ(dropped(rig.alice.port(), Drop::uplink_busy), 1U);
  rig.device->answer = Sent::too_long;
  rig.alice.send(handed(frame_to(somebody), unicast));
  EXPECT_EQ(dropped(rig.alice.port(), Drop::too_long), 1U);
  EXPECT_EQ(rig.uplink->counters().rx_discarded, 2U);
}

TEST(UplinkPort, AnUplinkThatIsDownIsNotThere) {
  UplinkRig rig(Transport::ethernet);
  rig.device->become(EthernetDevice::State::waiting);
  EXPECT_EQ(rig.changes, 1U);
  EXPECT_EQ(rig.lan.uplink(), nullptr);
  rig.alice.send(handed(frame_to(somebody), unicast));
  EXPECT_EQ(dropped(rig.alice.port(), Drop::unknown_address), 1U);
  rig.device->give(frame_to(rig.bob.nic.settings().mac));
  EXPECT_EQ(dropped(*rig.uplink, Drop::not_started), 1U);
  rig.device->become(EthernetDevice::State::ready);
  rig.alice.send(handed(frame_to(somebody), unicast));
  EXPECT_EQ(rig.device->sent.size(), 1U);
}

TEST(UplinkPort, ALanThatGoesLeavesItFreeAndOneThatGoesLeavesTheLan) {
  UplinkRig rig(Transport::ethernet);
  {
    guestlan::Lan other(kit::attributes(Transport::ethernet));
    rig.uplink->leave();
    rig.uplink->join(other);
    rig.uplink->carry(true);
    EXPECT_EQ(other.uplink(), rig.uplink.get());
  }
  EXPECT_EQ(rig.uplink->lan(), nullptr);
  rig.device->give(frame_to(rig.bob.nic.settings().mac));
  EXPECT_EQ(dropped(*rig.uplink, Drop::not_coupled), 1U);
  rig.uplink->join(rig.lan);
  rig.uplink.reset();
  EXPECT_TRUE(rig.lan.attached().empty());
  EXPECT_EQ(rig.lan.uplink(), nullptr);
}

kit::Sending super_frame() {
  kit::Sending sending;
  sending.shape = {.ethernet = true, .vlan = false, .version = 4, .tcp = true};
  sending.left = Left::segmentation;
  sending.layer2 = true;
  return sending;
}

// To a MAC address nobody on the LAN has.
kit::PacketBytes outward(kit::PacketBytes sent, std::size_t header) {
  std::memcpy(sent.data() + header, somebody.bytes.data(), 6);
  return sent;
}

TEST(UplinkPort, ASuperFrameIsCutForADeviceThatDoesNoWork) {
  UplinkRig rig(Transport::ethernet);
  const auto sending = super_frame();
  const auto payload = kit::payload_of(20000);
  rig.alice.send(outward(kit::as_sent(sending, payload), 64));
  const auto expected = kit::model_of_segments(sending.shape, payload, sending.segment_size);
  ASSERT_EQ(rig.device->sent.size(), expected.size());
  for (std::size_t index = 0; index < expected.size(); ++index) {
    const auto& bytes = rig.device->sent[index].bytes;
    EXPECT_FALSE(rig.device->sent[index].work.checksum);
    EXPECT_EQ(kit::PacketBytes(bytes.begin() + 14, bytes.end()),
              kit::PacketBytes(expected[index].begin() + 14, expected[index].end()));
  }
}

TEST(UplinkPort, OfASuperFrameThatIsTakenInPartTheRestIsLostUnderItsName) {
  UplinkRig rig(Transport::ethernet);
  rig.device->room = 5;
  rig.alice.send(outward(kit::as_sent(super_frame(), kit::payload_of(20000)), 64));
  EXPECT_EQ(rig.device->sent.size(), 5U);
  EXPECT_EQ(rig.uplink->counters().rx_packets, 5U);
  EXPECT_EQ(rig.uplink->counters().rx_lost[static_cast<std::size_t>(Drop::no_empty_buffer)], 9U);
  kit::expect_balance(rig.alice);
}

TEST(UplinkPort, ADeviceThatCutsAnewGetsSuperFramesWholeWithTheirSums) {
  UplinkRig rig(Transport::ethernet);
  rig.device->super_frames_to = 30'000;
  const auto sending = super_frame();
  const auto payload = kit::payload_of(20000);
  rig.alice.send(outward(kit::as_sent(sending, payload), 64));
  ASSERT_EQ(rig.device->sent.size(), 1U);
  const auto& sent = rig.device->sent[0];
  EXPECT_EQ(sent.bytes.size(), 54 + payload.size());
  EXPECT_FALSE(sent.work.checksum);
  EXPECT_EQ(sent.work.segmentation, FrameWork::Segmentation::tcp_v4);
  wire::InternetSum sum;
  const auto* tcp = sent.bytes.data() + 34;
  const auto length = sent.bytes.size() - 34;
  sum.add(sent.bytes.data() + 26, 8);
  sum.add(arch::be16{std::uint16_t{6}});
  sum.add(arch::be16{static_cast<std::uint16_t>(length)});
  sum.add(tcp, length);
  EXPECT_TRUE(sum.holds());
  rig.alice.send(outward(kit::as_sent(sending, kit::payload_of(40000)), 64));
  EXPECT_GT(rig.device->sent.size(), 20U) << "longer ones are cut here";
}

TEST(UplinkPort, ADeviceThatDoesTheWorkGetsSuperFramesWholeWithPartialSums) {
  UplinkRig rig(Transport::ethernet, true);
  const auto sending = super_frame();
  const auto payload = kit::payload_of(20000);
  rig.alice.send(outward(kit::as_sent(sending, payload), 64));
  ASSERT_EQ(rig.device->sent.size(), 1U);
  const auto& sent = rig.device->sent[0];
  EXPECT_EQ(sent.bytes.size(), 54 + payload.size());
  EXPECT_TRUE(sent.work.checksum);
  EXPECT_EQ(sent.work.checksum_start, 34U);
  EXPECT_EQ(sent.work.checksum_offset, 16U);
  EXPECT_EQ(sent.work.segmentation, FrameWork::Segmentation::tcp_v4);
  EXPECT_EQ(sent.work.segment_size, sending.segment_size);
  EXPECT_EQ(sent.work.header_length, 54U);
  EXPECT_EQ(rig.uplink->counters().rx_packets, 14U);
  // RFC 1071: summing all of it from the TCP header on, the partial sum in its field, gives the checksum.
  auto finished = sent.bytes;
  wire::InternetSum sum;
  sum.add(finished.data() + 34, finished.size() - 34);
  kit::write16(finished, 50, sum.checksum());
  EXPECT_EQ(kit::flaw_of(sending.shape, kit::PacketBytes(finished.begin(), finished.end())), "");
}

TEST(UplinkPort, ASuperFrameFromOutsideIsCutForAGuestThatTakesNone) {
  UplinkRig rig(Transport::ethernet, true);
  auto sending = super_frame();
  const auto payload = kit::payload_of(20000);
  const auto packet = kit::as_sent(sending, payload);
  FrameBytes frame(packet.begin() + 64, packet.end());
  std::memcpy(frame.data(), rig.bob.nic.settings().mac.bytes.data(), 6);
  FrameWork work{.checksum = true,
                 .checksum_start = 34,
                 .checksum_offset = 16,
                 .segmentation = FrameWork::Segmentation::tcp_v4,
                 .segment_size = 1448,
                 .header_length = 54};
  rig.device->give(frame, work);
  const auto got = rig.bob.receive();
  ASSERT_EQ(got.size(), 14U);
  for (const auto& one : got) EXPECT_EQ(kit::flaw_of(sending.shape, one.packet), "");
  work.segment_size = 0;
  rig.device->give(frame, work);
  work.segment_size = 1448;
  work.header_length = static_cast<std::uint16_t>(frame.size());
  rig.device->give(frame, work);
  EXPECT_EQ(dropped(*rig.uplink, Drop::malformed), 2U);
}

}  // namespace
}  // namespace vmlan::host
