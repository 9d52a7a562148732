// A card of an emulator meets a NIC that a program of this system drives, or has driven.
#include <gtest/gtest.h>

#include "cms/driver/qdio_driver.h"
#include "cp/test_system.h"

namespace vmlan {
namespace {

class NoReplies final : public qdio::ControlReplies {
 public:
  void reply(unsigned, qdio::Message) override {}
};

// LINUX1 has NIC 0700 in an emulator; CMS, or what stands for it here, starts NIC 0600.
class SharedUser : public testing::Test {
 protected:
  SharedUser()
      : system(
            "USER LINUX1 NOPASS 32M 64M G\n"
            "  NICDEF 0600 TYPE QDIO LAN SYSTEM LAN1\n"
            "  NICDEF 0700 TYPE QDIO\n") {
    system.type("OPERATOR", "DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO");
    EXPECT_NE(join(0x0700).nic, nullptr);
  }
  cp::Joined join(std::uint16_t device) {
    cp::JoinRequest request;
    request.userid = "LINUX1";
    request.nic.device = {device};
    request.nic.kind = qdio::AdapterKind::osd;
    request.may_be_logged_on = true;
    request.mac = wire::MacAddress{{0x0a, 1, 2, 3, 4, static_cast<std::uint8_t>(device >> 8U)}};
    return system.cp.join(request, replies);
  }
  std::unique_ptr<cms::QdioDriver> start(std::uint16_t device) {
    cms::QdioDriver::Options options;
    options.base_device = {device};
    options.area = 0x10000;
    auto driver = std::make_unique<cms::QdioDriver>(*user(), options);
    started = driver->start();
    return driver;
  }
  cp::VirtualMachine* user() { return system.cp.find("LINUX1"); }

  NoReplies replies;
  cp::TestSystem system;
  cms::DriverError started = cms::DriverError::none;
};

TEST_F(SharedUser, ACardDoesNotGetANicThatIsDrivenHere) {
  const auto driver = start(0x0600);
  ASSERT_EQ(started, cms::DriverError::none);
  EXPECT_EQ(join(0x0600).refusal, "HCPVNI9025E NIC 0600 is in use");
  ASSERT_NE(user()->nic({0x0600}), nullptr) << "the refusal costs its driver nothing";
  EXPECT_EQ(driver->set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24), qdio::IpaCode::success);
}

TEST_F(SharedUser, ACardGetsANicThatWasDrivenHereWithTheMacAddressItNames) {
  start(0x0600);
  ASSERT_EQ(started, cms::DriverError::none);
  system.type("OPERATOR", "SEND CP LINUX1 SYSTEM RESET");
  const auto joined = join(0x0600);
  ASSERT_NE(joined.nic, nullptr) << joined.refusal;
  EXPECT_EQ(wire::to_string(joined.nic->settings().mac), "0A-01-02-03-04-06");
  ASSERT_NE(joined.nic->lan(), nullptr);
  EXPECT_EQ(joined.nic->lan()->attributes().name, "LAN1");
}

TEST_F(SharedUser, ANicOfACardIsNotDrivenHere) {
  start(0x0700);
  EXPECT_NE(started, cms::DriverError::none);
  EXPECT_EQ(join(0x0700).refusal, "HCPVNI9025E NIC 0700 is in use");
  EXPECT_NE(user()->nic({0x0700}), nullptr);
}

TEST_F(SharedUser, ResettingTheMachineLeavesTheNicOfACardAlone) {
  guestlan::Nic* nic = user()->nic({0x0700});
  guestlan::DataPort& port = nic->port_of_data_device(2);
  port.session_established(qdio::Transport::ip, "LINUX", "");
  system.type("LINUX1", "LOGON LINUX1");
  system.type("LINUX1", "SYSTEM RESET");
  system.cp.run_until_idle(16);
  EXPECT_EQ(port.state(), guestlan::SessionState::established) << "its guest's to reset";
}

TEST_F(SharedUser, WhatIsDefinedUnderTheNumberOfACardsNicStaysWhenTheCardLeaves) {
  user()->remove_nic({0x0700});
  system.type("LINUX1", "LOGON LINUX1");
  system.type("LINUX1", "DEFINE NIC 0700 TYPE QDIO");
  ASSERT_NE(user()->nic({0x0700}), nullptr);
  system.cp.leave("LINUX1", {0x0700}, false);
  EXPECT_NE(user()->nic({0x0700}), nullptr);
}

}  // namespace
}  // namespace vmlan
