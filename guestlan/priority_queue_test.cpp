// What goes to an uplink with PRIQUEUING ON: in which order, and what is lost when it is too much.
#include "guestlan/priority_queue.h"

#include "guestlan/test_switch.h"

namespace vmlan::guestlan {
namespace {

constexpr auto low = UplinkPriority::low;
constexpr auto high = UplinkPriority::high;

LanRules queuing() {
  LanRules rules;
  rules.priority_queuing = true;
  return rules;
}

PortRules with_priority(UplinkPriority priority) {
  PortRules rules;
  rules.priority = priority;
  return rules;
}

// A guest of each priority, the low one first.
class QueuingSwitch : public testing::Test {
 protected:
  QueuingSwitch() : lan(queuing(), 3) {
    lan.guests[0]->nic.set_port_rules(with_priority(low));
    lan.guests[1]->nic.set_port_rules(std::nullopt);
    lan.guests[2]->nic.set_port_rules(with_priority(high));
  }
  // Before its batch is over.
  void begin(unsigned guest, unsigned number, std::size_t more = 0) {
    bytes = ethernet(nobody, lan.mac(guest), 0, number);
    bytes.resize(bytes.size() + more);
    qdio::Frame frame;
    frame.layer2 = wire::Layer2Header{};
    frame.layer2.length = static_cast<std::uint16_t>(bytes.size());
    frame.length = static_cast<std::uint32_t>(bytes.size());
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), frame.length};
    lan.guests[guest]->port().transmit(frame);
  }
  std::vector<unsigned> arrived() {
    std::vector<unsigned> numbers;
    for (const auto& frame : std::exchange(lan.uplink.got, {})) {
      numbers.push_back(std::to_integer<unsigned>(frame.at(14)) << 8U |
                        std::to_integer<unsigned>(frame.at(15)));
    }
    return numbers;
  }
  using Numbers = std::vector<unsigned>;

  Switch lan;
  SwitchBytes bytes;
};

TEST_F(QueuingSwitch, AtTheEndOfABatchHighGoesFirst) {
  for (unsigned round = 0; round < 2; ++round) {
    for (unsigned guest = 0; guest < 3; ++guest) begin(guest, 10 * guest + round);
  }
  EXPECT_EQ(arrived(), Numbers{});
  lan.lan.publish();
  EXPECT_EQ(arrived(), (Numbers{20, 21, 10, 11, 0, 1}));
  lan.lan.publish();
  EXPECT_EQ(arrived(), Numbers{});
}

TEST_F(QueuingSwitch, OffTheyGoAsTheyCome) {
  begin(0, 1);
  lan.lan.set_rules({});
  EXPECT_EQ(arrived(), Numbers{1}) << "nothing stays behind";
  begin(0, 2);
  begin(2, 3);
  EXPECT_EQ(arrived(), (Numbers{2, 3}));
  lan.lan.set_rules(queuing());
  begin(0, 4);
  begin(2, 5);
  lan.lan.publish();
  EXPECT_EQ(arrived(), (Numbers{5, 4}));
}

TEST_F(QueuingSwitch, AnUplinkThatLeavesTakesWhatWasItsWithIt) {
  begin(0, 1);
  begin(2, 2);
  lan.uplink.leave();
  EXPECT_EQ(arrived(), (Numbers{2, 1}));
  Lan plain(kit::attributes(Transport::ethernet));
  lan.uplink.join(plain);
  lan.uplink.carry(true);
  Station guest(plain, 9);
  guest.send(handed_over(ethernet(nobody, guest.nic.settings().mac, 0, 3)));
  EXPECT_EQ(arrived(), Numbers{3});
  lan.uplink.leave();
}

// Of a queue of 8 MiB.
TEST_F(QueuingSwitch, WhatIsTooMuchIsLostLowestPriorityFirst) {
  constexpr std::size_t megabyte = 1U << 20U;
  constexpr std::size_t frame = 32768;
  constexpr unsigned most = 8 * megabyte / (frame + 64 + 66);
  for (unsigned number = 0; number < most + 1; ++number) begin(0, number, frame);
  EXPECT_EQ(lan.dropped(0, Drop::uplink_busy), 1U) << "nothing lower to give way";
  begin(2, 9999, frame);
  lan.lan.publish();
  const auto numbers = arrived();
  ASSERT_EQ(numbers.size(), most);
  EXPECT_EQ(numbers.front(), 9999U);
  EXPECT_EQ(numbers.back(), most - 2) << "the last one gave way";
  const auto& counters = lan.uplink.counters();
  EXPECT_EQ(counters.rx_packets, most);
  EXPECT_EQ(counters.rx_lost[static_cast<std::size_t>(Drop::uplink_busy)], 1U);
  EXPECT_EQ(lan.guests[0]->counters().tx_copies + lan.guests[2]->counters().tx_copies,
            counters.rx_packets + 1);
}

TEST_F(QueuingSwitch, AnotherQueuestorageHoldsFromTheNextBatchOn) {
  constexpr std::size_t frame = 32768;
  constexpr unsigned most = (1U << 20U) / (frame + 64 + 66);
  lan.lan.attributes().vswitch = SwitchAttributes{.queue_storage = 1};
  begin(0, 1);
  lan.lan.set_rules(queuing());
  EXPECT_EQ(arrived(), Numbers{1});
  for (unsigned number = 0; number < most + 1; ++number) begin(0, number, frame);
  EXPECT_EQ(lan.dropped(0, Drop::uplink_busy), 1U);
  lan.lan.publish();
  EXPECT_EQ(arrived().size(), most);
}

TEST_F(QueuingSwitch, WhatTheDeviceRefusesIsLostUnderItsName) {
  lan.uplink.refuse = qdio::GiveResult::too_long;
  begin(0, 1);
  lan.lan.publish();
  const auto& counters = lan.uplink.counters();
  EXPECT_EQ(counters.rx_lost[static_cast<std::size_t>(Drop::too_long)], 1U);
  EXPECT_EQ(counters.rx_packets, 0U);
}

}  // namespace
}  // namespace vmlan::guestlan
