// The books: every reason has its name, every counter its place, in sums, differences and what a link loses.
#include "guestlan/counters.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "guestlan/nic.h"
#include "tests/kit/lan_user.h"

namespace vmlan::guestlan {
namespace {

TEST(Drops, HaveTheNamesThatUsersRead) {
  const std::array<std::string_view, drop_reasons> names{"not coupled",
                                                         "unknown address",
                                                         "no receiver",
                                                         "no empty buffer",
                                                         "too long",
                                                         "receiver buffer error",
                                                         "receiver not active",
                                                         "not IP",
                                                         "malformed",
                                                         "own address",
                                                         "no system",
                                                         "VLAN not registered",
                                                         "LAN not started",
                                                         "too many copies",
                                                         "uplink busy",
                                                         "isolated",
                                                         "VLAN not authorized",
                                                         "source address not its own",
                                                         "no switch port"};
  for (std::size_t reason = 0; reason < drop_reasons; ++reason)
    EXPECT_EQ(to_string(static_cast<Drop>(reason)), names[reason]);
  EXPECT_EQ(to_string(static_cast<Drop>(drop_reasons)), "unknown");
}

// Every counter of it, each by its name.
template <class See>
void for_each_counter(Counters& counters, See see) {
  see("rx_packets", counters.rx_packets);
  see("rx_bytes", counters.rx_bytes);
  see("rx_discarded", counters.rx_discarded);
  see("rx_errors", counters.rx_errors);
  see("tx_packets", counters.tx_packets);
  see("tx_bytes", counters.tx_bytes);
  see("tx_copies", counters.tx_copies);
  see("tx_errors", counters.tx_errors);
  for (std::size_t reason = 0; reason < drop_reasons; ++reason) {
    see("dropped " + std::to_string(reason), counters.dropped[reason]);
    see("rx_lost " + std::to_string(reason), counters.rx_lost[reason]);
  }
}

Counters counted_from(std::uint64_t first) {
  Counters counters;
  for_each_counter(counters, [&](const std::string&, std::uint64_t& counter) { counter = first++; });
  return counters;
}

TEST(Books, AreAddedAndSubtractedCounterByCounter) {
  Counters sum = counted_from(1000);
  sum += counted_from(1);
  std::uint64_t expected = 1001;
  for_each_counter(sum, [&](const std::string& name, std::uint64_t counter) {
    EXPECT_EQ(counter, expected) << name;
    expected += 2;
  });
  sum -= counted_from(1000);
  expected = 1;
  for_each_counter(
      sum, [&](const std::string& name, std::uint64_t counter) { EXPECT_EQ(counter, expected++) << name; });
}

TEST(Books, PartsAreEachCounterOnce) {
  const Counters fresh = counted_from(1);
  Counters all = counted_from(1000);
  for (const auto part : {CounterPart::data, CounterPart::discarded, CounterPart::errors}) {
    Counters one = counted_from(1000);
    one.take(part, fresh);
    EXPECT_EQ(one.rx_bytes < 1000, part == CounterPart::data);
    EXPECT_EQ(one.dropped[0] < 1000, part == CounterPart::discarded);
    EXPECT_EQ(one.tx_errors < 1000, part == CounterPart::errors);
    all.take(part, fresh);
  }
  std::uint64_t expected = 1;
  for_each_counter(
      all, [&](const std::string& name, std::uint64_t counter) { EXPECT_EQ(counter, expected++) << name; });
}

TEST(Books, NeverGoBelowZero) {
  Counters less = counted_from(1);
  less -= counted_from(2);
  for_each_counter(less,
                   [](const std::string& name, std::uint64_t counter) { EXPECT_EQ(counter, 0U) << name; });
}

TEST(Books, BeginAtZeroAndADropIsOnePacketUnlessItSaysMore) {
  Counters counters;
  for_each_counter(counters,
                   [](const std::string& name, std::uint64_t counter) { EXPECT_EQ(counter, 0U) << name; });
  counters.drop(Drop::too_long);
  counters.drop(Drop::too_long, 4);
  counters.drop(Drop::not_coupled, 2);
  EXPECT_EQ(counters.dropped[static_cast<std::size_t>(Drop::too_long)], 5U);
  EXPECT_EQ(counters.dropped[static_cast<std::size_t>(Drop::not_coupled)], 2U);
  EXPECT_EQ(counters.tx_discarded(), 7U);
}

// --- what a link loses

using Losses = kit::ThreeLanUsers;

TEST_F(Losses, OfPacketsForTheGuestAreTakenOffWhatItGotEachUnderItsName) {
  for (unsigned packet = 0; packet < 20; ++packet) alice.send(kit::bob_ip);
  const auto bytes = bob.port().counters().rx_bytes;
  RemoteLosses losses;
  losses.no_empty_buffer = 2;
  losses.unusable_buffer = 3;
  losses.not_active = 5;
  bob.port().count_losses(losses);
  const Counters& counters = bob.port().counters();
  EXPECT_EQ(counters.rx_packets, 10U);
  EXPECT_EQ(counters.rx_discarded, 10U);
  EXPECT_EQ(counters.rx_bytes, bytes) << "bytes stay";
  for (std::size_t reason = 0; reason < drop_reasons; ++reason) {
    const auto drop = static_cast<Drop>(reason);
    const unsigned lost = drop == Drop::no_empty_buffer         ? 2
                          : drop == Drop::receiver_buffer_error ? 3
                          : drop == Drop::receiver_not_active   ? 5
                                                                : 0;
    EXPECT_EQ(counters.rx_lost[reason], lost) << to_string(drop);
  }
  EXPECT_EQ(counters.tx_packets, 0U);
  EXPECT_EQ(counters.tx_discarded(), 0U);
  losses = {};
  losses.not_active = 11;
  bob.port().count_losses(losses);
  EXPECT_EQ(counters.rx_packets, 0U);
  EXPECT_EQ(counters.rx_discarded, 20U) << "ten, for there were no more";
}

TEST_F(Losses, OfTheGuestsPacketsEachHaveTheirName) {
  RemoteLosses losses;
  losses.no_system = 3;
  losses.malformed = 2;
  bob.port().count_losses(losses);
  const Counters& counters = bob.port().counters();
  EXPECT_EQ(dropped(bob, Drop::no_system), 3U);
  EXPECT_EQ(dropped(bob, Drop::malformed), 2U);
  EXPECT_EQ(counters.tx_packets, 5U);
  EXPECT_EQ(counters.tx_errors, 2U);
  EXPECT_EQ(counters.tx_discarded(), 5U);
  EXPECT_EQ(counters.tx_bytes, 0U);
  EXPECT_EQ(counters.rx_discarded, 0U);
}

}  // namespace
}  // namespace vmlan::guestlan
