#include "cms/driver/qdio_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/kit/scripted_adapter.h"

namespace vmlan::cms {
namespace {

using kit::to_hex;
using Adapter = kit::ScriptedAdapter;
using Error = QdioDriver::Error;

std::string hex(std::string_view text) { return to_hex(kit::from_hex(text)); }

class Driver : public ::testing::Test {
 protected:
  Driver() {
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

// Golden bytes: observed, Linux 6.1 qeth (there with layer 2: protocol 08 instead of 03).

TEST_F(Driver, SpeaksIdxActivateAsLinuxDoes) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(adapter.written.at(0).device, Adapter::read_device);
  EXPECT_EQ(adapter.message(0),
            hex("00008000 00000000 190101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002"));
  EXPECT_EQ(adapter.written.at(1).device, Adapter::write_device);
  EXPECT_EQ(adapter.message(1),
            hex("00008000 00000000 150101C0 00010103 01010000 0000C8C1 D3D3D6D3 C5400802 0002"));
}

TEST_F(Driver, SpeaksTheFiveMpcExchangesAsLinuxDoes) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(adapter.message(2),
            hex("00E00000 00000001 00000014 00000063 10000001"
                "00000000 817E0001 00000000 00000000 00240023 00002305 D8C5E3F1 00000000 00000000"
                "01000023 00000040"
                "000C4102 00170000 00000000 000B0401 7E040500 010108 000C0402 FFFFFFFF FFFFFFFF"));
  EXPECT_EQ(adapter.pdu(3),
            hex("000C4104 00180000 00000000 | 00090404 05000101 0A | 00090405 05D8C5E3 F2 | 00060406 C800"));
  EXPECT_EQ(adapter.pdu(4), hex("000C4102 001F0000 00000000 | 000B0401 03040500 01010B |"
                                "0014040A 00200000 FFFF0008 C8E8C4F1 C7F10000"));
  EXPECT_EQ(adapter.message(4).substr(0x2c * 2, 8), "D8C5E3F3") << "ULP messages go to the CM connection";
  EXPECT_EQ(adapter.pdu(5), hex("000C4104 00200000 00000000 | 00090404 05000101 0D | 00090405 05D8C5E3 F4 |"
                                "00060406 4000 | 0008040B 08020002"));
  EXPECT_EQ(adapter.pdu(6), hex("000C4360 00090000 00000000 | 00090404 05D8C5E3 F5"));
}

TEST_F(Driver, NumbersItsMessagesAsLinuxDoes) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(adapter.message(7),
            hex("00E00000 00000006 00000014 00000054 10000001 | 00000000 C1030001 00000005 00000000"
                "00240014 00001405 D8C5E3F5 00000000 00000000 | 01000014 00000040 |"
                "01000000 00000100 01010000 00000000 00000000"));
}

TEST_F(Driver, SendsIpaCommandsInLinuxOrder) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_THAT(
      adapter.ipa_order(),
      ::testing::ElementsAre("01/0", "B2/4", "B2/6", "B8:1/4", "B8:2/4", "B3:000001,1/4", "B3:000040,1/4",
                             "B3:000020,1/4", "B3:000020,1/6", "B3:001000,1/6", "B3:000010,1/4",
                             "B3:000010,3/4", "B3:000010,4/4", "B6/4", "B6/6", "C3/6"));
  EXPECT_EQ(
      adapter.last_ipa(0xb8),
      hex("B8000004 00000100 01010004 00000000 00000000 00000000 00000000 00240000 00000002 00000101 00000000"
          "00000000 00000006 00000000 00000000 00000000"));
  EXPECT_EQ(adapter.last_ipa(0xb3),
            hex("B300000C 00000100 01010004 00000000 00000000 00000010 000C0004 00000000 00000001"));
}

