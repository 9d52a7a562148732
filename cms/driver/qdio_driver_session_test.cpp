#include <gtest/gtest.h>

#include <optional>

#include "cms/driver/qdio_driver.h"
#include "tests/kit/scripted_adapter.h"

namespace vmlan::cms {
namespace {

using kit::to_hex;
using Adapter = kit::ScriptedAdapter;
using Error = QdioDriver::Error;

class StartedDriver : public ::testing::Test {
 protected:
  StartedDriver() {
    options.base_device = {0x0800};
    options.area = 0x10000;
    options.ulp_name = "HALLOLE";
  }
  QdioDriver& driver() {
    if (!driver_) driver_.emplace(adapter, options);
    return *driver_;
  }
  Error start() { return driver().start(); }

  Adapter adapter;
  QdioDriver::Options options;

 private:
  std::optional<QdioDriver> driver_;
};

TEST_F(StartedDriver, StartsWithoutLanAndRegistersWhenItComes) {
  adapter.ipa_codes[0x01] = 0xe080;
  adapter.ipa_codes[0xb1] = 0xe080;
  EXPECT_EQ(start(), Error::lan_offline);
  EXPECT_TRUE(driver().started());
  EXPECT_FALSE(driver().online());
  EXPECT_EQ(driver().set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24), qdio::IpaCode::lan_offline);
  adapter.ipa_codes.clear();
  adapter.written.clear();
  adapter.send_event(0x01);
  driver().handle_interruption(Adapter::subchannel(Adapter::read_device));
  EXPECT_TRUE(driver().online());
  EXPECT_EQ(adapter.message(0).substr(16, 2), "19") << "a whole new session";
  EXPECT_EQ(adapter.last_ipa(0xb1).substr(40, 8), "0A010101");
}

TEST_F(StartedDriver, FollowsALanThatGoesAway) {
  ASSERT_EQ(start(), Error::none);
  adapter.send_event(0x02);
  driver().handle_interruption(Adapter::subchannel(Adapter::read_device));
  EXPECT_TRUE(driver().started());
  EXPECT_FALSE(driver().online());
  EXPECT_EQ(driver().counters().lan_events, 1U);
}

TEST_F(StartedDriver, FindsItsAnswerBehindAnEvent) {
  ASSERT_EQ(start(), Error::none);
  adapter.send_event(0x02);
  EXPECT_EQ(driver().set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24), qdio::IpaCode::success);
  driver().handle_interruption(Adapter::subchannel(Adapter::read_device));
  EXPECT_FALSE(driver().online());
}

TEST_F(StartedDriver, EndsWithStatusOnItsDataDevice) {
  ASSERT_EQ(start(), Error::none);
  adapter.present(Adapter::data_device, 0, 0x80);
  driver().handle_interruption(Adapter::subchannel(Adapter::data_device));
  EXPECT_TRUE(driver().online()) << "a program-controlled interruption";
  adapter.present(Adapter::data_device, 0x04);
  driver().handle_interruption(Adapter::subchannel(Adapter::data_device));
  EXPECT_FALSE(driver().started());
}

TEST_F(StartedDriver, StopsTheQueuesBeforeItLeaves) {
  ASSERT_EQ(start(), Error::none);
  driver().stop();
  EXPECT_FALSE(adapter.active);
  EXPECT_FALSE(driver().started());
  EXPECT_FALSE(adapter.store_subchannel(Adapter::subchannel(0))->enabled);
  EXPECT_EQ(start(), Error::none) << "and can start again";
}

TEST_F(StartedDriver, SignalsOncePerFlush) {
  ASSERT_EQ(start(), Error::none);
  const auto before = adapter.sigas;
  const std::array<std::byte, 64> packet{};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(driver().send({}, packet));
  EXPECT_EQ(adapter.sigas, before);
  EXPECT_EQ(driver().flush(), arch::ConditionCode::zero);
  EXPECT_EQ(driver().flush(), arch::ConditionCode::zero);
  EXPECT_EQ(adapter.sigas, before + 1);
}

TEST_F(StartedDriver, AFullRingIsSignalledAndThenRefused) {
  options.output_buffers = 8;
  ASSERT_EQ(start(), Error::none);
  const auto before = adapter.sigas;
  const std::array<std::byte, 64> packet{};
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(driver().send({}, packet));
  EXPECT_FALSE(driver().send({}, packet)) << "the adapter took nothing";
  EXPECT_EQ(adapter.sigas, before + 1);
}

TEST_F(StartedDriver, RefusesPacketsLongerThanABuffer) {
  options.output_buffer_size = 2048;
  ASSERT_EQ(start(), Error::none);
  EXPECT_NE(driver().reserve(2048 - 32), nullptr);
  EXPECT_EQ(driver().reserve(2048 - 31), nullptr);
}

TEST_F(StartedDriver, KeepsSignallingABusyTarget) {
  ASSERT_EQ(start(), Error::none);
  const std::array<std::byte, 64> packet{};
  ASSERT_TRUE(driver().send({}, packet));
  adapter.siga_answer = arch::ConditionCode::two;
  EXPECT_EQ(driver().flush(), arch::ConditionCode::two);
  EXPECT_EQ(driver().counters().output_busy, 1U);
  const auto before = adapter.sigas;
  adapter.siga_answer = arch::ConditionCode::zero;
  EXPECT_EQ(driver().flush(), arch::ConditionCode::zero);
  EXPECT_EQ(adapter.sigas, before + 1);
}

TEST_F(StartedDriver, GoesOfflineWhenTheQueuesAreGone) {
  ASSERT_EQ(start(), Error::none);
  const std::array<std::byte, 64> packet{};
  ASSERT_TRUE(driver().send({}, packet));
  adapter.siga_answer = arch::ConditionCode::one;
  EXPECT_EQ(driver().flush(), arch::ConditionCode::one);
  EXPECT_FALSE(driver().online());
  EXPECT_EQ(driver().reserve(64), nullptr);
}

TEST(TransportHeader, SaysVersionCastAndNextHop) {
  const auto ip = [](const char* text) { return *wire::parse_ip_address(text); };
  auto header = layer3_header(ip("10.1.1.2"), ip("10.1.1.254"));
  EXPECT_EQ(to_hex(std::as_bytes(std::span(&header, 1))),
            "01060000000000000000000000000000"
            "0000000000000000000000000A0101FE");
  header = layer3_header(ip("ff02::1"), ip("ff02::1"));
  EXPECT_EQ(header.flags, 0x84);
  EXPECT_EQ(header.next_hop[0], 0xff);
  EXPECT_EQ(layer3_header(ip("255.255.255.255"), ip("255.255.255.255")).flags, 0x05);
  EXPECT_EQ(layer3_header(ip("10.1.1.255"), ip("10.1.1.255"), true).flags, 0x05);
}

}  // namespace
}  // namespace vmlan::cms
