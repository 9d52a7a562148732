// Channel commands of a device: lengths from both sides, what sense says, what a halt or clear leaves behind.
#include <gtest/gtest.h>

#include <string>

#include "qdio/device/device.h"
#include "tests/kit/device_fixture.h"

namespace vmlan::qdio {
namespace {

// --- Identity, byte for byte: observed, Linux 6.1 qeth, but for the manufacturer "VML"

std::string configuration_of(const Device::Settings& settings, unsigned index) {
  kit::QueueMemory memory;
  Behind behind;
  Device device(settings, memory.storage(), behind, behind);
  std::vector<std::byte> data(128);
  EXPECT_EQ(device.channel_device(index).read(0xfa, data).transferred, 128U);
  return to_hex(data);
}

TEST_F(DeviceTest, TheConfigurationRecordIsThreeNodesAndAQualifier) {
  const std::string model = "F0F0F1";
  const std::string qualifier = "80000800" + std::string(2 * 28, '0');
  EXPECT_EQ(configuration_of(settings(), 2),
            "D0010600F0F0F1F7F3F2F0F0F1E5D4D3E9E9F0F0F0F0F0F0F0F0F0F0F0F10802"
            "D0020000F0F0F1F7F3F0F0F0F1E5D4D3E9E9F0F0F0F0F0F0F0F0F0F0F0F20800"
            "F0000600F0F0F1F7F3F0F0F0F2E5D4D3E9E9F0F0F0F0F0F0F0F0F0F0F0F30800" +
                qualifier);
  auto iqd = settings();
  iqd.kind = AdapterKind::iqd;
  iqd.channel_path = 0x7e;
  iqd.base_device = {0x09ff};
  iqd.virtual_machine_nic = true;
  EXPECT_EQ(configuration_of(iqd, 1),
            "D0010600F0F0F1F7F3F2F0F0F5E5D4D3E5D4F0F0F0F0F0F0F0F0F0F0F0F17E00"
            "D0020000F0F0F1F7F3F0F0F0F5E5D4D3E5D4F0F0F0F0F0F0F0F0F0F0F0F27E00"
            "F0000600F0F0F1F7F3F0F0F0F2E5D4D3E5D4F0F0F0F0F0F0F0F0F0F0F0F37E00" +
                qualifier);
}

TEST_F(DeviceTest, TheNodeIdentifierIsTheDevicesOwnNode) {
  EXPECT_EQ(read(1, 0x82),
            "D0010600F0F0F1F7F3F2F0F0F1E5D4D3E9E9F0F0F0F0F0F0F0F0F0F0F0F10801" + std::string(2 * 32, '0'));
}

TEST_F(DeviceTest, ACardHasAsManyDevicesAsItSays) {
  auto five = settings();
  five.devices = 5;
  Device device_of_five(five, memory.storage(), behind, behind);
  std::vector<std::byte> data(64);
  device_of_five.channel_device(4).read(0x82, data);
  EXPECT_EQ(data[31], std::byte{4});
  EXPECT_EQ(device_of_five.signal_adapter(4, 0, 0x80000000U), ConditionCode::one);
  EXPECT_EQ(device_of_five.signal_adapter(5, 0, 0x80000000U), ConditionCode::three);
  EXPECT_EQ(device_of_five.settings().devices, 5U);
}

// --- SET INTERFACE IDENTIFIER

TEST_F(DeviceTest, AnInterfaceIsOneOfThree) {
  for (const char* record : {"B0000000", "B0010000", "B0020000", "B002000000FF"}) {
    const auto ending = write(1, 0x81, from_hex(record));
    EXPECT_EQ(ending.device_status, good) << record;
    EXPECT_EQ(ending.transferred, 4U) << record;
  }
  for (const char* record : {"B0030000", "AFFFFFFF", "B0000001", "B0010001", "B0020001", "00000000"}) {
    EXPECT_EQ(write(1, 0x81, from_hex(record)).device_status, unit_check) << record;
    EXPECT_EQ(unit(1).take_sense()[0], arch::sense::command_reject);
  }
  // Storage behind a record cut short happens to hold the rest of a good one.
  const auto good_record = from_hex("B0000000");
  for (std::size_t length = 0; length < 4; ++length) {
    EXPECT_EQ(write(1, 0x81, std::span(good_record).first(length)).device_status, unit_check) << length;
  }
}

// --- Reading: as much as there is room for

TEST_F(DeviceTest, AReadSuppliesNoMoreThanItsRoomAndSaysHowMuchThereWas) {
  const struct {
    std::uint8_t command;
    std::uint32_t length;
  } rows[] = {{0xe4, 28}, {0xfa, 128}, {0x82, 64}, {0x04, 32}};
  for (const auto& row : rows) {
    for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{row.length} - 1,
                                   std::size_t{row.length}, std::size_t{row.length} + 1}) {
      std::vector<std::byte> data(room + 8, std::byte{0xa5});
      const auto ending = unit(0).read(row.command, std::span(data).first(room));
      EXPECT_TRUE(ending.ended);
      EXPECT_EQ(ending.device_status, good);
      EXPECT_EQ(ending.transferred, row.length) << unsigned{row.command} << " " << room;
      for (std::size_t at = std::min<std::size_t>(room, row.length); at < data.size(); ++at) {
        EXPECT_EQ(data[at], std::byte{0xa5}) << unsigned{row.command} << " " << at;
      }
    }
  }
  device.reply(0, from_hex("010203"));
  CommandEnding ending;
  EXPECT_EQ(read(0, 0x02, 2, ending), "0102");
  EXPECT_EQ(ending.transferred, 3U);
}

