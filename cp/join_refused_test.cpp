// What a guest outside that is refused leaves to the next one: nothing.
#include <gtest/gtest.h>

#include "cp/join.h"
#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

class RefusedGuests : public testing::Test, private qdio::ControlReplies {
 protected:
  RefusedGuests()
      : system(
            "USER G1 NOPASS 32M 64M G\n"
            "  NICDEF 0600 TYPE QDIO LAN SYSTEM VSW1\n"
            "  NICDEF 0700 TYPE QDIO LAN SYSTEM VSW1 VLAN 10\n"
            "  NICDEF 0800 TYPE QDIO\n") {
    system.type("OPERATOR", "DEFINE VSWITCH VSW1 ETHERNET VLAN AWARE");
    system.type("OPERATOR", "SET VSWITCH VSW1 GRANT G1 VLAN 10");
  }
  Joined join(std::uint16_t device, std::uint16_t vlan = 0, std::optional<wire::MacAddress> mac = {}) {
    JoinRequest guest;
    guest.userid = "G1";
    guest.nic.device = {device};
    guest.nic.kind = qdio::AdapterKind::osd;
    guest.nic.lan_owner = "SYSTEM";
    guest.nic.lan_name = "VSW1";
    guest.mac = mac;
    guest.vlan = vlan;
    guest.may_be_logged_on = true;
    return system.cp.join(guest, *this);
  }
  guestlan::Nic& nic(std::uint16_t device) { return *system.cp.find("G1")->nic({device}); }

  static constexpr wire::MacAddress strangers{{0x0a, 0, 0, 0, 0, 0x99}};
  static constexpr auto refusal = "HCPVNI9048E You are not authorized for VLAN 99 of VSWITCH SYSTEM VSW1";
  TestSystem system;

 private:
  void reply(unsigned, qdio::Message) override {}
};

TEST_F(RefusedGuests, LeaveTheDirectorysNicItsMacAddressAndVlans) {
  ASSERT_NE(join(0x0600).nic, nullptr);
  const auto own = nic(0x0700).settings().mac;
  EXPECT_EQ(join(0x0700, 99, strangers).refusal, refusal);
  EXPECT_EQ(wire::to_string(nic(0x0700).settings().mac), wire::to_string(own));
  ASSERT_NE(nic(0x0700).port_rules(), nullptr);
  EXPECT_EQ(nic(0x0700).port_rules()->untagged, 10);
  const auto next = join(0x0700);
  ASSERT_NE(next.nic, nullptr) << next.refusal;
  EXPECT_EQ(wire::to_string(next.nic->settings().mac), wire::to_string(own));
  EXPECT_EQ(next.nic->port_rules()->untagged, 10);
  EXPECT_EQ(next.nic->chosen_vlan(), 0);
}

TEST_F(RefusedGuests, GiveTheAddressBackToWhoeverNamesIt) {
  ASSERT_NE(join(0x0600).nic, nullptr);
  EXPECT_EQ(join(0x0700, 99, strangers).refusal, refusal);
  const auto other = join(0x0800, 10, strangers);
  ASSERT_NE(other.nic, nullptr) << other.refusal;
  EXPECT_EQ(other.nic->settings().mac, strangers);
}

TEST_F(RefusedGuests, LeaveANicUncoupledThatWas) {
  ASSERT_NE(join(0x0600).nic, nullptr);
  EXPECT_EQ(join(0x0800, 99).refusal, refusal);
  EXPECT_EQ(nic(0x0800).lan(), nullptr);
}

}  // namespace
}  // namespace vmlan::cp
