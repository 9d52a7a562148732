#include "guestlan/vlan_counters.h"

#include "guestlan/test_switch.h"

namespace vmlan::guestlan {
namespace {

TEST(VlanCounting, CountsWhatEntersAndLeavesEachVlan) {
  Switch lan(vlans(), 3);
  lan.guests[0]->nic.set_port_rules(access(10));
  lan.guests[1]->nic.set_port_rules(access(10));
  lan.guests[2]->nic.set_port_rules(trunk(1, {20}));
  lan.lan.count_vlans(true);
  const auto frame = ethernet(everybody, lan.mac(0), 0);
  lan.guests[0]->send(handed_over(frame));
  lan.guests[2]->send(handed_over(ethernet(lan.mac(0), lan.mac(2), 20)));
  lan.guests[2]->send(handed_over(ethernet(lan.mac(0), lan.mac(2), 30)));
  const auto& counters = *lan.lan.vlan_counters();
  EXPECT_EQ(counters.of(10).rx_packets, 1U);
  EXPECT_EQ(counters.of(10).rx_bytes, frame.size());
  EXPECT_EQ(counters.of(10).tx_packets, 2U) << "the other one of VLAN 10 and the uplink";
  EXPECT_EQ(counters.of(10).tx_bytes, 2 * frame.size());
  EXPECT_EQ(counters.of(20).rx_packets, 1U);
  EXPECT_EQ(counters.of(20).tx_packets, 0U) << "nobody there may get it";
  EXPECT_EQ(counters.of(30).rx_packets, 0U) << "refused";
  lan.lan.clear_counters();
  EXPECT_EQ(counters.of(10).rx_packets, 0U);
  EXPECT_EQ(lan.lan.total().tx_packets, 0U);
  lan.lan.count_vlans(false);
  lan.guests[0]->send(handed_over(frame));
  EXPECT_EQ(lan.lan.vlan_counters(), nullptr);
}

}  // namespace
}  // namespace vmlan::guestlan
