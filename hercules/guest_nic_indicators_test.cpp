// Indicators of a device (CHANNEL SUBSYSTEM CALL 0021): set before the interruption is made, gone with the
// device.
#include <gtest/gtest.h>

#include "hercules/guest_nic.h"
#include "hercules/test_channel.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::hercules {
namespace {

using arch::AccessKey;

constexpr arch::Address of_device = 0x3000;
constexpr arch::Address of_all = 0x3801;

class WithIndicators : public testing::Test {
 protected:
  WithIndicators() {
    nic.set_storage(memory.storage());
    const auto qdr = std::span<const std::byte>(memory.qdr_bytes(), sizeof(qdio::Qdr));
    nic.write(data_device, establish_queues, qdr);
    nic.write(data_device, activate_queues, {});
    byte(of_device) = byte(of_all) = std::byte{0};
  }
  std::byte& byte(arch::Address address) { return *memory.at(address); }
  std::uint64_t interrupt() {
    nic.remind(data_device);
    return nic.take_interrupts();
  }
  std::pair<int, int> indicated() {
    return {std::to_integer<int>(byte(of_device)), std::to_integer<int>(byte(of_all))};
  }

  using Bytes = std::pair<int, int>;
  const Indicators here{of_device, AccessKey::zero, of_all, AccessKey::zero};
  kit::QueueMemory memory{1, 1, 4096};
  link::SendBuffer to_base{512U * 1024U};
  Trace trace;
  GuestNic nic{card_settings(), to_base, trace};
};

TEST_F(WithIndicators, BothAreSetBeforeTheInterruptionIsTaken) {
  EXPECT_TRUE(nic.indicate_at(data_device, here));
  EXPECT_EQ(indicated(), Bytes(0, 0));
  EXPECT_EQ(interrupt(), 1U << data_device);
  EXPECT_EQ(indicated(), Bytes(1, 1));
  byte(of_device) = std::byte{0x80};
  byte(of_all) = std::byte{0};
  EXPECT_EQ(interrupt(), 1U << data_device);
  EXPECT_EQ(indicated(), Bytes(0x81, 1)) << "what else is in them stays";
  byte(of_device) = byte(of_all) = std::byte{0};
  EXPECT_EQ(nic.take_interrupts(), 0U);
  EXPECT_EQ(indicated(), Bytes(0, 0)) << "no interruption";
}

TEST_F(WithIndicators, AnotherDevicesInterruptionIsNotIndicated) {
  EXPECT_TRUE(nic.indicate_at(1, here));
  EXPECT_EQ(interrupt(), 1U << data_device);
  EXPECT_EQ(indicated(), Bytes(0, 0));
}

TEST_F(WithIndicators, TheyEndWhenTheGuestSaysSoOrItsDeviceIsReset) {
  nic.indicate_at(data_device, here);
  EXPECT_TRUE(nic.indicate_at(data_device, std::nullopt));
  interrupt();
  EXPECT_EQ(indicated(), Bytes(0, 0));

  nic.indicate_at(data_device, here);
  nic.remind(data_device);
  nic.halt(data_device);
  EXPECT_EQ(nic.take_interrupts(), 0U);
  const auto qdr = std::span<const std::byte>(memory.qdr_bytes(), sizeof(qdio::Qdr));
  nic.write(data_device, establish_queues, qdr);
  nic.write(data_device, activate_queues, {});
  EXPECT_EQ(interrupt(), 1U << data_device);
  EXPECT_EQ(indicated(), Bytes(0, 0)) << "another session, perhaps another system";

  nic.indicate_at(data_device, here);
  nic.set_storage(memory.storage());
  nic.write(data_device, establish_queues, qdr);
  nic.write(data_device, activate_queues, {});
  interrupt();
  EXPECT_EQ(indicated(), Bytes(0, 0));
}

TEST_F(WithIndicators, WhatCannotBeStoredToIsRefused) {
  const auto end = memory.storage().size();
  for (const auto& [device, summary] :
       {std::pair{end, of_all}, std::pair{of_device, end}, std::pair{~arch::Address{0}, of_all}}) {
    nic.indicate_at(data_device, here);
    EXPECT_FALSE(nic.indicate_at(data_device, Indicators{device, AccessKey::zero, summary, AccessKey::zero}));
    interrupt();
    EXPECT_EQ(indicated(), Bytes(0, 0)) << "nor are the ones before them in force";
  }
  EXPECT_TRUE(nic.indicate_at(data_device, Indicators{end - 1, AccessKey::zero, end - 1, AccessKey::zero}));
}

TEST_F(WithIndicators, TheirKeysAreTheRequestsOwn) {
  memory.storage().set_storage_key(of_all, 0x30);
  EXPECT_FALSE(
      nic.indicate_at(data_device, Indicators{of_device, AccessKey::zero, of_all, arch::access_key(4)}));
  EXPECT_TRUE(
      nic.indicate_at(data_device, Indicators{of_device, AccessKey::zero, of_all, arch::access_key(3)}));
  interrupt();
  EXPECT_EQ(indicated(), Bytes(1, 1));
  EXPECT_NE(memory.storage().storage_key(of_all) & 0x02, 0) << "changed";
  memory.storage().set_storage_key(of_all, 0x50);  // since then
  byte(of_all) = std::byte{0};
  interrupt();
  EXPECT_EQ(indicated(), Bytes(1, 0));
}

}  // namespace
}  // namespace vmlan::hercules