TEST_F(DeviceTest, SenseIsWhatTheLastCheckLeftAndGoesWithAHalt) {
  write(0, 0xff);
  unit(0).halt();
  EXPECT_EQ(read(0, 0x04, 32), std::string(64, '0'));
  write(0, 0xff);
  EXPECT_EQ(read(1, 0x04, 32), std::string(64, '0')) << "each device its own";
  EXPECT_EQ(read(0, 0x04, 32), "80" + std::string(62, '0'));
}

TEST_F(DeviceTest, TwoCommandsNeedNoData) {
  for (unsigned command = 0; command < 256; ++command) {
    EXPECT_EQ(unit(0).is_immediate(static_cast<std::uint8_t>(command)), command == 0x03 || command == 0x1f);
  }
}

TEST_F(DeviceTest, EveryOtherCommandIsRejected) {
  for (unsigned command = 0; command < 256; ++command) {
    const auto code = static_cast<std::uint8_t>(command);
    const bool writes = code == 0x01 || code == 0x03;
    const bool reads = code == 0x02 || code == 0x04 || code == 0xe4 || code == 0xfa || code == 0x82;
    EXPECT_EQ(write(0, code).device_status == good, writes) << command;
    std::vector<std::byte> room(256);
    if (code == 0x02) device.reply(0, from_hex("00"));
    EXPECT_EQ(unit(0).read(code, room).device_status == good, reads) << command;
  }
}

// --- A pending READ

TEST_F(DeviceTest, TheEndOfAReadIsDueOnlyWhileOneIsPending) {
  device.reply(1, from_hex("01"));
  EXPECT_TRUE(behind.calls.empty());
  device.end_command(1);
  EXPECT_TRUE(behind.calls.empty()) << "no READ is pending";
  EXPECT_EQ(read(1, 0x02), "01");
  CommandEnding ending;
  read(1, 0x02, 4096, ending);
  EXPECT_FALSE(ending.ended);
  device.end_command(1);
  EXPECT_TRUE(behind.calls.empty()) << "nothing to end it with";
  device.reply(1, from_hex("02"));
  device.reply(1, from_hex("03"));
  EXPECT_EQ(behind.take(), (Calls{"due 1", "due 1"}));
  device.end_command(1);
  EXPECT_EQ(behind.take(), Calls{"ended 1 02 12"});
  device.end_command(1);
  EXPECT_TRUE(behind.calls.empty());
  EXPECT_EQ(read(1, 0x02), "03");
  device.end_command(3);
  device.end_command(0xffffffffU);
  EXPECT_TRUE(behind.calls.empty());
}

TEST_F(DeviceTest, AHaltOrClearEndsAPendingReadAndForgetsReplies) {
  for (const bool halt : {true, false}) {
    CommandEnding ending;
    read(0, 0x02, 4096, ending);
    device.reply(0, from_hex("01"));
    behind.take();
    halt ? unit(0).halt() : unit(0).clear();
    EXPECT_EQ(behind.take(), Calls{"reset 0"});
    device.end_command(0);
    EXPECT_TRUE(behind.calls.empty()) << "its interruption is gone with it";
    device.reply(0, from_hex("02"));
    EXPECT_TRUE(behind.calls.empty()) << "nobody waits";
    EXPECT_EQ(read(0, 0x02), "02") << "the one from before is forgotten";
  }
}

TEST_F(DeviceTest, LostRepliesAreForgottenWithAHaltAndStayCounted) {
  for (std::size_t count = 0; count < Device::max_waiting_replies; ++count) device.reply(0, from_hex("01"));
  EXPECT_EQ(device.lost_replies(), 0U);
  device.reply(0, from_hex("02"));
  EXPECT_EQ(device.lost_replies(), 1U);
  for (std::size_t count = 0; count < Device::max_waiting_replies + 2; ++count) {
    device.reply(1, from_hex("03"));
  }
  EXPECT_EQ(device.lost_replies(), 3U) << "of all devices";
  unit(0).halt();
  device.reply(0, from_hex("04"));
  EXPECT_EQ(read(0, 0x02), "04");
  CommandEnding ending;
  read(0, 0x02, 4096, ending);
  EXPECT_FALSE(ending.ended) << "no unit check any more";
  EXPECT_EQ(device.lost_replies(), 3U);
}

