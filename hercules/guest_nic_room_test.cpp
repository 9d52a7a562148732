// A base that reads nothing for a while: what waits for it, and what the guest may still say.
#include <gtest/gtest.h>

#include "hercules/guest_nic.h"
#include "hercules/test_channel.h"
#include "tests/kit/hex.h"
#include "tests/kit/queue_memory.h"
#include "tests/kit/transport_packets.h"

namespace vmlan::hercules {
namespace {

constexpr std::uint32_t all_queues = 0x8000'0000U;
constexpr std::size_t busy_room = 512U * 1024U;
constexpr std::uint32_t longest = 0x10000;

class BusyBase : public testing::Test {
 protected:
  BusyBase() {
    nic.set_storage(memory.storage());
    nic.base_joined();
    nic.write(0, 0x01, idx_read);
    const auto qdr = std::span<const std::byte>(memory.qdr_bytes(), sizeof(qdio::Qdr));
    nic.write(data_device, establish_queues, qdr);
    nic.write(data_device, activate_queues, {});
    to_base.clear();
  }
  // The whole ring, each buffer as full as one can be.
  void prime() {
    const auto packet = kit::ipv4_packet({10, 0, 0, 1}, {10, 0, 0, 2}, longest - 33);
    for (unsigned buffer = 0; buffer < 128; ++buffer) memory.prime_output(1, buffer, packet);
  }
  unsigned primed() {
    unsigned count = 0;
    for (unsigned buffer = 0; buffer < 128; ++buffer) count += memory.state(1, buffer) == 0x62 ? 1U : 0U;
    return count;
  }

  kit::QueueMemory memory{1, 1, longest};
  link::SendBuffer to_base{busy_room};
  Trace trace;
  GuestNic nic{card_settings(), to_base, trace};
};

TEST_F(BusyBase, NoMoreIsTakenThanThereIsRoomFor) {
  prime();
  EXPECT_EQ(nic.transmit(data_device, all_queues), all_queues) << "to be looked at again";
  EXPECT_LE(to_base.waiting(), busy_room);
  const unsigned left = primed();
  EXPECT_GE(left, 120U);
  to_base.clear();
  EXPECT_EQ(nic.transmit(data_device, all_queues), all_queues);
  EXPECT_LT(primed(), left);
  EXPECT_EQ(nic.counters().malformed, 0U);
}

TEST_F(BusyBase, FramesThatWaitTakeNoRoomFromWhatTheDriverSays) {
  prime();
  nic.transmit(data_device, all_queues);
  const std::size_t frames = to_base.waiting();
  EXPECT_GT(frames, busy_room / 2);
  for (unsigned message = 0; message < 500; ++message)
    nic.write(0, 0x01, kit::PacketBytes(4000, std::byte{1}));
  EXPECT_FALSE(nic.take_overrun());
  EXPECT_GE(to_base.waiting(), frames + 500U * 4000U) << "all of it was said";
  EXPECT_EQ(nic.transmit(data_device, all_queues), all_queues);
  EXPECT_LT(to_base.waiting(), frames + 500U * 4100U) << "nothing is taken meanwhile";
}

}  // namespace
}  // namespace vmlan::hercules
