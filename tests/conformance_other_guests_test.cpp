// What drivers other than Linux' do where they differ from it: z/VM's TCP/IP and virtual switch, z/OS'
// Communications Server. Nobody here has these systems: each test names the public record its bytes are from.
// "SDL" is SDL-Hercules-390/hyperion, "h390" hercules-390/hyperion, each with the number of an issue.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "tests/kit/bare_machine.h"
#include "tests/kit/golden.h"
#include "tests/kit/hex.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"
#include "tests/kit/recording_port.h"

namespace vmlan {
namespace {

using kit::Bytes;
using kit::golden;
using kit::LinuxDriver;

qdio::Device::Settings settings() {
  qdio::Device::Settings settings;
  settings.base_device = {0x0800};
  settings.channel_path = 0x08;
  return settings;
}

class OtherGuest : public ::testing::Test {
 protected:
  OtherGuest() { link.attach(machine.device()); }

  kit::RecordingPort port;
  kit::SingleAdapter link{port};
  kit::BareMachine machine{settings(), link};
};

// --- Queues

// An access key as a driver puts it into its QDR, and the storage key of all its pages.
struct Keys {
  unsigned access;
  unsigned storage;
};

std::string name(const Keys& keys) { return fmt::format("{:X}_on_{:02X}", keys.access, keys.storage); }

void PrintTo(const Keys& keys, std::ostream* out) { *out << name(keys); }

class AccessKeys : public OtherGuest, public ::testing::WithParamInterface<Keys> {};

// h390#199, its mends 6ee3245a (E) and efd6dbf7 (6): z/VM's TCP/IP says key E, z/OS' key 6, their pages have
// another one.
TEST_P(AccessKeys, OfZvmAndZosReachPagesOfAnotherKey) {
  for (arch::Address at = 0; at < machine.storage().size(); at += 4096) {
    machine.storage().set_storage_key(at, static_cast<std::uint8_t>(GetParam().storage));
  }
  LinuxDriver::Options options;
  options.access_key = GetParam().access;
  LinuxDriver guest(machine, options);
  unsigned sent = 0;
  link.receive = [&sent](const qdio::Frame&) {
    ++sent;
    return std::uint8_t{0};
  };
  ASSERT_TRUE(guest.bring_up()) << guest.failure();

  Bytes packet(32 + 40);
  packet[0] = std::byte{1};
  kit::put16(&packet[8], 40);
  const unsigned buffer = guest.prime(0, packet);
  EXPECT_EQ(guest.signal_output(0), arch::ConditionCode::zero);
  EXPECT_EQ(guest.output_state(0, buffer), 0xa1);
  EXPECT_EQ(sent, 1U);

  const std::string payload = "payload";
  const qdio::Segment segment{reinterpret_cast<const std::byte*>(payload.data()), 7};
  const wire::Layer3Header header;
  ASSERT_EQ(link.queues->give({&header, 0, 7}, &segment, 1, 7), qdio::GiveResult::given);
  link.queues->publish();
  EXPECT_EQ(guest.take_input(0).size(), 39U);
}

INSTANTIATE_TEST_SUITE_P(Observed, AccessKeys,
                         ::testing::Values(Keys{0xe, 0x00}, Keys{0xe, 0x08}, Keys{0x6, 0x00}, Keys{0x6, 0x10},
                                           Keys{0x6, 0x18}),
                         [](const auto& keys) { return name(keys.param); });

// --- Channel commands

// h390#63, mended there by a1a483dc: the data address is outside storage, a command is chained.
TEST_F(OtherGuest, ActivateQueuesOfTheVirtualSwitchLooksAtNoDataAddress) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.enable() && guest.discover() && guest.activate_idx() && guest.shake_hands() &&
              guest.establish_queues())
      << guest.failure();
  constexpr arch::Address program = 0x8000;
  machine.storage().write_bytes(program, golden("other_guests", "zvm.activate_queues.ccw"));
  arch::Orb orb;
  orb.program = program;
  const auto data = guest.subchannel(LinuxDriver::data_device);
  ASSERT_EQ(machine.start_subchannel(data, orb), arch::ConditionCode::zero);
  arch::Irb irb;
  EXPECT_FALSE(guest.collect(LinuxDriver::data_device, irb)) << "ended with " << +irb.channel_status;
  EXPECT_NE(link.queues, nullptr);
}

// A QDR no longer than its descriptors.
TEST_F(OtherGuest, AShortQdrIsEnough) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.enable() && guest.discover() && guest.activate_idx() && guest.shake_hands() &&
              guest.establish_queues())
      << guest.failure();
  std::uint16_t got = 0;
  EXPECT_TRUE(guest.run(LinuxDriver::data_device, {0x1b, 0x20, 0x40 + 5 * 32, guest.qdr_address()}, got));
  EXPECT_EQ(got, 0x40 + 5 * 32);
  const LinuxDriver::Command shorter{0x1b, 0x20, 0x40 + 5 * 32 - 1, guest.qdr_address()};
  guest.start(LinuxDriver::data_device, std::span(&shorter, 1));
  arch::Irb irb;
  ASSERT_TRUE(guest.collect(LinuxDriver::data_device, irb));
  EXPECT_EQ(irb.device_status, 0x0e);
}

// --- IPA commands

TEST_F(OtherGuest, ACommandOfSixteenBytesGetsAnAnswerOfSixteen) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  const Bytes reply = guest.ipa(golden("other_guests", "zvm.start_lan"));
  EXPECT_EQ(reply.size(), 16U);
  EXPECT_EQ(kit::to_hex(std::span(reply).subspan(4, 2)), "0000");
}

