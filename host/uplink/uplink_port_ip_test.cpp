// A real device on a LAN with IP transport: headers that come and go, and the questions an OSA asks and
// answers.
#include <gtest/gtest.h>

#include "host/uplink/neighbor_packets.h"
#include "host/uplink/test_uplink_rig.h"

namespace vmlan::host {
namespace {

using guestlan::Drop;
using qdio::Transport;

TEST(UplinkPortOfAnIpLan, DatagramsGetAHeaderAndLoseIt) {
  UplinkRig rig(Transport::ip);
  kit::Sending sending;
  sending.shape = {.ethernet = false, .vlan = false, .version = 4, .tcp = false};
  const auto payload = kit::payload_of(200);
  auto packet = kit::make_packet(sending.shape, payload);
  packet[16] = std::byte{192};  // to 192.x.x.x: nobody here
  kit::PacketBytes handed(32);
  handed[0] = std::byte{1};
  handed[1] = std::byte{6};
  kit::write16(handed, 8, static_cast<std::uint32_t>(packet.size()));
  handed.insert(handed.end(), packet.begin(), packet.end());
  ASSERT_EQ(rig.device->sent.size(), 2U) << "it has begun, and says whose addresses are here";
  const auto announced = parse_nat_packet(rig.device->sent[0].bytes);
  EXPECT_EQ(announced->source, announced->destination);
  rig.device->sent.clear();
  rig.alice.send(handed);
  ASSERT_EQ(rig.device->sent.size(), 1U) << "whose address is that?";
  const auto reply = answer_neighbor_question(rig.device->sent[0].bytes, somebody);
  ASSERT_TRUE(reply);
  rig.device->give({reply->frame().begin(), reply->frame().end()});
  ASSERT_EQ(rig.device->sent.size(), 2U);
  const auto out = rig.device->sent[1].bytes;
  ASSERT_EQ(out.size(), packet.size() + 14);
  EXPECT_EQ(std::memcmp(out.data(), somebody.bytes.data(), 6), 0);
  EXPECT_EQ(std::memcmp(out.data() + 6, uplink_mac.bytes.data(), 6), 0);
  EXPECT_EQ(out[12], std::byte{0x08});
  EXPECT_EQ(std::memcmp(out.data() + 14, packet.data(), packet.size()), 0);

  rig.alice.send(handed);
  ASSERT_EQ(rig.device->sent.size(), 3U) << "known now";
  EXPECT_EQ(rig.device->sent[2].bytes, out);

  auto back = out;
  std::memcpy(back.data(), uplink_mac.bytes.data(), 6);
  const std::byte bob[]{std::byte{10}, std::byte{0}, std::byte{0}, std::byte{2}};
  std::memcpy(back.data() + 14 + 16, bob, 4);
  rig.device->give(back);
  const auto got = rig.bob.receive();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].packet, kit::PacketBytes(back.begin() + 14, back.end()));
  rig.device->give(frame_to(uplink_mac, 60, 0x88b5));
  EXPECT_EQ(kit::drops(rig.uplink->counters(), Drop::not_ip), 1U);
  std::memcpy(back.data(), somebody.bytes.data(), 6);
  rig.device->give(back);
  EXPECT_TRUE(rig.bob.receive().empty()) << "for another station on the wire";
  // Bob is asked for out there, and the uplink answers in his place.
  const auto question =
      neighbor_question(wire::IpAddress::v4(10, 0, 0, 2), wire::IpAddress::v4(10, 0, 0, 9), somebody);
  rig.device->give({question.frame().begin(), question.frame().end()});
  ASSERT_EQ(rig.device->sent.size(), 4U);
  EXPECT_EQ(std::memcmp(rig.device->sent[3].bytes.data() + 22, uplink_mac.bytes.data(), 6), 0);
}

TEST(UplinkPortOfAnIpLan, WhoStandsByAnswersNobody) {
  UplinkRig rig(Transport::ip);
  rig.uplink->carry(false);
  rig.device->sent.clear();
  const auto question =
      neighbor_question(wire::IpAddress::v4(10, 0, 0, 2), wire::IpAddress::v4(10, 0, 0, 9), somebody);
  rig.device->give({question.frame().begin(), question.frame().end()});
  EXPECT_TRUE(rig.device->sent.empty());
  rig.uplink->carry(true);
  EXPECT_EQ(rig.device->sent.size(), 2U) << "from now on the addresses are here";
}

}  // namespace
}  // namespace vmlan::host
