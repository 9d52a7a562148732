// The QDIO driver on the real device and LAN: every size of packet, full rings, LANs that come, go or refuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "arch/clock.h"
#include "cms/driver/qdio_driver.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"
#include "tests/kit/trace_file.h"
#include "wire/ethernet.h"

namespace vmlan {
namespace {

using guestlan::LanType;

class Quiet final : public cp::ConsoleSink {
 public:
  void line(std::string_view, std::string_view) override {}
};

struct User {
  cp::VirtualMachine* machine = nullptr;
  std::unique_ptr<cms::QdioDriver> driver;
  std::string address;

  // What its program would do in its turn, but for the data.
  void take_interruptions() {
    while (const auto subchannel = machine->test_pending_interruption())
      driver->handle_interruption(*subchannel);
  }
};

class DriverOnLan : public ::testing::TestWithParam<LanType> {
 protected:
  guestlan::Lan& define_lan(LanType type, qdio::Transport transport = qdio::Transport::ip) {
    guestlan::LanAttributes attributes;
    attributes.owner = "SYSTEM";
    attributes.name = "LAN1";
    attributes.type = type;
    attributes.transport = transport;
    attributes.max_frame_size = 65536;
    system.vmlan().create(attributes);
    return *system.vmlan().find("SYSTEM", "LAN1");
  }
  User log_on(const std::string& userid, LanType type, bool coupled, cms::QdioDriver::Options options = {}) {
    cp::UserEntry entry;
    entry.userid = userid;
    cp::NicDefinition nic;
    nic.device = {0x0600};
    nic.kind = type == LanType::hipers ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
    if (coupled) {
      nic.lan_owner = "SYSTEM";
      nic.lan_name = "LAN1";
    }
    entry.nics.push_back(nic);
    User user;
    user.machine = system.logon(std::move(entry));
    options.base_device = {0x0600};
    options.area = 0x1000;
    user.driver = std::make_unique<cms::QdioDriver>(*user.machine, options);
    return user;
  }
  // Two users with addresses, ready to talk.
  void start_two(LanType type, cms::QdioDriver::Options options = {},
                 qdio::Transport transport = qdio::Transport::ip) {
    lan = &define_lan(type, transport);
    for (unsigned number = 1; number <= 2; ++number) {
      User& user = number == 1 ? alice : bob;
      user = log_on("USER" + std::to_string(number), type, true, options);
      ASSERT_EQ(user.driver->start(), cms::DriverError::none);
      user.address = "10.1.1." + std::to_string(number);
      ASSERT_EQ(user.driver->set_ip(*wire::parse_ip_address(user.address), 24), qdio::IpaCode::success);
    }
  }
  static bool send(User& from, const User& to, const std::string& packet) {
    const auto destination = *wire::parse_ip_address(to.address);
    return from.driver->send(cms::layer3_header(destination, destination), std::as_bytes(std::span(packet)));
  }
  static std::string frame(const wire::MacAddress& to, const User& from, std::size_t size) {
    wire::EthernetHeader header{to, from.driver->mac(), wire::ether_type::ipv4};
    std::string bytes(sizeof(header) + size, 'x');
    std::memcpy(bytes.data(), &header, sizeof(header));
    return bytes;
  }
  static bool send_frame(User& from, const std::string& bytes) {
    const auto data = std::as_bytes(std::span(bytes));
    return from.driver->send(cms::layer2_header(data), data) &&
           from.driver->flush() == arch::ConditionCode::zero;
  }
  static std::vector<std::string> receive(User& user) {
    std::vector<std::string> packets;
    user.take_interruptions();
    user.driver->poll([&](const cms::ReceivedPacket& packet) {
      packets.emplace_back(reinterpret_cast<const char*>(packet.payload.data()), packet.payload.size());
    });
    return packets;
  }

