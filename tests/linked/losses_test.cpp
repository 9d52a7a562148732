// Packets that are lost in the emulator are counted at the system, under their names: what was sent is what
// arrived and what was lost.
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "tests/linked/joined_guest.h"

namespace vmlan {
namespace {

using guestlan::Drop;
using linked::eventually;
using linked::JoinedGuest;
using linked::osd;
using linked::RunningBase;

constexpr std::uint64_t sent = 300;

std::uint64_t of(const std::array<std::uint64_t, guestlan::drop_reasons>& counts, Drop reason) {
  return counts[static_cast<std::size_t>(reason)];
}

class LinkedLosses : public testing::Test {
 protected:
  LinkedLosses() { define_lan(); }
  void define_lan() { base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP"); }

  RunningBase base;
};

TEST_F(LinkedLosses, WhatAReceiverHadNoBufferForIsLostUnderItsName) {
  constexpr unsigned buffers = JoinedGuest::fewest_buffers;
  JoinedGuest alice(base, "ALICE", 1, osd);
  JoinedGuest bob(base, "BOB", 2, osd);
  alice.bring_up();
  bob.bring_up(buffers);
  const auto before = std::chrono::steady_clock::now();
  for (unsigned number = 0; number < sent; ++number) ASSERT_TRUE(alice.send(2, number, 3000));
  ASSERT_TRUE(eventually([&] { return alice.counters().tx_packets == sent; }));
  // One packet fills a buffer of this guest's.
  ASSERT_TRUE(eventually([&] { return bob.counters().rx_packets == buffers; }))
      << base.answer("QUERY LAN LAN1 OWNERID SYSTEM DETAILS");
  // It is waited for once, 20 ms, and not for each of the 236.
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(2500));
  const auto counters = bob.counters();
  EXPECT_EQ(of(counters.rx_lost, Drop::no_empty_buffer), sent - buffers);
  EXPECT_EQ(counters.rx_discarded, sent - buffers);
  EXPECT_EQ(alice.counters().tx_copies, counters.rx_packets + of(counters.rx_lost, Drop::no_empty_buffer));
  const auto lines = base.answer("QUERY LAN LAN1 OWNERID SYSTEM DETAILS");
  EXPECT_NE(lines.find("Lost: 236 no empty buffer"), std::string::npos) << lines;
}

TEST_F(LinkedLosses, WhatIsSentWithoutASystemIsToldToTheNextOne) {
  JoinedGuest alice(base, "ALICE", 1, osd);
  alice.bring_up();
  base.stop();
  ASSERT_TRUE(alice.machine.says("HHC03824W"));
  for (unsigned number = 0; number < 5; ++number) ASSERT_TRUE(alice.send(2, number));
  base.start();
  define_lan();
  EXPECT_TRUE(eventually([&] { return of(alice.counters().dropped, Drop::no_system) == 5; }));
  EXPECT_EQ(alice.counters().tx_packets, 5U);
}

}  // namespace
}  // namespace vmlan
