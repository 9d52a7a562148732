// Several devices as one: who carries, which one a frame takes, what comes from which, and who leaves.
#include "host/uplink/group_device.h"

#include <gtest/gtest.h>

#include <cstring>

#include "guestlan/lan.h"
#include "host/uplink/test_device.h"
#include "wire/ethernet.h"

namespace vmlan::host {
namespace {

using namespace std::chrono_literals;
using Sent = EthernetDevice::Sent;
using State = EthernetDevice::State;

constexpr wire::MacAddress group_mac{{2, 0, 0, 0, 0, 0x10}};
constexpr wire::MacAddress partner_mac{{2, 0, 0, 0, 0, 0x20}};

class CountingReceiver final : public FrameReceiver {
 public:
  unsigned frames = 0;
  unsigned changes = 0;
  void received(std::span<const std::byte>, const FrameWork&) override { ++frames; }
  void batch_received() override {}
  void state_changed() override { ++changes; }
};

class GroupOfDevices : public testing::Test {
 protected:
  GroupOfDevices() {
    group.start(receiver);
    for (unsigned number = 0; number < 2; ++number) {
      auto made = std::make_unique<TestDevice>();
      devices[number] = made.get();
      const auto device = static_cast<std::uint16_t>(0x0a00 + number);
      ports[number] = std::make_unique<UplinkPort>(arch::DeviceNumber{device}, group_mac, loop,
                                                   std::move(made), [](guestlan::Uplink&) {});
      group.join(*ports[number]);
    }
  }
  void pass(arch::Time time) {
    clock.advance_to(clock.now() + time);
    group.tend(clock.now());
  }
  // What a partner that has heard this device's last says there.
  FrameBytes answer(unsigned number, const wire::MacAddress& system = partner_mac) {
    wire::LacpPdu pdu;
    pdu.actor.system = system;
    pdu.actor.key = 5;
    pdu.actor.port = static_cast<std::uint16_t>(number + 1);
    pdu.actor.state = 0x3f;
    wire::LacpPdu heard;
    const auto& sent = devices[number]->sent;
    if (!sent.empty()) std::memcpy(&heard, sent.back().bytes.data() + 14, sizeof(heard));
    pdu.partner = heard.actor;
    return slow(pdu);
  }
  template <class Pdu>
  static FrameBytes slow(const Pdu& pdu) {
    FrameBytes frame(sizeof(wire::EthernetHeader) + sizeof(pdu));
    wire::EthernetHeader header;
    header.destination = wire::slow_protocols_group;
    header.source = partner_mac;
    header.type = wire::slow_protocols_type;
    std::memcpy(frame.data(), &header, sizeof(header));
    std::memcpy(frame.data() + sizeof(header), &pdu, sizeof(pdu));
    return frame;
  }
  void negotiate() {
    for (unsigned round = 0; round < 4; ++round) {
      pass(500ms);
      for (unsigned number = 0; number < 2; ++number) devices[number]->give(answer(number));
    }
    pass(400ms);
  }
  static FrameBytes datagram(unsigned flow) {
    FrameBytes frame(60);
    frame[12] = std::byte{8};
    frame[14] = std::byte{0x45};
    frame[23] = std::byte{17};
    frame[34] = static_cast<std::byte>(flow >> 8U);
    frame[35] = static_cast<std::byte>(flow);
    return frame;
  }
  Sent send(const FrameBytes& frame) {
    const std::array pieces{std::span<const std::byte>(frame).first(20),
                            std::span<const std::byte>(frame).subspan(20)};
    return group.send(pieces, {});
  }
  unsigned carriers() const {
    unsigned count = 0;
    for (const auto& view : group.members()) count += view.carries ? 1 : 0;
    return count;
  }