TEST_F(OtherGuest, EntriesOfItsOwnArpTableAreTaken) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  Bytes command = golden("other_guests", "zvm.arp_remove");
  EXPECT_EQ(guest.ipa_code(command), 0U);
  command[0x1b] = std::byte{5};
  EXPECT_EQ(guest.ipa_code(command), 0U);
}

TEST_F(OtherGuest, AVlanOfALayer3DriverIsRegisteredOnceOrMore) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  port.calls.clear();
  EXPECT_EQ(guest.ipa_code(golden("other_guests", "zvm.add_vlan")), 0U);
  EXPECT_EQ(port.calls, std::vector<std::string>{"set_vlan 2021"});
  port.answers["set_vlan"] = qdio::IpaCode::duplicate_vlan;
  EXPECT_EQ(guest.ipa_code(golden("other_guests", "zvm.add_vlan")), 0U);
}

// Comments of hyperion's qeth.c: z/OS' IPv4 masks are often no masks, its IPv6 ones never initialized.
TEST_F(OtherGuest, AMaskThatMakesNoSenseIsIgnored) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  port.calls.clear();
  const std::uint8_t odd[] = {0xff, 0x00, 0xff, 0x01};
  EXPECT_EQ(guest.ipa_code(LinuxDriver::with(golden("ipa", "set_ip.v4"), 0x18, odd)), 0U);
  EXPECT_EQ(guest.ipa_code(LinuxDriver::with(golden("ipa", "set_ip.v6"), 0x24, odd)), 0U);
  EXPECT_EQ(port.calls,
            (std::vector<std::string>{"set_ip 192.168.70.2/32 0", "set_ip fe80::200:5eff:feab:64b9/128 0"}));
}

// --- Ends

TEST_F(OtherGuest, TakingAConnectionDownForgetsWhatWasRegistered) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  port.calls.clear();
  ASSERT_TRUE(guest.write_control(golden("other_guests", "zos.takedown.message"))) << guest.failure();
  EXPECT_EQ(port.calls, std::vector<std::string>{"reset"});
  EXPECT_TRUE(guest.fetch().empty());
}

TEST_F(OtherGuest, IdxTerminateEndsTheDataPath) {
  LinuxDriver guest(machine, {});
  ASSERT_TRUE(guest.bring_up()) << guest.failure();
  port.calls.clear();
  ASSERT_TRUE(guest.write_control(golden("other_guests", "zos.idx_terminate"))) << guest.failure();
  EXPECT_EQ(port.calls, std::vector<std::string>{"reset"});
  EXPECT_FALSE(link.adapter().write_device().has_value());
}

// --- Devices and their roles, with a NIC of the base

class Listener final : public qdio::ControlReplies {
 public:
  void reply(unsigned device_index, qdio::Message message) override {
    device = device_index;
    answer = std::move(message);
  }
  unsigned device = 99;
  qdio::Message answer;
};

class CardOfZvm : public ::testing::Test {
 protected:
  CardOfZvm() : nic(nic_settings()) { nic.attach(listener); }
  static guestlan::NicSettings nic_settings() {
    guestlan::NicSettings settings;
    settings.base_device = {0xeb00};
    settings.mac = {{0x02, 0, 0, 0, 0, 1}};
    return settings;
  }
  // Activates a control device for the data device `data`; byte 8 of the answer.
  unsigned activate(unsigned device, bool read, unsigned data) {
    Bytes request = golden("other_guests", read ? "zvm.idx.read" : "zvm.idx.write");
    request[0x21] = static_cast<std::byte>(data);
    nic.send(device, request);
    EXPECT_EQ(listener.device, device);
    return listener.answer.size() < 0x22 ? 0U : std::to_integer<unsigned>(listener.answer[8]);
  }

  Listener listener;
  guestlan::Nic nic;
};

// h390#63: 0600 for EB00; h390#195: 0600 for 0A00.
TEST_F(CardOfZvm, TheUnitAddressSaysWhichDeviceIsMeantAndItsNumberComesBack) {
  nic.send(1, golden("other_guests", "zvm.idx.read"));
  EXPECT_EQ(kit::to_hex(std::span(listener.answer).subspan(8, 1)), "1A");
  EXPECT_EQ(kit::to_hex(std::span(listener.answer).subspan(0x1e, 4)), "06000000");
  EXPECT_EQ(nic.role(0), guestlan::Nic::Role::data);
  EXPECT_EQ(nic.role(1), guestlan::Nic::Role::control_read);
}

// z/VM uses the devices of a card in the order data, read, write; Linux read, write, data.
TEST_F(CardOfZvm, ADeviceHasOneRoleInWhateverOrderDriversUseThem) {
  using Role = guestlan::Nic::Role;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(activate(1, true, 0), 0x1aU);
    EXPECT_EQ(activate(2, false, 0), 0x16U);
    EXPECT_EQ(nic.role(0), Role::data);
    EXPECT_EQ(nic.role(1), Role::control_read);
    EXPECT_EQ(nic.role(2), Role::control_write);
    EXPECT_EQ(activate(0, true, 2), 0x1aU);
    EXPECT_EQ(activate(1, false, 2), 0x16U);
    EXPECT_EQ(nic.role(0), Role::control_read);
    EXPECT_EQ(nic.role(1), Role::control_write);
    EXPECT_EQ(nic.role(2), Role::data);
    // What is written to the write device of the new data path is answered on its read device.
    listener.device = 99;
    nic.send(1, golden("handshake", "cm_enable.request"));
    EXPECT_EQ(listener.device, 0U);
  }
}

}  // namespace
}  // namespace vmlan
