// A real device on a LAN with IP transport: headers that come and go, and the questions an OSA asks and
// answers.
#include <gtest/gtest.h>

#include "host/uplink/nat_packet.h"
#include "host/uplink/test_device.h"
#include "host/uplink/uplink_port.h"
#include "tests/kit/offload_station.h"

namespace vmlan::host {
namespace {

using guestlan::Drop;
using kit::Station;
using qdio::Transport;

constexpr wire::MacAddress osa_mac{{2, 0, 0, 0, 0, 0x99}};
constexpr wire::MacAddress next_station{{0x52, 0x55, 0x0a, 0, 2, 2}};

struct IpRig {
  IpRig() : lan(kit::attributes(Transport::ip)), alice(lan, 1), bob(lan, 2) {
    auto made = std::make_unique<TestDevice>();
    device = made.get();
    uplink = std::make_unique<UplinkPort>(arch::DeviceNumber{0x0a00}, osa_mac, loop, std::move(made),
                                          [this](guestlan::Uplink&) { ++changes; });
    uplink->join(lan);
    uplink->carry(true);
    alice.memory.empty_input(128);
    bob.memory.empty_input(128);
  }

  host::RealClock clock;
  EventLoop loop{clock};
  guestlan::Lan lan;
  Station alice;
  Station bob;
  TestDevice* device = nullptr;
  unsigned changes = 0;
  std::unique_ptr<UplinkPort> uplink;
};

FrameBytes ip_frame_to(const wire::MacAddress& to, std::size_t length = 60, std::uint16_t type = 0x88b5) {
  FrameBytes bytes(length, std::byte{0x5a});
  std::memcpy(bytes.data(), to.bytes.data(), 6);
  std::memcpy(bytes.data() + 6, next_station.bytes.data(), 6);
  bytes[12] = static_cast<std::byte>(type >> 8U);
  bytes[13] = static_cast<std::byte>(type);
  return bytes;
}

TEST(UplinkPortOfAnIpLan, DatagramsGetAHeaderAndLoseIt) {
  IpRig rig;
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
  const auto reply = answer_neighbor_question(rig.device->sent[0].bytes, next_station);
  ASSERT_TRUE(reply);
  rig.device->give({reply->frame().begin(), reply->frame().end()});
  ASSERT_EQ(rig.device->sent.size(), 2U);
  const auto out = rig.device->sent[1].bytes;
  ASSERT_EQ(out.size(), packet.size() + 14);
  EXPECT_EQ(std::memcmp(out.data(), next_station.bytes.data(), 6), 0);
  EXPECT_EQ(std::memcmp(out.data() + 6, osa_mac.bytes.data(), 6), 0);
  EXPECT_EQ(out[12], std::byte{0x08});
  EXPECT_EQ(std::memcmp(out.data() + 14, packet.data(), packet.size()), 0);

  rig.alice.send(handed);
  ASSERT_EQ(rig.device->sent.size(), 3U) << "known now";
  EXPECT_EQ(rig.device->sent[2].bytes, out);

  auto back = out;
  std::memcpy(back.data(), osa_mac.bytes.data(), 6);
  const std::byte bob[]{std::byte{10}, std::byte{0}, std::byte{0}, std::byte{2}};
  std::memcpy(back.data() + 14 + 16, bob, 4);
  rig.device->give(back);
  const auto got = rig.bob.receive();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].packet, kit::PacketBytes(back.begin() + 14, back.end()));
  rig.device->give(ip_frame_to(osa_mac, 60, 0x88b5));
  EXPECT_EQ(kit::drops(rig.uplink->counters(), Drop::not_ip), 1U);
  std::memcpy(back.data(), next_station.bytes.data(), 6);
  rig.device->give(back);
  EXPECT_TRUE(rig.bob.receive().empty()) << "for another station on the wire";
  // Bob is asked for out there, and the uplink answers in his place.
  const auto question =
      neighbor_question(wire::IpAddress::v4(10, 0, 0, 2), wire::IpAddress::v4(10, 0, 0, 9), next_station);
  rig.device->give({question.frame().begin(), question.frame().end()});
  ASSERT_EQ(rig.device->sent.size(), 4U);
  EXPECT_EQ(std::memcmp(rig.device->sent[3].bytes.data() + 22, osa_mac.bytes.data(), 6), 0);
}

TEST(UplinkPortOfAnIpLan, WhoStandsByAnswersNobody) {
  IpRig rig;
  rig.uplink->carry(false);
  rig.device->sent.clear();
  const auto question =
      neighbor_question(wire::IpAddress::v4(10, 0, 0, 2), wire::IpAddress::v4(10, 0, 0, 9), next_station);
  rig.device->give({question.frame().begin(), question.frame().end()});
  EXPECT_TRUE(rig.device->sent.empty());
  rig.uplink->carry(true);
  EXPECT_EQ(rig.device->sent.size(), 2U) << "from now on the addresses are here";
}

}  // namespace
}  // namespace vmlan::host
