// The QDIO driver on the real device and LAN: every size of packet, full rings, LANs that come, go or refuse.
#include <gtest/gtest.h>

#include "tests/test_drivers_on_lan.h"

namespace vmlan {
namespace {

INSTANTIATE_TEST_SUITE_P(Types, DriverOnLan, ::testing::Values(LanType::qdio, LanType::hipers),
                         [](const auto& type) {
                           return type.param == LanType::qdio ? "Qdio" : "HiperSockets";
                         });

TEST_P(DriverOnLan, CarriesEverySizeUnharmed) {
  cms::QdioDriver::Options options;
  options.input_buffer_size = options.output_buffer_size = cms::QueueMemory::largest_buffer;
  options.input_buffers = options.output_buffers = 16;
  start_two(GetParam(), options);
  constexpr std::size_t largest = 65504 - 20;
  for (std::size_t size = 0; size <= largest; size += size < 300 ? 1 : 997) {
    const auto packet = kit::ip_packet(alice.address, bob.address, size, static_cast<unsigned>(size));
    ASSERT_TRUE(send(alice, bob, packet)) << size;
    ASSERT_EQ(alice.driver->flush(), arch::ConditionCode::zero);
    const auto received = receive(bob);
    ASSERT_EQ(received.size(), 1U) << size;
    ASSERT_TRUE(received[0] == packet) << size;
  }
  EXPECT_EQ(alice.driver->counters().output.errors, 0U);
  EXPECT_EQ(bob.driver->counters().input.malformed, 0U);
}

TEST_P(DriverOnLan, CarriesBatchesOfMixedSizesInOrder) {
  cms::QdioDriver::Options options;
  options.input_buffer_size = 9042;
  start_two(GetParam(), options);
  arch::Prng chance(7);
  for (unsigned round = 0; round < 200; ++round) {
    std::vector<std::string> sent;
    const auto count = 1 + chance.below(40);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto seed = static_cast<unsigned>(chance.next() & 0xffffU);
      sent.push_back(kit::ip_packet(alice.address, bob.address, chance.below(8900), seed));
      ASSERT_TRUE(send(alice, bob, sent.back()));
    }
    ASSERT_EQ(alice.driver->flush(), arch::ConditionCode::zero);
    ASSERT_TRUE(receive(bob) == sent) << round;
  }
  EXPECT_GT(bob.driver->counters().siga_read, 10U) << "buffers went back in batches";
}

TEST_P(DriverOnLan, AReceiverWithoutEmptyBuffersCostsAPacketNotTheLan) {
  cms::QdioDriver::Options options;
  options.input_buffers = 8;
  start_two(GetParam(), options);
  const auto packet = kit::ip_packet(alice.address, bob.address, 2000);
  for (unsigned i = 0; i < 100; ++i) {
    ASSERT_TRUE(send(alice, bob, packet));
    alice.driver->flush();
  }
  const auto counters = lan->total();
  const auto lost = counters.dropped[static_cast<std::size_t>(guestlan::Drop::no_empty_buffer)];
  EXPECT_EQ(counters.tx_packets, 100U);
  EXPECT_EQ(counters.rx_packets + lost, 100U);
  EXPECT_GT(lost, 0U);
  const auto output = alice.driver->counters().output;
  if (GetParam() == LanType::hipers) {
    EXPECT_EQ(output.errors, lost) << "HiperSockets tell the sender";
    EXPECT_EQ(output.last_error, qdio::sbalf15::target_full);
  } else {
    EXPECT_EQ(output.errors, 0U);
  }
  std::size_t received = 0;
  for (unsigned turn = 0; turn < 20; ++turn) received += receive(bob).size();
  EXPECT_EQ(received, counters.rx_packets);
  ASSERT_TRUE(send(alice, bob, packet));
  alice.driver->flush();
  EXPECT_EQ(receive(bob).size(), 1U) << "and it goes on";
}

TEST_P(DriverOnLan, ARingFullOfPacketsNeedsOneSignal) {
  start_two(GetParam());
  const auto packet = kit::ip_packet(alice.address, bob.address, 100);
  for (unsigned i = 0; i < qdio::buffers_per_queue; ++i) ASSERT_TRUE(send(alice, bob, packet));
  EXPECT_EQ(alice.driver->counters().siga_write, 0U);
  ASSERT_TRUE(send(alice, bob, packet)) << "the full ring is signalled by itself";
  EXPECT_EQ(alice.driver->counters().siga_write, 1U);
}

TEST_P(DriverOnLan, AMachineThatWasResetIsOffline) {
  start_two(GetParam());
  alice.machine->system_reset();
  const auto packet = kit::ip_packet(alice.address, bob.address, 100);
  EXPECT_TRUE(send(alice, bob, packet)) << "the driver has not noticed";
  EXPECT_NE(alice.driver->flush(), arch::ConditionCode::zero);
  EXPECT_FALSE(alice.driver->online());
  EXPECT_FALSE(send(alice, bob, packet));
  EXPECT_TRUE(receive(bob).empty());
  ASSERT_EQ(alice.driver->start(), cms::DriverError::none);
  ASSERT_TRUE(send(alice, bob, packet));
  alice.driver->flush();
  EXPECT_EQ(receive(bob).size(), 1U) << "started again, its address registered again";
  ASSERT_TRUE(send(bob, alice, kit::ip_packet(bob.address, alice.address, 5)));
  bob.driver->flush();
  EXPECT_EQ(receive(alice).size(), 1U);
}

TEST_P(DriverOnLan, ANicTakenAwayEndsTheDriver) {
  start_two(GetParam());
  alice.machine->remove_nic({0x0600});
  const auto packet = kit::ip_packet(alice.address, bob.address, 100);
  send(alice, bob, packet);
  EXPECT_EQ(alice.driver->flush(), arch::ConditionCode::three);
  EXPECT_FALSE(alice.driver->online());
  EXPECT_EQ(alice.driver->start(), cms::DriverError::no_such_device);
}

TEST(DriverOnQdioLan, FollowsCoupleAndUncouple) {
  arch::VirtualClock clock;
  Quiet quiet;
  cp::ControlProgram system({clock, quiet, {}, {}});
  guestlan::LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "LAN1";
  system.vmlan().create(attributes);
  auto& lan = *system.vmlan().find("SYSTEM", "LAN1");
  cp::UserEntry entry;
  entry.userid = "ALICE";
  cp::NicDefinition definition;
  definition.device = {0x0600};
  definition.kind = qdio::AdapterKind::osd;
  entry.nics.push_back(definition);
  User alice;
  alice.machine = system.logon(std::move(entry));
  cms::QdioDriver::Options options;
  options.base_device = {0x0600};
  alice.driver = std::make_unique<cms::QdioDriver>(*alice.machine, options);
  auto& nic = *alice.machine->nic({0x0600});
  const auto address = wire::IpAddress::v4(10, 1, 1, 1);

  EXPECT_EQ(alice.driver->start(), cms::DriverError::lan_offline);
  EXPECT_EQ(alice.driver->set_ip(address, 24), qdio::IpaCode::lan_offline);
  for (unsigned time = 0; time < 3; ++time) {
    ASSERT_EQ(nic.couple(lan, true), guestlan::CoupleResult::coupled);
    alice.take_interruptions();
    EXPECT_TRUE(alice.driver->online());
    EXPECT_NE(lan.ip_table().find(address), nullptr) << "registered by the driver itself";
    nic.uncouple();
    alice.take_interruptions();
    EXPECT_TRUE(alice.driver->started());
    EXPECT_FALSE(alice.driver->online());
    EXPECT_EQ(lan.ip_table().find(address), nullptr);
  }
}

}  // namespace
}  // namespace vmlan
