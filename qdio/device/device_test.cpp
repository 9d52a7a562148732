#include "qdio/device/device.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/device_fixture.h"

namespace vmlan::qdio {
namespace {

// --- Identity

// observed, Linux 6.1 qeth
constexpr const char* osd_sense_id =
    "FF17310117320100"
    "40FA0080"
    "41810004"
    "42820040"
    "431B1000"
    "441F0000";
constexpr const char* iqd_sense_id =
    "FF17310517320500"
    "40FA0080"
    "41810004"
    "42820040"
    "431B1000"
    "441F0000";

TEST_F(DeviceTest, SenseIdIsTheOneLinuxKnowsAnOsdBy) {
  for (unsigned index = 0; index < 3; ++index) EXPECT_EQ(read(index, 0xe4, 40), osd_sense_id);
}

TEST_F(DeviceTest, SenseIdIsTheOneLinuxKnowsAnIqdBy) {
  auto iqd = settings();
  iqd.kind = AdapterKind::iqd;
  Device hipersockets(iqd, memory.storage(), behind, behind);
  std::vector<std::byte> data(40);
  EXPECT_EQ(hipersockets.channel_device(0).read(0xe4, data).transferred, 28U);
  EXPECT_EQ(to_hex(std::span(data).first(28)), iqd_sense_id);
}

TEST_F(DeviceTest, AShortSenseIdTellsThatThereWasMore) {
  CommandEnding ending;
  EXPECT_EQ(read(0, 0xe4, 4, ending), "FF173101");
  EXPECT_EQ(ending.transferred, 28U);
}

TEST_F(DeviceTest, ConfigurationDataNamesPathUnitAndPlant) {
  const std::string data = read(2, 0xfa, 128);
  ASSERT_EQ(data.size(), 256U);
  // observed, Linux 6.1 qeth, but for the manufacturer at offset D
  EXPECT_EQ(data.substr(0, 2 * 0xd), "D0010600F0F0F1F7F3F2F0F0F1");
  EXPECT_EQ(data.substr(2 * 0xd, 6), "E5D4D3");
  EXPECT_EQ(data.substr(2 * 0x10, 32), "E9E9F0F0F0F0F0F0F0F0F0F0F0F10802");
  EXPECT_EQ(data.substr(2 * 0x3e, 4), "0800");  // path, logical control-unit address
  EXPECT_EQ(data.substr(2 * 0x4a, 6), "F0F0F2");
  EXPECT_EQ(data.substr(2 * 0x60, 8), "80000800");
}

TEST_F(DeviceTest, AVirtualNicOfZvmHasThePlantVm) {
  auto vm = settings();
  vm.virtual_machine_nic = true;
  Device nic(vm, memory.storage(), behind, behind);
  std::vector<std::byte> data(128);
  nic.channel_device(2).read(0xfa, data);
  EXPECT_EQ(to_hex(std::span(data).subspan(0x10, 2)), "E5D4");
}

TEST_F(DeviceTest, NodeIdentifierAndInterfaceIdentifierAreHarmless) {
  EXPECT_EQ(read(1, 0x82, 64).substr(0, 26), "D0010600F0F0F1F7F3F2F0F0F1");
  for (const char* record : {"B0000000", "B0010000", "B0020000"}) {
    EXPECT_EQ(write(1, 0x81, from_hex(record)).transferred, 4U);
  }
  EXPECT_EQ(write(0, 0x03).device_status, good);
  EXPECT_TRUE(behind.calls.empty());
}

// --- Unknown commands and sense

TEST_F(DeviceTest, UnknownCommandsAreRejectedAndSenseSaysSoOnce) {
  for (const unsigned command : {0x05U, 0x07U, 0xc7U, 0xffU}) {
    EXPECT_EQ(write(0, static_cast<std::uint8_t>(command)).device_status, unit_check) << command;
    EXPECT_EQ(unit(0).take_sense()[0], arch::sense::command_reject);
  }
  CommandEnding ending;
  read(0, 0x0e, 32, ending);
  EXPECT_EQ(ending.device_status, unit_check);
  EXPECT_EQ(read(0, 0x04, 32).substr(0, 4), "8000");
  EXPECT_EQ(read(0, 0x04, 32), std::string(64, '0'));
}

// --- Control messages

TEST_F(DeviceTest, AWriteHandsItsMessageToTheAdapter) {
  EXPECT_EQ(write(1, 0x01, std::vector<std::byte>(100)).transferred, 100U);
  EXPECT_EQ(behind.take(), Calls{"send 1 100"});
}

TEST_F(DeviceTest, AMessageIsNoLongerThanAPage) {
  EXPECT_EQ(write(1, 0x01, std::vector<std::byte>(5000)).transferred, 4096U);
  EXPECT_EQ(behind.take(), Calls{"send 1 4096"});
}

TEST_F(DeviceTest, RepliesWaitForReadOneByOneInOrder) {
  device.reply(0, from_hex("0102"));
  device.reply(0, from_hex("0304"));
  device.reply(1, from_hex("05"));
  EXPECT_EQ(read(0, 0x02), "0102");
  EXPECT_EQ(read(0, 0x02), "0304");
  EXPECT_EQ(read(1, 0x02), "05");
  EXPECT_TRUE(behind.calls.empty());
}

TEST_F(DeviceTest, AReadWithoutReplyStaysUntilOneComes) {
  CommandEnding ending;
  read(0, 0x02, 4096, ending);
  EXPECT_FALSE(ending.ended);
  device.reply(0, from_hex("0102"));
  EXPECT_EQ(behind.take(), Calls{"due 0"});
  device.end_command(0);
  EXPECT_EQ(behind.take(), Calls{"ended 0 0102 12"});
  device.reply(0, from_hex("03"));
  device.end_command(0);
  EXPECT_TRUE(behind.calls.empty());
  EXPECT_EQ(read(0, 0x02), "03");
}

TEST_F(DeviceTest, LostRepliesAreCountedAndTheGuestIsTold) {
  for (std::size_t count = 0; count < Device::max_waiting_replies + 5; ++count) {
    device.reply(0, {static_cast<std::byte>(count)});
  }
  EXPECT_EQ(device.lost_replies(), 5U);
  for (std::size_t count = 0; count < Device::max_waiting_replies; ++count) {
    EXPECT_EQ(read(0, 0x02), to_hex(std::vector{static_cast<std::byte>(count)}));
    // Nothing slips in behind the gap before the guest knows of it.
    device.reply(0, from_hex("EE"));
  }
  CommandEnding ending;
  read(0, 0x02, 4096, ending);
  EXPECT_EQ(ending.device_status, unit_check);
  const auto sense = unit(0).take_sense();
  EXPECT_EQ(sense[0], arch::sense::equipment_check);
  EXPECT_EQ(sense[1], 0x80);  // resetting event: Linux recovers
  read(0, 0x02, 4096, ending);
  EXPECT_FALSE(ending.ended);
}

TEST_F(DeviceTest, ClearForgetsRepliesAndThePendingRead) {
  CommandEnding ending;
  read(0, 0x02, 4096, ending);
  unit(0).clear();
  EXPECT_EQ(behind.take(), Calls{"reset 0"});
  device.reply(0, from_hex("01"));
  EXPECT_TRUE(behind.calls.empty());
  unit(0).halt();
  read(0, 0x02, 4096, ending);
  EXPECT_FALSE(ending.ended);
}

TEST_F(DeviceTest, AReplyForADeviceThatDoesNotExistIsIgnored) { device.reply(3, from_hex("01")); }

}  // namespace
}  // namespace vmlan::qdio