TEST_F(Driver, LeavesIpv6OutWhenAskedTo) {
  options.ipv6 = false;
  ASSERT_EQ(start(), Error::none);
  for (const auto& command : adapter.ipa_order()) EXPECT_FALSE(command.ends_with("/6")) << command;
}

TEST_F(Driver, LeavesTheBroadcastFilterClosedWhenAskedTo) {
  options.broadcast = false;
  ASSERT_EQ(start(), Error::none);
  EXPECT_THAT(adapter.ipa_order(), ::testing::Not(::testing::Contains("B3:000010,1/4")));
}

TEST_F(Driver, HiperSocketsTakeTheirMacFromCreateAddress) {
  adapter.make_iqd();
  ASSERT_EQ(start(), Error::none);
  EXPECT_TRUE(driver().is_iqd());
  EXPECT_EQ(driver().mtu(), 8192U);
  EXPECT_EQ(wire::to_string(driver().mac()), "02-00-5E-AB-64-B9");
  EXPECT_EQ(adapter.message(0).substr(0x10 * 2, 4), "4108");
  EXPECT_EQ(to_hex(std::span(adapter.qdr).first(1)), "02");
  for (const auto& command : adapter.ipa_order()) {
    EXPECT_NE(command, "B3:000020,1/4");
    EXPECT_NE(command, "B3:001000,1/6");
  }
}

TEST_F(Driver, DescribesItsQueuesAsLinuxDoes) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(to_hex(std::span(adapter.qdr).first(16)), hex("00000000 00010001 00080008 00000000"));
  EXPECT_TRUE(adapter.active);
  EXPECT_EQ(driver().mtu(), 1500U);
  EXPECT_EQ(wire::to_string(driver().mac()), "02-11-22-33-44-55");
  EXPECT_EQ(driver().unique_id(), 0xfffeU);
}

TEST_F(Driver, RegistersAddressesAsLinuxDoes) {
  ASSERT_EQ(start(), Error::none);
  EXPECT_EQ(driver().set_ip(wire::IpAddress::v4(192, 168, 70, 2), 24), qdio::IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0xb1).substr(16),
            hex("01010004 00000000 00000000 C0A84602 FFFFFF00 00000000") + std::string(48, '0'));
  const auto v6 = *wire::parse_ip_address("fe80::200:5eff:feab:64b9");
  EXPECT_EQ(driver().set_ip(v6, 64), qdio::IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0xb1).substr(40),
            hex("FE800000 00000000 02005EFF FEAB64B9 FFFFFFFF FFFFFFFF 00000000 00000000 00000000"));
  EXPECT_EQ(driver().set_multicast(wire::IpAddress::v4(224, 0, 0, 1)), qdio::IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0xb4).substr(40), hex("01005E00 0001 0000 00000000 00000000 00000000 E0000001"));
  EXPECT_EQ(driver().set_multicast(*wire::parse_ip_address("ff02::1")), qdio::IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0xb4).substr(40), hex("33330000 0001 0000 FF020000 00000000 00000000 00000001"));
  EXPECT_EQ(driver().delete_ip(v6), qdio::IpaCode::success);
  EXPECT_EQ(adapter.last_ipa(0xb7).substr(40, 32), hex("FE800000 00000000 02005EFF FEAB64B9"));
}

TEST_F(Driver, PassesOnWhyAnAddressIsRefused) {
  ASSERT_EQ(start(), Error::none);
  adapter.ipa_codes[0xb1] = 0xe005;
  EXPECT_EQ(driver().set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24), qdio::IpaCode::duplicate_ip_address);
  driver().stop();
  EXPECT_EQ(driver().set_ip(wire::IpAddress::v4(10, 1, 1, 1), 24), qdio::IpaCode::startlan_missing);
}

TEST_F(Driver, NamesTheReasonWhyItDidNotStart) {
  options.base_device = {0x0700};
  EXPECT_EQ(start(), Error::no_such_device);
}

