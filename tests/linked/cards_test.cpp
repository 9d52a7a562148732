// Guests in emulators with more than one interface: several data devices on one card, several cards.
#include <gtest/gtest.h>

#include "tests/linked/joined_guest.h"

namespace vmlan {
namespace {

using kit::LinuxDriver;
using linked::EmulatedMachine;
using linked::iqd;
using linked::JoinedGuest;
using linked::osd;
using linked::RunningBase;

// The second group of three devices of a card, driven beside the first.
std::unique_ptr<LinuxDriver> second_interface(EmulatedMachine& machine) {
  LinuxDriver::Options options;
  options.base_device = EmulatedMachine::base_device + 3;
  options.first_subchannel = 3;
  options.base = 0x100'0000;
  return std::make_unique<LinuxDriver>(machine, options);
}

TEST(LinkedCards, OneCardHasAnInterfaceForEachThreeOfItsDevices) {
  RunningBase base;
  base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, osd, "devices 6", 6);
  JoinedGuest bob(base, "BOB", 2, osd);
  alice.bring_up();
  bob.bring_up();
  const auto second = second_interface(alice.machine);
  ASSERT_TRUE(second->bring_up()) << second->failure();
  ASSERT_TRUE(second->give_input_buffers(JoinedGuest::ring));
  const std::uint8_t address[] = {10, 1, 1, 3};
  ASSERT_EQ(second->ipa_code(LinuxDriver::with(kit::golden("ipa", "set_ip.v4"), 0x14, address)), 0U);

  ASSERT_TRUE(bob.send(1, 11));
  EXPECT_EQ(alice.receive(), 11U);
  ASSERT_TRUE(bob.send(3, 33));
  EXPECT_TRUE(linked::eventually([&] { return second->input_state(0) == JoinedGuest::input_primed; }));
  ASSERT_TRUE(alice.send(2, 22));
  EXPECT_EQ(bob.receive(), 22U);

  // One interface offline, the other stays.
  ASSERT_TRUE(second->shut_down()) << second->failure();
  ASSERT_TRUE(bob.send(1, 12));
  EXPECT_EQ(alice.receive(), 12U);
}

TEST(LinkedCards, OneGuestHasCardsOfBothKinds) {
  RunningBase base;
  base.cp("DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO IP");
  JoinedGuest alice(base, "ALICE", 1, osd);
  JoinedGuest alices_hipersockets(base, "ALICE", 1, iqd, "nic 0700");
  JoinedGuest bob(base, "BOB", 2, osd);
  JoinedGuest carol(base, "CAROL", 2, iqd);
  for (auto* guest : {&alice, &alices_hipersockets, &bob, &carol}) guest->bring_up();
  ASSERT_TRUE(alice.send(2, 1));
  EXPECT_EQ(bob.receive(), 1U);
  ASSERT_TRUE(alices_hipersockets.send(2, 2));
  EXPECT_EQ(carol.receive(), 2U);
  // A card that goes leaves the user its other one.
  alice.machine.close();
  ASSERT_TRUE(carol.send(1, 3));
  EXPECT_EQ(alices_hipersockets.receive(), 3U);
}

}  // namespace
}  // namespace vmlan
