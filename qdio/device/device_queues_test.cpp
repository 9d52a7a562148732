#include <gtest/gtest.h>

#include <string>

#include "qdio/device/device.h"
#include "tests/kit/device_fixture.h"

namespace vmlan::qdio {
namespace {

// --- Queues

TEST_F(DeviceTest, EstablishAndActivateStartTheQueues) {
  const auto established = establish();
  EXPECT_EQ(established.device_status, good);
  EXPECT_EQ(established.transferred, 4096U);
  EXPECT_TRUE(behind.calls.empty());
  EXPECT_EQ(device.signal_adapter(2, 0, 0x80000000U), ConditionCode::one);
  EXPECT_FALSE(write(2, 0x1f).ended);
  EXPECT_EQ(behind.take(), Calls{"started 2"});
}

TEST_F(DeviceTest, ABadQdrIsRejected) {
  EXPECT_EQ(write(2, 0x1b, std::span(memory.qdr_bytes(), 64)).device_status, unit_check)
      << "shorter than its descriptors";
  EXPECT_EQ(write(2, 0x1b, {}).device_status, unit_check);
  memory.qdr_bytes()[0] = std::byte{2};  // HiperSockets queues
  EXPECT_EQ(establish().device_status, unit_check);
  EXPECT_EQ(unit(2).take_sense()[0], arch::sense::command_reject);
  EXPECT_EQ(write(2, 0x1f).device_status, unit_check);
  EXPECT_TRUE(behind.calls.empty());
}

TEST_F(DeviceTest, ActivateWithoutEstablishIsRejected) {
  EXPECT_EQ(write(2, 0x1f).device_status, unit_check);
}

TEST_F(DeviceTest, HaltAndClearStopTheQueuesBeforeAnythingElse) {
  for (const bool halt : {true, false}) {
    activate();
    halt ? unit(2).halt() : unit(2).clear();
    EXPECT_EQ(behind.take(), (Calls{"stopped 2", "reset 2"}));
    EXPECT_EQ(device.signal_adapter(2, 0, 0x80000000U), ConditionCode::one);
    // The queues must be described anew.
    EXPECT_EQ(write(2, 0x1f).device_status, unit_check);
  }
}

TEST_F(DeviceTest, SystemResetStopsEverything) {
  activate();
  device.system_reset();
  EXPECT_EQ(behind.take(), (Calls{"reset 0", "reset 1", "stopped 2", "reset 2"}));
}

TEST_F(DeviceTest, ADeviceThatGoesStopsItsQueues) {
  {
    Device other(settings(), memory.storage(), behind, behind);
    other.channel_device(2).write(0x1b, std::span(memory.qdr_bytes(), sizeof(Qdr)));
    other.channel_device(2).write(0x1f, {});
    behind.take();
  }
  EXPECT_EQ(behind.take(), (Calls{"reset 0", "reset 1", "stopped 2", "reset 2"}));
}

// --- SIGA

TEST_F(DeviceTest, SigaWriteTransmitsAndTheOthersAreAccepted) {
  activate();
  EXPECT_EQ(device.signal_adapter(2, 0, 0xc0000000U), ConditionCode::zero);
  EXPECT_EQ(behind.take(), Calls{"transmit 2 12"});
  EXPECT_EQ(device.signal_adapter(2, 1, 0x80000000U), ConditionCode::zero);
  EXPECT_EQ(device.signal_adapter(2, 2, 0x80000000U), ConditionCode::zero);
  EXPECT_TRUE(behind.calls.empty());
}

TEST_F(DeviceTest, SigaOfUnknownDevicesAndFunctionsIsNotOperational) {
  activate();
  EXPECT_EQ(device.signal_adapter(3, 0, 0x80000000U), ConditionCode::three);
  EXPECT_EQ(device.signal_adapter(2, 3, 0x80000000U), ConditionCode::three);
  EXPECT_EQ(device.signal_adapter(0, 0, 0x80000000U), ConditionCode::one);
  EXPECT_TRUE(behind.calls.empty());
}

TEST_F(DeviceTest, ABufferThatAsksForItCausesAPci) {
  activate();
  memory.prime_output(1, 0, kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, 64));
  memory.element(1, 0, 0)[3] = std::byte{0x40};
  device.signal_adapter(2, 0, 0x80000000U);
  EXPECT_EQ(behind.take(), (Calls{"transmit 2 8", "pci 2"}));
}

}  // namespace
}  // namespace vmlan::qdio
