// The driver in layer 2, and how it finds out which layer its LAN speaks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "cms/driver/qdio_driver.h"
#include "tests/kit/scripted_adapter.h"

namespace vmlan::cms {
namespace {

using kit::to_hex;
using qdio::IpaCode;
using qdio::Transport;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using Adapter = kit::ScriptedAdapter;
using Error = QdioDriver::Error;

constexpr unsigned layer3 = 0x03;
constexpr unsigned layer2 = 0x08;

std::string hex_layer2(std::string_view text) { return to_hex(kit::from_hex(text)); }

class DriverOnEthernet : public ::testing::Test {
 protected:
  DriverOnEthernet() {
    adapter.refused_layer = layer3;
    options.base_device = {0x0800};
    options.area = 0x10000;
    options.ulp_name = "HALLOLE";
  }
  QdioDriver& driver() {
    if (!driver_) driver_.emplace(adapter, options);
    return *driver_;
  }
  Error start() { return driver().start(); }
  static wire::IpAddress ip(const char* text) { return *wire::parse_ip_address(text); }
  // The layers it asked for, in order.
  std::vector<std::string> layers() const {
    std::vector<std::string> asked;
    for (std::size_t index = 0; index < adapter.written.size(); ++index) {
      if (adapter.message(index).substr(0x18 * 2, 2) != "41") continue;
      if (adapter.pdu(index).substr(0, 8) == "000C4102")
        asked.push_back(adapter.pdu(index).substr(0x10 * 2, 2));
    }
    return asked;
  }

  Adapter adapter;
  QdioDriver::Options options;

 private:
  std::optional<QdioDriver> driver_;
};

TEST_F(DriverOnEthernet, AsksForTheOtherLayerWhereOneIsRefused) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(driver().transport(), Transport::ethernet);
  EXPECT_THAT(layers(), ElementsAre("03", "08"));
  ASSERT_EQ(start(), Error::none);
  EXPECT_THAT(layers(), ElementsAre("03", "08", "08")) << "what was right last time is asked for first";
  adapter.refused_layer = layer2;
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(driver().transport(), Transport::ip);
  EXPECT_EQ(driver().sessions(), 3U);
}

TEST_F(DriverOnEthernet, AsksForNoOtherLayerThanItWasTold) {
  options.transport = Transport::ip;
  EXPECT_EQ(start(), Error::wrong_transport);
  EXPECT_THAT(layers(), ElementsAre("03"));
}

TEST_F(DriverOnEthernet, GivesUpWhereBothAreRefused) {
  adapter.terminate_at_ulp_enable = 0x41;
  EXPECT_EQ(start(), Error::wrong_transport);
  EXPECT_THAT(layers(), ElementsAre("03", "08"));
  EXPECT_EQ(driver().transport(), Transport::ip);
  EXPECT_FALSE(driver().started());
}

// Golden bytes: observed, Linux 6.1 qeth.
TEST_F(DriverOnEthernet, NamesItsLayerAsLinuxDoes) {
  options.transport = Transport::ethernet;
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(adapter.pdu(4), hex_layer2("000C4102 001F0000 00000000 | 000B0401 08040500 01010B |"
                                       "0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000"));
  EXPECT_EQ(adapter.message(7),
            hex_layer2("00E00000 00000006 00000014 00000054 10000001 | 00000000 C1080001 00000005 00000000"
                       "00240014 00001405 D8C5E3F5 00000000 00000000 | 01000014 00000040 |"
                       "01000000 00000100 02010000 00000000 00000000"));
}

TEST_F(DriverOnEthernet, SendsIpaCommandsInLinuxOrder) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_THAT(adapter.ipa_order(), ElementsAre("01/0", "B2/4", "B2/6", "B8:1/4", "B8:2/4", "21/4"));
  EXPECT_EQ(adapter.last_ipa(0x21),
            hex_layer2("21000005 00000100 02010004 00000000 00000000 00000006 021122334455"));
}

TEST_F(DriverOnEthernet, AMacAddressSomebodyHasIsToldByName) {
  adapter.ipa_codes[0x21] = 0x2005;
  EXPECT_EQ(start(), Error::mac_in_use);
  EXPECT_FALSE(driver().started());
  EXPECT_EQ(to_string(Error::mac_in_use), "its MAC address is in use on the LAN");
  adapter.ipa_codes[0x21] = 0x200c;
  EXPECT_EQ(start(), Error::command_refused);
}

