// What drivers other than Linux' do where they differ from it: z/VM's TCP/IP and virtual switch, z/OS'
// Communications Server. Nobody here has these systems: each test names the public record its bytes are from.
// "SDL" is SDL-Hercules-390/hyperion, "h390" hercules-390/hyperion, each with the number of an issue.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/kit/bare_machine.h"
#include "tests/kit/hex.h"
#include "tests/kit/linux_driver.h"
#include "tests/kit/queue_memory.h"
#include "tests/kit/recording_port.h"

namespace vmlan {
namespace {

using kit::Bytes;
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

}  // namespace
}  // namespace vmlan
