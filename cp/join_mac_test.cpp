// Which MAC address a guest outside may name.
#include <gtest/gtest.h>

#include "cp/test_system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

class NamedMacs : public testing::Test, private qdio::ControlReplies {
 protected:
  NamedMacs() { system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET"); }
  // The address LINUX1 gets, or why it does not join.
  std::string join(const wire::MacAddress& mac, bool wish = false) {
    JoinRequest guest;
    guest.userid = "LINUX1";
    guest.nic.device = {0x0600};
    guest.nic.kind = qdio::AdapterKind::osd;
    guest.nic.lan_owner = "SYSTEM";
    guest.nic.lan_name = "LAN1";
    guest.mac = mac;
    guest.mac_is_wish = wish;
    const auto joined = system.cp.join(guest, *this);
    if (joined.nic == nullptr) return joined.refusal;
    const auto given = wire::to_string(joined.nic->settings().mac);
    system.cp.leave("LINUX1", {0x0600}, true);
    return given;
  }

  static constexpr wire::MacAddress own{{0x0a, 1, 2, 3, 4, 5}};
  static constexpr auto refused =
      "HCPVNI9046E MAC address 0A-01-02-03-04-05 is not the one that NIC 0600 was given; it is protected";
  TestSystem system;

 private:
  void reply(unsigned, qdio::Message) override {}
};

TEST_F(NamedMacs, AreTakenWhereNothingIsProtected) { EXPECT_EQ(join(own), "0A-01-02-03-04-05"); }

TEST_F(NamedMacs, AreNoGroups) {
  EXPECT_EQ(join({{1, 0, 0x5e, 0, 0, 1}}), "HCPVNI002E Invalid operand - 01-00-5E-00-00-01");
  EXPECT_EQ(join({{1, 0, 0x5e, 0, 0, 1}}, true).substr(0, 8), "02-00-00") << "a wish is no order";
}

TEST_F(NamedMacs, AreRefusedWhereMacProtectionHolds) {
  system.type("OPERATOR", "SET VMLAN MACPROTECT ON");
  EXPECT_EQ(join(own), refused);
  system.type("OPERATOR", "SET LAN LAN1 OWNERID SYSTEM MACPROTECT OFF");
  EXPECT_EQ(join(own), "0A-01-02-03-04-05") << "the LAN's own word";
  system.type("OPERATOR", "SET VMLAN MACPROTECT OFF");
  system.type("OPERATOR", "SET LAN LAN1 OWNERID SYSTEM MACPROTECT ON");
  EXPECT_EQ(join(own), refused);
  EXPECT_EQ(join({{2, 0, 0, 0, 0, 0x21}}, true), "02-00-00-00-00-21")
      << "who comes back keeps a free one of the pool";
}

}  // namespace
}  // namespace vmlan::cp
