// PRIQUEUING of a real device: what several ports send within one pass of the event loop leaves by priority,
// and nothing of it stays behind.
#include <gtest/gtest.h>

#include "host/uplink/test_uplink_rig.h"

namespace vmlan::host {
namespace {

using guestlan::Drop;
using guestlan::UplinkPriority;
using qdio::Transport;
using Lengths = std::vector<std::size_t>;

// Alice's frames are LOW, Bob's HIGH.
class UplinkQueue : public testing::Test {
 protected:
  UplinkQueue() {
    rig.lan.set_rules(queuing(true));
    give(rig.alice, UplinkPriority::low);
    give(rig.bob, UplinkPriority::high);
  }
  static guestlan::LanRules queuing(bool on) {
    guestlan::LanRules rules;
    rules.priority_queuing = on;
    return rules;
  }
  static void give(kit::Station& station, UplinkPriority priority) {
    guestlan::PortRules rules;
    rules.priority = priority;
    station.nic.set_port_rules(rules);
  }
  // One SIGA, which publishes.
  static void send(kit::Station& from, std::size_t length) {
    const auto frame = frame_to(somebody, length);
    kit::PacketBytes bytes(32);
    bytes[0] = std::byte{2};
    bytes[3] = std::byte{4};
    kit::write16(bytes, 6, static_cast<std::uint32_t>(frame.size()));
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    from.send(bytes);
  }
  Lengths left() {
    Lengths lengths;
    for (const auto& frame : std::exchange(rig.device->sent, {})) lengths.push_back(frame.bytes.size());
    return lengths;
  }
  void pass() { rig.loop.pass(rig.clock.now() + std::chrono::seconds(10)); }

  UplinkRig rig{Transport::ethernet};
};

TEST_F(UplinkQueue, OfTwoPortsInOnePassHighLeavesFirst) {
  send(rig.alice, 100);
  send(rig.bob, 200);
  send(rig.alice, 101);
  send(rig.bob, 201);
  EXPECT_EQ(left(), Lengths{});
  const auto flushes = rig.device->flushes;
  pass();
  EXPECT_EQ(left(), (Lengths{200, 201, 100, 101}));
  EXPECT_EQ(rig.device->flushes, flushes + 1);
}

// A source that was tended after it.
TEST_F(UplinkQueue, ThePassDoesNotWaitWhileSomethingWaits) {
  class Late final : public EventSource {
   public:
    explicit Late(kit::Station& from) : from_(from) {}
    void tend(arch::Time) override {
      if (++times == 2) UplinkQueue::send(from_, 300);
    }
    void add_to(std::vector<pollfd>&) override {}
    void happened(std::span<const pollfd>) override {}
    unsigned times = 0;

   private:
    kit::Station& from_;
  } late(rig.alice);
  rig.loop.add(late);
  const auto begun = rig.clock.now();
  pass();
  EXPECT_EQ(left(), Lengths{});
  pass();
  EXPECT_EQ(left(), Lengths{300});
  EXPECT_LT(rig.clock.now() - begun, std::chrono::seconds(5));
  rig.loop.remove(late);
}

TEST_F(UplinkQueue, NothingStaysBehindWhoeverGoes) {
  send(rig.alice, 100);
  rig.lan.set_rules(queuing(false));
  EXPECT_EQ(left(), Lengths{100}) << "rules";
  rig.lan.set_rules(queuing(true));
  send(rig.alice, 101);
  rig.uplink->carry(false);
  EXPECT_EQ(left(), Lengths{101}) << "another uplink carries";
  rig.uplink->carry(true);
  send(rig.alice, 102);
  rig.alice.nic.uncouple();
  pass();
  EXPECT_EQ(left(), Lengths{102}) << "the sender";
  send(rig.bob, 103);
  rig.uplink->leave();
  EXPECT_EQ(left(), Lengths{103}) << "the uplink";
  pass();
  EXPECT_EQ(left(), Lengths{});
}

TEST_F(UplinkQueue, WhatADeviceRefusesLaterIsNamedEvenIfCountersWereClearedMeanwhile) {
  rig.device->answer = EthernetDevice::Sent::full;
  send(rig.alice, 100);
  EXPECT_EQ(rig.uplink->counters().rx_packets, 1U);
  rig.uplink->clear_counters();
  pass();
  EXPECT_EQ(rig.uplink->counters().rx_lost[static_cast<std::size_t>(Drop::uplink_busy)], 1U);
  EXPECT_EQ(rig.uplink->since_cleared().rx_packets, 0U);
  EXPECT_EQ(rig.uplink->since_cleared().rx_discarded, 0U);
}

// Of 1 MiB: whole batches, which leave when half of it is taken.
TEST_F(UplinkQueue, BatchesDoNotLoseFramesToEachOther) {
  rig.lan.attributes().vswitch = guestlan::SwitchAttributes{.queue_storage = 1};
  rig.lan.set_rules(queuing(true));
  constexpr std::size_t length = 8000;
  constexpr std::size_t count = 500;
  for (std::size_t number = 0; number < count; ++number) send(rig.alice, length);
  pass();
  EXPECT_EQ(left(), Lengths(count, length));
  EXPECT_EQ(kit::drops(rig.alice.counters(), Drop::uplink_busy), 0U);
}

}  // namespace
}  // namespace vmlan::host