TEST_F(DeviceTest, AfterTheGuestWasToldOfLostRepliesNewOnesAreKept) {
  for (std::size_t count = 0; count <= Device::max_waiting_replies; ++count) device.reply(0, from_hex("01"));
  for (std::size_t count = 0; count < Device::max_waiting_replies; ++count) read(0, 0x02);
  CommandEnding ending;
  read(0, 0x02, 4096, ending);
  EXPECT_EQ(ending.device_status, unit_check);
  const auto sense = unit(0).take_sense();
  EXPECT_EQ(to_hex(std::as_bytes(std::span(sense))), "1080" + std::string(60, '0'));
  device.reply(0, from_hex("05"));
  EXPECT_EQ(read(0, 0x02), "05");
}

// --- ESTABLISH QUEUES: no more of the page than its descriptors take

TEST_F(DeviceTest, TheQdrMayEndBehindItsLastDescriptor) {
  const std::span qdr(memory.qdr_bytes(), sizeof(Qdr));
  constexpr std::size_t needed = 0x40 + 2 * 32;  // one input queue, one output queue
  for (const std::size_t length : {needed, needed + 1, sizeof(Qdr)}) {
    const auto ending = write(2, 0x1b, qdr.first(length));
    EXPECT_EQ(ending.device_status, good) << length;
    EXPECT_EQ(ending.transferred, length);
  }
  for (const std::size_t length : {std::size_t{0}, std::size_t{0x3f}, std::size_t{0x40}, needed - 1}) {
    EXPECT_EQ(write(2, 0x1b, qdr.first(length)).device_status, unit_check) << length;
    EXPECT_EQ(unit(2).take_sense()[0], arch::sense::command_reject);
  }
  std::vector<std::byte> longer(qdr.begin(), qdr.end());
  longer.resize(5000);
  EXPECT_EQ(write(2, 0x1b, longer).transferred, 4096U);
  memory.qdr_bytes()[7] = std::byte{2};
  EXPECT_EQ(write(2, 0x1b, qdr.first(needed + 31)).device_status, unit_check) << "a third descriptor";
}

// Counts of queues that lie in the bytes not given are not read.
TEST_F(DeviceTest, AQdrWithoutDescriptorsIsNone) {
  memory.qdr_bytes()[5] = std::byte{0};
  memory.qdr_bytes()[7] = std::byte{0};
  EXPECT_EQ(write(2, 0x1b, std::span(memory.qdr_bytes(), 0x3f)).device_status, unit_check);
  EXPECT_EQ(write(2, 0x1b, std::span(memory.qdr_bytes(), sizeof(Qdr))).device_status, unit_check);
}

TEST_F(DeviceTest, OnlyActiveQueuesAreStopped) {
  ASSERT_EQ(establish().device_status, good);
  unit(2).halt();
  EXPECT_EQ(behind.take(), Calls{"reset 2"}) << "established, never active";
  activate();
  unit(2).halt();
  unit(2).halt();
  EXPECT_EQ(behind.take(), (Calls{"stopped 2", "reset 2", "reset 2"}));
  activate();
  EXPECT_EQ(device.signal_adapter(2, 0, 0x80000000U), ConditionCode::zero);
}

TEST_F(DeviceTest, QueuesEstablishedAnewAreNotActive) {
  activate();
  ASSERT_EQ(establish().device_status, good);
  EXPECT_EQ(behind.take(), Calls{"stopped 2"}) << "who has them must know";
  EXPECT_EQ(device.signal_adapter(2, 0, 0x80000000U), ConditionCode::one);
  EXPECT_FALSE(write(2, 0x1f).ended);
  EXPECT_EQ(device.signal_adapter(2, 0, 0x80000000U), ConditionCode::zero);
}

TEST_F(DeviceTest, ADeviceWithoutQueuesHasNothingToSignal) {
  EXPECT_EQ(device.signal_adapter(2, 0, 0x80000000U), ConditionCode::one);
  EXPECT_EQ(device.signal_adapter(3, 0, 0x80000000U), ConditionCode::three);
  activate();
  EXPECT_EQ(device.signal_adapter(2, 0, 0), ConditionCode::zero);
  EXPECT_EQ(behind.take(), Calls{"transmit 2 0"});
  EXPECT_EQ(device.signal_adapter(2, 4, 0x80000000U), ConditionCode::three);
  EXPECT_EQ(device.signal_adapter(2, 0x80, 0x80000000U), ConditionCode::three);
}

}  // namespace
}  // namespace vmlan::qdio