TEST_F(DriverOnEthernet, RegistersGroupsByTheirMacAddressesOnce) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(driver().set_multicast(ip("224.1.2.3")), IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0x23).substr(40), "0000000601005E010203");
  EXPECT_EQ(driver().set_multicast(ip("ff02::1:ff00:2")), IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0x23).substr(40), "000000063333FF000002");
  adapter.written.clear();
  EXPECT_EQ(driver().set_multicast(ip("225.1.2.3")), IpaCode::success);
  EXPECT_EQ(driver().delete_multicast(ip("224.1.2.3")), IpaCode::success);
  EXPECT_TRUE(adapter.written.empty()) << "the two groups share their MAC address";
  EXPECT_EQ(driver().delete_multicast(ip("225.1.2.3")), IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0x24).substr(40), "0000000601005E010203");
  EXPECT_EQ(driver().set_multicast(ip("225.1.2.3")), IpaCode::success);
  EXPECT_EQ(driver().set_multicast(ip("224.1.2.3")), IpaCode::success);
  adapter.written.clear();
  ASSERT_EQ(start(), Error::none);
  const auto order = adapter.ipa_order();
  EXPECT_EQ(std::ranges::count(order, "23/4"), 2) << "after a restart as well";
}

TEST_F(DriverOnEthernet, TellsTheAdapterNothingOfIp) {
  ASSERT_EQ(start(), Error::none);
  adapter.written.clear();
  EXPECT_EQ(driver().set_ip(ip("10.1.1.1"), 24), IpaCode::success);
  EXPECT_EQ(driver().set_router(wire::IpVersion::v4, qdio::RouterType::primary), IpaCode::success);
  EXPECT_TRUE(adapter.written.empty());
  adapter.refused_layer = layer2;
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(adapter.last_ipa(0xb1).substr(40, 8), "0A010101") << "but a session of layer 3, later, does";
  EXPECT_EQ(driver().delete_ip(ip("10.1.1.1")), IpaCode::success);
}

TEST_F(DriverOnEthernet, FollowsALanOfTheOtherTransport) {
  ASSERT_EQ(start(), Error::none);
  adapter.send_event(0x02);
  driver().handle_interruption(Adapter::subchannel(Adapter::read_device));
  EXPECT_FALSE(driver().online());
  EXPECT_EQ(driver().sessions(), 1U) << "a LAN that goes is no reason for a new session";
  adapter.refused_layer = layer2;
  adapter.send_event(0x02);
  driver().handle_interruption(Adapter::subchannel(Adapter::read_device));
  EXPECT_TRUE(driver().online());
  EXPECT_EQ(driver().transport(), Transport::ip);
  EXPECT_EQ(driver().sessions(), 2U);
}

TEST_F(DriverOnEthernet, HiperSocketsGiveTheirMacToWhoAsks) {
  adapter.make_iqd();
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(wire::to_string(driver().mac()), "02-11-22-33-44-55");
  EXPECT_THAT(adapter.ipa_order(), Not(Contains("C3/6")));
}

std::string header_of(std::string_view frame) {
  const auto header = layer2_header(kit::from_hex(frame));
  return to_hex(std::as_bytes(std::span(&header, 1))).substr(0, 24);
}

TEST(Layer2Header, SaysToWhomItGoesAsLinuxDoes) {
  EXPECT_EQ(header_of("021122334455 021122334466 0800"), "020000040000000000000000");
  EXPECT_EQ(header_of("FFFFFFFFFFFF 021122334466 0806"), "020000020000000000000000");
  EXPECT_EQ(header_of("01005E000001 021122334466 0800"), "020000010000000000000000");
  EXPECT_EQ(header_of("3333FF000002 021122334466 86DD"), "020000010000000000000000");
  EXPECT_EQ(header_of("021122334455 021122334466 8100 6064 0800"), "020000140000000000006064");
  EXPECT_EQ(header_of("021122334455 021122334466 8100"), "020000040000000000000000") << "a tag cut short";
}

}  // namespace
}  // namespace vmlan::cms