  arch::VirtualClock clock;
  EventLoop loop{clock};
  TestDevice* devices[2] = {};
  std::unique_ptr<UplinkPort> ports[2];
  CountingReceiver receiver;
  GroupDevice group{"BOND1", group_mac, clock};  // goes before the ports
};

TEST_F(GroupOfDevices, CarriesOnAllLinksOnceThePartnerAgrees) {
  EXPECT_EQ(carriers(), 1U) << "one, until a partner agrees";
  EXPECT_EQ(send(datagram(1)), Sent::sent);
  negotiate();
  EXPECT_EQ(group.state(), State::ready);
  EXPECT_EQ(carriers(), 2U);
  EXPECT_GE(receiver.changes, 1U);
  EXPECT_EQ(group.members()[0].state, "Active, partner");
  EXPECT_EQ(group.details()[0], "0A00.P00 partner 02-00-00-00-00-20 key 5 port 1");
}

TEST_F(GroupOfDevices, AFlowStaysOnItsLinkAndFlowsSpread) {
  negotiate();
  for (auto* device : devices) device->sent.clear();
  for (unsigned flow = 0; flow < 100; ++flow) {
    const auto before = devices[0]->sent.size();
    EXPECT_EQ(send(datagram(flow)), Sent::sent);
    const bool first = devices[0]->sent.size() > before;
    for (unsigned more = 0; more < 3; ++more) send(datagram(flow));
    EXPECT_EQ(devices[0]->sent.size(), before + (first ? 4 : 0)) << flow;
  }
  EXPECT_GT(devices[0]->sent.size(), 100U);
  EXPECT_GT(devices[1]->sent.size(), 100U);
}

TEST_F(GroupOfDevices, WhenALinkFailsTheOtherTakesAll) {
  negotiate();
  devices[0]->become(State::waiting);
  EXPECT_EQ(carriers(), 1U);
  EXPECT_EQ(group.state(), State::ready);
  devices[1]->sent.clear();
  for (unsigned flow = 0; flow < 20; ++flow) EXPECT_EQ(send(datagram(flow)), Sent::sent);
  EXPECT_EQ(devices[1]->sent.size(), 20U);
  const auto changes = receiver.changes;
  devices[1]->become(State::waiting);
  EXPECT_EQ(group.state(), State::waiting);
  EXPECT_GT(receiver.changes, changes);
  EXPECT_EQ(group.trouble(), "none of its devices carries");
  for (auto* device : devices) device->become(State::ready);
  negotiate();
  EXPECT_EQ(carriers(), 2U);
}

TEST_F(GroupOfDevices, ASilentPartnerIsNoticedThoughTheLinkIsUp) {
  negotiate();
  for (unsigned round = 0; round < 10; ++round) {
    pass(500ms);
    devices[1]->give(answer(1));
  }
  EXPECT_EQ(carriers(), 1U);
  EXPECT_FALSE(group.members()[0].carries);
}

TEST_F(GroupOfDevices, WithoutAnyPartnerOneCarriesAlone) {
  for (unsigned round = 0; round < 20; ++round) pass(500ms);
  EXPECT_EQ(carriers(), 1U);
  EXPECT_TRUE(group.members()[0].carries);
  devices[0]->become(State::waiting);
  EXPECT_TRUE(group.members()[1].carries) << "at once";
  devices[0]->become(State::ready);
  for (unsigned round = 0; round < 20; ++round) {
    EXPECT_TRUE(group.members()[1].carries) << "a link that comes takes nothing from it";
    pass(500ms);
  }
}

TEST_F(GroupOfDevices, AStrangersWordOnTheOtherLinkTakesNothingFromOneThatCarries) {
  for (unsigned round = 0; round < 20; ++round) pass(500ms);
  auto forged = answer(1, {{2, 0, 0, 0, 0, 0x66}});
  forged[14 + 18] = std::byte{0x05};
  for (unsigned round = 0; round < 20; ++round) {
    devices[1]->give(forged);
    EXPECT_EQ(carriers(), 1U);
    EXPECT_TRUE(group.members()[0].carries) << round;
    pass(500ms);
  }
}

TEST_F(GroupOfDevices, APartnersIndividualLinkCarriesAlone) {
  for (unsigned round = 0; round < 6; ++round) {
    pass(500ms);
    for (unsigned number = 0; number < 2; ++number) {
      auto individual = answer(number);
      individual[14 + 18] = std::byte{0x3b};
      devices[number]->give(individual);
    }
    EXPECT_EQ(carriers(), 1U);
  }
}

TEST_F(GroupOfDevices, LinksOfDifferentPartnersAreNotOne) {
  for (unsigned round = 0; round < 4; ++round) {
    pass(500ms);
    devices[0]->give(answer(0));
    devices[1]->give(answer(1, {{2, 0, 0, 0, 0, 0x21}}));
  }
  EXPECT_EQ(carriers(), 1U);
}

TEST_F(GroupOfDevices, FramesComeThroughCarryingLinksOnly) {
  devices[1]->give(datagram(1));
  EXPECT_EQ(receiver.frames, 0U);
  negotiate();
  EXPECT_EQ(receiver.frames, 0U) << "what partners say is not the LAN's";
  devices[0]->give(datagram(1));
  devices[1]->give(datagram(2));
  EXPECT_EQ(receiver.frames, 2U);
  EXPECT_EQ(group.members()[1].received, 1U);
}

TEST_F(GroupOfDevices, WithoutLacpAllThatAreUpCarryAndSayNothing) {
  group.set_lacp(false);
  for (auto* device : devices) device->sent.clear();
  pass(10s);
  EXPECT_EQ(carriers(), 2U);
  EXPECT_TRUE(devices[0]->sent.empty() && devices[1]->sent.empty());
  EXPECT_EQ(group.members()[0].state, "Active");
  devices[0]->give(answer(0));
  EXPECT_EQ(receiver.frames, 0U) << "still nobody's on the LAN";
  group.set_lacp(true);
  EXPECT_EQ(carriers(), 1U);
  negotiate();
  EXPECT_EQ(carriers(), 2U);
}

TEST_F(GroupOfDevices, WhoLeavesHasItsDeviceAgain) {
  negotiate();
  group.leave(*ports[0]);
  EXPECT_EQ(carriers(), 1U);
  guestlan::LanAttributes attributes;
  attributes.transport = qdio::Transport::ethernet;
  guestlan::Lan lan(attributes);
  ports[0]->join(lan);
  ports[0]->carry(true);
  devices[0]->give(datagram(1));
  EXPECT_EQ(receiver.frames, 0U);
  EXPECT_EQ(ports[0]->counters().tx_packets, 1U);
  group.leave(*ports[1]);
  EXPECT_EQ(group.state(), State::waiting);
  pass(1s);
}

TEST_F(GroupOfDevices, AnswersMarkers) {
  negotiate();
  devices[0]->sent.clear();
  wire::MarkerPdu marker;
  marker.request_of[3] = 0x77;
  devices[0]->give(slow(marker));
  ASSERT_EQ(devices[0]->sent.size(), 1U);
  EXPECT_EQ(devices[0]->sent[0].bytes[16], std::byte{2});
  EXPECT_EQ(devices[0]->sent[0].bytes[21], std::byte{0x77});
}

TEST_F(GroupOfDevices, HostilePdusChangeNothing) {
  negotiate();
  arch::Prng chance(1);
  for (unsigned count = 0; count < 20'000; ++count) {
    auto frame = answer(0);
    frame.resize(15 + chance.below(frame.size() - 14));
    for (unsigned spoilt = 0; spoilt < 3; ++spoilt) {
      const auto at = 14 + chance.below(frame.size() - 14);
      frame[at] = static_cast<std::byte>(chance.next());
    }
    devices[0]->give(frame);
    if (chance.below(100) == 0) {
      pass(100ms);
      devices[1]->give(answer(1));
    }
    ASSERT_GE(carriers(), 1U);
    ASSERT_TRUE(group.members()[1].carries || group.members()[0].carries);
  }
  // Our own frames, looped back.
  devices[0]->give(devices[0]->sent.back().bytes);
  negotiate();
  EXPECT_EQ(carriers(), 2U);
}

TEST_F(GroupOfDevices, WorkIsDoneByAllOrByNone) {
  EXPECT_FALSE(group.does_work());
  devices[0]->works = true;
  EXPECT_FALSE(group.does_work());
  devices[1]->works = true;
  EXPECT_TRUE(group.does_work());
}

}  // namespace
}  // namespace vmlan::host