TEST_F(Driver, RefusesDevicesThatAreNoAdapters) {
  adapter.sense_id = "FF3088083088080000";
  EXPECT_EQ(start(), Error::not_operational);
}

TEST_F(Driver, NeedsTheQueueCommandsToBeNamed) {
  adapter.sense_id = "FF17310117320100";
  EXPECT_EQ(start(), Error::not_operational);
}

TEST_F(Driver, TellsTheWrongTransportFromOtherRefusals) {
  adapter.idx_read.replace(0, 17, "0000C000 41000000");
  EXPECT_EQ(start(), Error::wrong_transport);
  adapter.idx_read.replace(0, 17, "0000C000 19000000");
  EXPECT_EQ(start(), Error::handshake_refused);
}

TEST_F(Driver, UnderstandsARefusalOfItsLayerAtUlpEnable) {
  adapter.terminate_at_ulp_enable = 0x41;
  EXPECT_EQ(start(), Error::wrong_transport);
  adapter.terminate_at_ulp_enable = 0xf6;
  EXPECT_EQ(start(), Error::wrong_transport) << "as a hypervisor says it";
  adapter.terminate_at_ulp_enable = 0x20;
  EXPECT_EQ(start(), Error::handshake_refused);
  adapter.terminate_at_ulp_enable.reset();
  EXPECT_EQ(start(), Error::none);
}

TEST_F(Driver, RefusesATokenRing) {
  auto& pdu = adapter.ulp_enable_pdu;
  pdu.replace(pdu.rfind("01000000"), 8, "02000000");
  EXPECT_EQ(start(), Error::wrong_transport);
}

TEST_F(Driver, RefusesAnotherPeerLevel) {
  adapter.idx_read.replace(adapter.idx_read.find("0201"), 4, "0301");
  EXPECT_EQ(start(), Error::handshake_refused);
}

TEST_F(Driver, AcceptsTheWriteChannelsVariantOfThePeerLevel) {
  adapter.idx_write.replace(adapter.idx_write.find("0201"), 4, "0301");
  EXPECT_EQ(start(), Error::none);
}

TEST_F(Driver, RefusesAnUnknownFrameSizeOfHiperSockets) {
  adapter.make_iqd("1234");
  EXPECT_EQ(start(), Error::handshake_refused);
}

TEST_F(Driver, DoesNotWaitForAnswersThatDoNotCome) {
  for (int answered = 0; answered < 10; ++answered) {
    adapter.messages_answered = answered;
    EXPECT_EQ(start(), Error::no_answer) << answered;
    EXPECT_FALSE(driver().started());
    EXPECT_EQ(driver().reserve(0), nullptr);
  }
  adapter.messages_answered = 1000;
  EXPECT_EQ(start(), Error::none);
}

TEST_F(Driver, ReportsQueuesThatAreRefused) {
  adapter.establish_works = false;
  EXPECT_EQ(start(), Error::queues_refused);
  adapter.establish_works = true;
  adapter.activate_stays = false;
  EXPECT_EQ(start(), Error::queues_refused);
}

TEST_F(Driver, NeedsStorageForItsQueues) {
  options.area_size = 0x10000;
  EXPECT_EQ(start(), Error::storage_too_small);
}

TEST_F(Driver, NeedsAPageAlignedArea) {
  options.area = 0x10010;
  EXPECT_EQ(start(), Error::storage_too_small);
}

TEST_F(Driver, StorageNeededIsEnough) {
  options.input_buffer_size = options.output_buffer_size = 9000;
  options.input_buffers = 32;
  options.area_size = QdioDriver::storage_needed(options);
  EXPECT_EQ(start(), Error::none);
  EXPECT_NE(driver().reserve(9000 - 32), nullptr);
}

TEST_F(Driver, FailsWhenStartLanIsRefused) {
  adapter.ipa_codes[0x01] = 0xe007;
  EXPECT_EQ(start(), Error::command_refused);
}

}  // namespace
}  // namespace vmlan::cms
