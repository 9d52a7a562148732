// What the other end of a link says it has lost.
#include <gtest/gtest.h>

#include "tests/kit/lan_user.h"

namespace vmlan::guestlan {
namespace {

TEST(RemoteLosses, AreNeverMoreThanWasGiven) {
  NicSettings settings;
  settings.owner = "LINUX1";
  Nic nic(settings);
  DataPort& port = nic.port_of_data_device(2);
  RemoteLosses losses;
  losses.no_empty_buffer = 0xffff'ffff;
  losses.not_active = 7;
  port.count_losses(losses);
  EXPECT_EQ(port.counters().rx_packets, 0U);
  EXPECT_EQ(port.counters().rx_lost, decltype(Counters::rx_lost){});
}

TEST(RemoteLosses, OfTheGuestsOwnPacketsAreSentAndDropped) {
  NicSettings settings;
  settings.owner = "LINUX1";
  Nic nic(settings);
  DataPort& port = nic.port_of_data_device(2);
  RemoteLosses losses;
  losses.no_system = 3;
  losses.malformed = 2;
  port.count_losses(losses);
  EXPECT_EQ(port.counters().tx_packets, 5U);
  EXPECT_EQ(port.counters().tx_errors, 2U);
  EXPECT_EQ(port.counters().tx_discarded(), 5U);
}

TEST(RemoteLosses, ToldLateTakeNothingFromAMarkSetBefore) {
  Counters mark;
  mark.rx_packets = 10;
  Counters now;
  now.rx_packets = 8;
  now -= mark;
  EXPECT_EQ(now.rx_packets, 0U);
}

}  // namespace
}  // namespace vmlan::guestlan
