#include "arch/subchannel.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/subchannel_fixture.h"

namespace vmlan::arch {
namespace {

using namespace ccw_flag;

// --- Unit check

TEST_F(SubchannelTest, AUnitCheckBringsItsSenseBytesAndEndsTheChain) {
  const Irb irb = run({ccw(0x13, chain_command | suppress_length, 0), ccw(0x03, suppress_length, 0)});
  EXPECT_EQ(irb.device_status, ended | device_status::unit_check);
  EXPECT_EQ(irb.status_control, bad_status);
  EXPECT_TRUE(irb.sense_valid);
  EXPECT_EQ(irb.sense[0], sense::command_reject);
  EXPECT_EQ(device.commands.size(), 1U);
}

// --- Commands that stay at the device

TEST_F(SubchannelTest, APendingReadEndsWhenTheDeviceHasData) {
  device.stays_pending = true;
  write_program({ccw(0x02, suppress_length, 16)});
  ASSERT_EQ(start(), ConditionCode::zero);
  Irb irb;
  EXPECT_EQ(subchannel.test(irb), ConditionCode::one);
  EXPECT_TRUE(irb.subchannel_active);
  EXPECT_EQ(start(), ConditionCode::two);
  EXPECT_EQ(subchannel.modify(false), ConditionCode::two);
  EXPECT_TRUE(queue.empty());

  const std::string late = "late";
  subchannel.end_pending_command(std::as_bytes(std::span(late)), ended);
  EXPECT_EQ(queue.size(), 1U);
  irb = collect();
  EXPECT_EQ(irb.device_status, ended);
  EXPECT_EQ(irb.residual, 12);
  EXPECT_EQ(get(4), "late");
}

TEST_F(SubchannelTest, AnEndThatIsDueIsMarkedOnceAndOnlyWhileACommandIsPending) {
  subchannel.end_is_due();
  EXPECT_TRUE(ends_due.empty());
  device.stays_pending = true;
  write_program({ccw(0x02, suppress_length, 16)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.end_is_due();
  subchannel.end_is_due();
  EXPECT_EQ(ends_due.size(), 1U);
  EXPECT_TRUE(queue.empty());
  subchannel.clear();
  subchannel.end_is_due();
  EXPECT_EQ(ends_due.size(), 1U);
}

TEST_F(SubchannelTest, TheChainGoesOnAfterAPendingCommand) {
  write_program({ccw(0x0b, chain_command | suppress_length, 0), ccw(0x02, suppress_length, 4)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.end_pending_command({}, ended);
  EXPECT_EQ(collect().ccw_address, program + 16);
  EXPECT_EQ(get(4), "0123");
}

TEST_F(SubchannelTest, LateDataForABadAddressIsAProgramCheck) {
  device.stays_pending = true;
  write_program({ccw(0x02, suppress_length, 16, 0xffffc)});
  ASSERT_EQ(start(), ConditionCode::zero);
  const std::string late = "late data";
  subchannel.end_pending_command(std::as_bytes(std::span(late)), ended);
  EXPECT_EQ(collect().channel_status, channel_status::program_check);
}

TEST_F(SubchannelTest, ADeviceThatCallsWithoutAPendingCommandIsIgnored) {
  subchannel.end_pending_command({}, ended);
  subchannel.present_pci();
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(subchannel.status_pending());
}

// --- Program-controlled interruption

TEST_F(SubchannelTest, APciLeavesTheProgramActive) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.present_pci();
  subchannel.present_pci();
  EXPECT_EQ(queue.size(), 1U);
  Irb irb = collect();
  EXPECT_EQ(irb.status_control, status_control::intermediate | status_control::pending);
  EXPECT_EQ(irb.channel_status, channel_status::program_controlled_interruption);
  EXPECT_EQ(irb.device_status, 0);
  EXPECT_EQ(irb.function_control, function_control::start);
  EXPECT_TRUE(irb.subchannel_active);
  EXPECT_EQ(subchannel.test(irb), ConditionCode::one);
  EXPECT_TRUE(subchannel.active());
  subchannel.present_pci();
  EXPECT_EQ(collect().channel_status, channel_status::program_controlled_interruption);
}

TEST_F(SubchannelTest, APciFlagShowsInTheEndingStatus) {
  const Irb irb = run({ccw(0x03, program_controlled_interruption | suppress_length, 0)});
  EXPECT_EQ(irb.channel_status, channel_status::program_controlled_interruption);
  EXPECT_EQ(irb.status_control, final_status | status_control::intermediate);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(SubchannelTest, APciFlagBeforeAPendingCommandInterruptsAtOnce) {
  write_program({ccw(0x0b, program_controlled_interruption | suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(collect().status_control, status_control::intermediate | status_control::pending);
  EXPECT_TRUE(subchannel.active());
}

// --- Halt and clear

TEST_F(SubchannelTest, HaltEndsAPendingCommandWithOneInterruptionOfItsOwn) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  ASSERT_EQ(subchannel.halt(), ConditionCode::zero);
  EXPECT_EQ(device.halts, 1);
  EXPECT_EQ(queue.size(), 1U);
  const Irb irb = collect();
  EXPECT_EQ(irb.function_control, function_control::halt);
  EXPECT_EQ(irb.device_status, 0);
  EXPECT_EQ(irb.channel_status, 0);
  EXPECT_FALSE(irb.subchannel_active);
  EXPECT_TRUE(queue.empty());
  // Nothing of the start function comes any more.
  subchannel.end_pending_command({}, ended);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(start(), ConditionCode::zero);
}

TEST_F(SubchannelTest, ClearTakesPendingStatusAwayAndPresentsItsOwn) {
  write_program({ccw(0x03, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(subchannel.halt(), ConditionCode::one);
  ASSERT_EQ(subchannel.clear(), ConditionCode::zero);
  EXPECT_EQ(device.clears, 1);
  EXPECT_EQ(queue.size(), 1U);
  const Irb irb = collect();
  EXPECT_EQ(irb.function_control, function_control::clear);
  EXPECT_EQ(irb.device_status, 0);
}

TEST_F(SubchannelTest, IdleSubchannelsCanBeHaltedAndCleared) {
  ASSERT_EQ(subchannel.halt(), ConditionCode::zero);
  EXPECT_EQ(collect().status_control, status_control::pending);
  ASSERT_EQ(subchannel.clear(), ConditionCode::zero);
  EXPECT_EQ(collect().status_control, status_control::pending);
}

TEST_F(SubchannelTest, AHaltAfterAPciIsStillOneInterruption) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.present_pci();
  ASSERT_EQ(subchannel.halt(), ConditionCode::zero);
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(collect().channel_status, 0);
}

// --- Condition codes

TEST_F(SubchannelTest, StatusPendingRefusesStartAndModify) {
  write_program({ccw(0x03, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  EXPECT_EQ(start(), ConditionCode::one);
  EXPECT_EQ(subchannel.modify(false), ConditionCode::one);
  collect();
  EXPECT_EQ(start(), ConditionCode::zero);
}

TEST_F(SubchannelTest, ADisabledSubchannelIsNotOperational) {
  ASSERT_EQ(subchannel.modify(false), ConditionCode::zero);
  Irb irb;
  EXPECT_EQ(start(), ConditionCode::three);
  EXPECT_EQ(subchannel.halt(), ConditionCode::three);
  EXPECT_EQ(subchannel.clear(), ConditionCode::three);
  EXPECT_EQ(subchannel.test(irb), ConditionCode::three);
  EXPECT_EQ(device.halts + device.clears, 0);
}

TEST_F(SubchannelTest, NoPathIsNotOperational) {
  orb.path_mask = 0x40;
  EXPECT_EQ(start(), ConditionCode::three);
}

TEST_F(SubchannelTest, StoreTellsDevicePathAndState) {
  const Schib schib = subchannel.store();
  EXPECT_EQ(schib.device.value, 0x600);
  EXPECT_EQ(schib.channel_path, 0x10);
  EXPECT_TRUE(schib.enabled);
  EXPECT_TRUE(schib.qdio);
}

TEST_F(SubchannelTest, ResetForgetsEverything) {
  write_program({ccw(0x0b, suppress_length, 0)});
  ASSERT_EQ(start(), ConditionCode::zero);
  subchannel.present_pci();
  subchannel.reset();
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(subchannel.active());
  EXPECT_FALSE(subchannel.store().enabled);
}

}  // namespace
}  // namespace vmlan::arch
