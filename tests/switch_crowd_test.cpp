// Commands for all ports of a switch at once: the number of its NICs to the third was half a minute.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "cp/test_system.h"
#include "host/real_clock.h"

namespace vmlan {
namespace {

TEST(SwitchCrowd, AVlanOfAllPortsTakesNoSeconds) {
  cp::TestSystem system;
  system.type("OPERATOR", "DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE PORTTYPE TRUNK PORTBASED");
  auto& lan = *system.cp.vmlan().find("SYSTEM", "VSW1");
  std::vector<std::unique_ptr<guestlan::Nic>> nics;
  for (unsigned number = 1; number <= guestlan::SwitchPorts::highest; ++number) {
    guestlan::NicSettings settings;
    settings.owner = "CROWD";
    auto& one = *nics.emplace_back(std::make_unique<guestlan::Nic>(settings));
    lan.switch_ports().define(number, "CROWD", {}).nic = &one;
    ASSERT_EQ(one.couple(lan, true), guestlan::CoupleResult::coupled);
  }
  const host::RealClock clock;
  const auto begin = clock.now();
  EXPECT_EQ(system.answer("OPERATOR", "SET VSWITCH VSW1 VLANID 20 ADD 1-2048 1-2048"),
            cp::Lines{"Command complete"});
  const std::chrono::duration<double> took = clock.now() - begin;
  EXPECT_LT(took.count(), 5.0);
  EXPECT_TRUE(nics.front()->port_rules()->has(20));
  EXPECT_TRUE(nics.back()->port_rules()->has(20));
}

}  // namespace
}  // namespace vmlan