  arch::VirtualClock clock;
  Quiet quiet;
  cp::ControlProgram system{{clock, quiet, {}, {}}};
  guestlan::Lan* lan = nullptr;
  User alice;
  User bob;
};

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

TEST_P(DriverOnLan, CarriesFramesOverAnEthernetLan) {
  start_two(GetParam(), {}, qdio::Transport::ethernet);
  EXPECT_TRUE(alice.driver->is_layer2());
  EXPECT_NE(alice.driver->mac(), bob.driver->mac());
  for (const std::size_t size : {0U, 1U, 46U, 1500U, 4000U, 8000U}) {
    const auto sent = frame(bob.driver->mac(), alice, size);
    ASSERT_TRUE(send_frame(alice, sent)) << size;
    EXPECT_EQ(receive(bob), std::vector{sent}) << size;
  }
  const auto broadcast = frame({{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, bob, 100);
  ASSERT_TRUE(send_frame(bob, broadcast));
  EXPECT_EQ(receive(alice), std::vector{broadcast});
  const auto group = wire::IpAddress::v4(224, 1, 2, 3);
  const auto grouped = frame(wire::multicast_mac(group), bob, 100);
  ASSERT_TRUE(send_frame(bob, grouped));
  EXPECT_TRUE(receive(alice).empty()) << "not hers yet";
  EXPECT_EQ(alice.driver->set_multicast(group), qdio::IpaCode::success);
  ASSERT_TRUE(send_frame(bob, grouped));
  EXPECT_EQ(receive(alice), std::vector{grouped});
  EXPECT_EQ(alice.driver->delete_multicast(group), qdio::IpaCode::success);
  ASSERT_TRUE(send_frame(bob, grouped));
  EXPECT_TRUE(receive(alice).empty());
}

TEST_P(DriverOnLan, AMacAddressOnTheLanTwiceIsRefused) {
  start_two(GetParam(), {}, qdio::Transport::ethernet);
  const auto mac = alice.driver->mac();
  alice.driver->stop();
  guestlan::Nic& nic = *bob.machine->nic({0x0600});
  ASSERT_EQ(nic.ports().front()->set_mac(mac), qdio::IpaCode::success) << "bob says it is his";
  EXPECT_EQ(alice.driver->start(), cms::DriverError::mac_in_use);
  EXPECT_FALSE(alice.driver->started());
}

TEST_P(DriverOnLan, FollowsLansOfEitherTransport) {
  guestlan::LanAttributes attributes;
  attributes.owner = "SYSTEM";
  attributes.name = "OTHER";
  attributes.type = GetParam();
  attributes.transport = qdio::Transport::ethernet;
  system.vmlan().create(attributes);
  guestlan::Lan& ethernet = *system.vmlan().find("SYSTEM", "OTHER");
  start_two(GetParam());
  guestlan::Nic& nic = *alice.machine->nic({0x0600});
  const auto address = *wire::parse_ip_address(alice.address);
  for (unsigned round = 0; round < 3; ++round) {
    nic.uncouple();
    ASSERT_EQ(nic.couple(ethernet, true), guestlan::CoupleResult::coupled);
    alice.take_interruptions();
    EXPECT_TRUE(alice.driver->online());
    EXPECT_TRUE(alice.driver->is_layer2());
    EXPECT_EQ(ethernet.ip_table().find(address), nullptr);
    nic.uncouple();
    alice.take_interruptions();
    EXPECT_FALSE(alice.driver->online());
    ASSERT_EQ(nic.couple(*lan, true), guestlan::CoupleResult::coupled);
    alice.take_interruptions();
    EXPECT_TRUE(alice.driver->online());
    EXPECT_FALSE(alice.driver->is_layer2());
    EXPECT_NE(lan->ip_table().find(address), nullptr) << "registered again";
  }
}

TEST_P(DriverOnLan, IsToldThatAnEthernetLanIsNotForLayer3) {
  define_lan(LanType::qdio, qdio::Transport::ethernet);
  cms::QdioDriver::Options options;
  options.transport = qdio::Transport::ip;
  alice = log_on("ALICE", LanType::qdio, true, options);
  EXPECT_EQ(alice.driver->start(), cms::DriverError::wrong_transport);
}

}  // namespace
}  // namespace vmlan
