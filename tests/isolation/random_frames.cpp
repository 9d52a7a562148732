#include <fmt/format.h>

#include "tests/isolation/random_switch.h"

namespace vmlan::isolation {

Sent RandomSwitch::random_frame() {
  Sent frame;
  for (unsigned attempts = chance(8) ? 1 : 8; attempts > 0; --attempts) {
    frame.from = pick(guests + 1);
    if (model_.active(frame.from)) break;
  }
  frame.source = random_address(pick(guests));
  const bool in_trunk = frame.from == outside || model_.all[frame.from].port_trunk;
  frame.tagged = chance(in_trunk ? 2 : 8);
  frame.vlan = frame.tagged && !chance(8) ? 1 + pick(vlans) : 0;
  if (frame.from != outside && !chance(6)) {
    const Guest& guest = model_.all[frame.from];
    const bool has_one = !ethernet_ && !guest.addresses.empty();
    frame.source = has_one ? *guest.addresses.begin() : guest.own;
  }
  if (!ethernet_ && (frame.source >> 32U) != 0) frame.source = 0;
  frame.broadcast = chance(6);
  frame.group = ethernet_ && !frame.broadcast && chance(10);
  frame.to = somebodys_address(frame.from);
  if (frame.broadcast) frame.to = ethernet_ ? 0xffffffffffffU : 0xffffffffU;
  if (frame.group) frame.to = 0x03ee00000001U;
  return frame;
}

Address RandomSwitch::somebodys_address(unsigned other_than) {
  for (unsigned attempts = chance(6) ? 0 : 8; attempts > 0; --attempts) {
    const unsigned user = pick(guests);
    const auto& addresses = model_.all[user].addresses;
    if (user != other_than && !addresses.empty())
      return *std::next(addresses.begin(), pick(static_cast<unsigned>(addresses.size())));
  }
  return random_address(pick(guests));
}

void RandomSwitch::send() {
  const Sent frame = random_frame();
  if (frame.from == outside ? !model_.active(outside) : !model_.all[frame.from].logged_on) return;
  const auto before = world_.counters(frame.from);
  world_.send(frame, ++number_);
  const auto expected = model_.expect(frame);
  const auto what =
      fmt::format("after {}: frame {} from {} to {:x} source {:x}{}", done_, number_, frame.from, frame.to,
                  frame.source, frame.tagged ? fmt::format(" VLAN {}", frame.vlan) : std::string());
  for (unsigned port = 0; port <= guests; ++port) check_arrival(frame, port, expected, what);
  auto counted = world_.counters(frame.from);
  counted -= before;
  EXPECT_EQ(counted.tx_copies, expected.arrivals.size()) << what;
  EXPECT_EQ(counted.tx_discarded(), expected.arrivals.empty() ? 1U : 0U) << what;
  if (!expected.drops.empty()) check_drop(counted, expected.drops, what);
  arrived_ += expected.arrivals.size();
}

void RandomSwitch::check_arrival(const Sent& frame, unsigned port, const Expectation& expected,
                                 const std::string& what) {
  const auto got = world_.received(port);
  const auto arrival = expected.arrivals.find(port);
  if (arrival == expected.arrivals.end()) {
    EXPECT_TRUE(got.empty()) << what << " must not reach " << port;
    return;
  }
  ASSERT_EQ(got.size(), 1U) << what << " reaches " << port;
  EXPECT_EQ(got[0].bytes, world_.plain(frame, number_)) << what << " at " << port;
  EXPECT_EQ(got[0].form.tagged, arrival->second.tagged) << what << " at " << port;
  EXPECT_EQ(got[0].form.vlan, arrival->second.vlan) << what << " at " << port;
}

void RandomSwitch::check_drop(const guestlan::Counters& counted, const std::set<std::string>& reasons,
                              const std::string& what) {
  for (std::size_t index = 0; index < guestlan::drop_reasons; ++index) {
    if (counted.dropped[index] == 0) continue;
    const std::string reason(guestlan::to_string(static_cast<guestlan::Drop>(index)));
    EXPECT_TRUE(reasons.contains(reason)) << reason << ", not " << *reasons.begin() << ", " << what;
  }
}

}  // namespace vmlan::isolation
