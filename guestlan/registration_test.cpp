// What a driver may register, the codes of refusal, and the books.
#include <gtest/gtest.h>

#include "arch/clock.h"
#include "tests/kit/lan_user.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using qdio::IpaCode;
using wire::IpAddress;

using Registration = ThreeLanUsers;

TEST_F(Registration, ADuplicateAddressIsRefusedWithE005) {
  EXPECT_EQ(bob.port().set_ip(IpAddress::v4(alice_ip.data()), 24, 0), IpaCode::duplicate_ip_address);
  EXPECT_EQ(static_cast<unsigned>(IpaCode::duplicate_ip_address), 0xe005U);
  EXPECT_EQ(bob.port().set_ip(IpAddress::v4(bob_ip.data()), 24, 0), IpaCode::address_already_used);
}

TEST_F(Registration, TakeoverMovesTheAddress) {
  ASSERT_EQ(bob.port().set_ip(IpAddress::v4(alice_ip.data()), 24, qdio::set_ip_flag::takeover),
            IpaCode::success);
  EXPECT_TRUE(alice.port().unicast().empty());
  carol.send(alice_ip, 0x81);
  EXPECT_EQ(bob.receive(), 0x81);
  EXPECT_EQ(alice.receive(), 0);
}

TEST_F(Registration, DeletingWhatIsNotThereHasItsCodes) {
  EXPECT_EQ(bob.port().delete_ip(IpAddress::v4(alice_ip.data())), IpaCode::primary_exists);
  EXPECT_EQ(bob.port().delete_multicast(IpAddress::v4(224, 0, 0, 1)), IpaCode::multicast_not_found);
  EXPECT_EQ(bob.port().delete_ip(IpAddress::v4(bob_ip.data())), IpaCode::success);
  alice.send(bob_ip);
  EXPECT_EQ(dropped(alice, Drop::unknown_address), 1U);
}

TEST_F(Registration, NothingIsRegisteredBeforeStartlanOrWithoutALan) {
  bob.port().reset();
  EXPECT_EQ(bob.port().set_ip(IpAddress::v4(bob_ip.data()), 24, 0), IpaCode::startlan_missing);
  bob.nic.uncouple();
  EXPECT_EQ(bob.port().start_lan(), IpaCode::lan_offline);
}

TEST(HiperSockets, TellTheSenderThatTheTargetIsFull) {
  Lan lan(lan_attributes(LanType::hipers));
  LanUser alice(lan, "ALICE", alice_ip, 128, qdio::AdapterKind::iqd);
  LanUser bob(lan, "BOB", bob_ip, 1, qdio::AdapterKind::iqd);
  alice.send(bob_ip, 0x11);
  alice.send(bob_ip, 0x12);
  EXPECT_EQ(alice.memory.state(1, 0), 0xa1);
  EXPECT_EQ(alice.memory.state(1, 1), 0xaf);
  EXPECT_EQ(alice.memory.element(1, 1, 15)[3], std::byte{0x10});
  EXPECT_EQ(bob.receive(), 0x11);
}

TEST(Counters, SentIsReceivedPlusNamedDrops) {
  Lan lan(lan_attributes());
  LanUser alice(lan, "ALICE", alice_ip, 20);
  LanUser bob(lan, "BOB", bob_ip, 20);
  arch::Prng random(7);
  for (unsigned packet = 0; packet < 1000; ++packet) {
    const auto last = static_cast<std::uint8_t>(random.below(4));
    alice.send({10, 0, 0, last});
    if (random.below(3) == 0) bob.receive();
  }
  const Counters& counters = alice.port().counters();
  EXPECT_EQ(counters.tx_packets, 1000U);
  EXPECT_EQ(counters.tx_packets, counters.tx_copies + counters.tx_discarded());
  EXPECT_GT(counters.tx_copies, 20U);
  EXPECT_EQ(bob.port().counters().rx_packets, counters.tx_copies);
}

}  // namespace
}  // namespace vmlan::guestlan
