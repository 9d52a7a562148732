// Both ends of a link that aggregates: finding each other, losing each other, and who is believed.
#include "host/uplink/lacp_port.h"

#include <gtest/gtest.h>

namespace vmlan::host {
namespace {

using namespace std::chrono_literals;
using Partner = LacpPort::Partner;

constexpr wire::MacAddress system_a{{2, 0, 0, 0, 0, 0xa}};
constexpr wire::MacAddress system_b{{2, 0, 0, 0, 0, 0xb}};

// Two ends of one link; what one says reaches the other unless `reaches` says no.
struct LacpLink {
  LacpPort a{system_a, 1, 1};
  LacpPort b{system_b, 7, 3};
  arch::Time now{0};
  bool a_reaches_b = true;
  bool b_reaches_a = true;
  unsigned told_by_a = 0;

  LacpLink() {
    for (auto* port : {&a, &b}) port->set_link(true, now);
  }
  void step() {
    for (auto* port : {&a, &b}) {
      port->tend(now);
      port->select(port->partner_state() == Partner::current);
    }
    if (const auto pdu = a.take_due(now)) {
      ++told_by_a;
      if (a_reaches_b) b.receive(*pdu, now);
    }
    const auto pdu = b.take_due(now);
    if (pdu && b_reaches_a) a.receive(*pdu, now);
  }
  void pass(arch::Time time) {
    for (const auto end = now + time; now < end; now += 50ms) step();
  }
};

TEST(LacpPort, TwoThatHearEachOtherCarryWithinASecond) {
  LacpLink link;
  EXPECT_FALSE(link.a.carries());
  link.pass(1500ms);
  EXPECT_TRUE(link.a.carries());
  EXPECT_TRUE(link.b.carries());
  EXPECT_EQ(link.a.partner().system, system_b);
  EXPECT_EQ(link.a.partner().key.value(), 7);
  EXPECT_EQ(link.a.partner().port.value(), 3);
  EXPECT_EQ(link.a.actor().state & 0x3f, 0x3f) << "active, short, aggregatable, in sync, both ways";
}

TEST(LacpPort, WhoSaysNothingForThreeSecondsIsLeftOut) {
  LacpLink link;
  link.pass(2s);
  link.b_reaches_a = false;
  link.pass(2s);
  EXPECT_TRUE(link.a.carries());
  link.pass(2s);
  EXPECT_FALSE(link.a.carries());
  EXPECT_EQ(link.a.partner_state(), Partner::asked);
  EXPECT_FALSE(link.b.carries()) << "a has said that it is out of sync";
  link.pass(4s);
  EXPECT_EQ(link.a.partner_state(), Partner::defaulted);
  EXPECT_TRUE(link.a.partner().system.is_zero());
  link.b_reaches_a = true;
  link.pass(2s);
  EXPECT_TRUE(link.a.carries() && link.b.carries());
}

TEST(LacpPort, WhoHearsUsNotIsNotSentTo) {
  LacpLink link;
  link.a_reaches_b = false;
  link.pass(5s);
  EXPECT_FALSE(link.a.carries()) << "b speaks, and knows nothing of us";
}

// One that knows us, and takes nothing yet.
TEST(LacpPort, TakesFramesBeforeThePartnerDoesAndSendsOnlyThen) {
  LacpPort port(system_a, 1, 1);
  port.set_link(true, 0s);
  port.select(true);
  EXPECT_FALSE(port.collects());
  wire::LacpPdu pdu;
  pdu.actor.system = system_b;
  pdu.actor.state = 0x0f;
  pdu.partner = port.actor();
  port.receive(pdu, 1s);
  EXPECT_TRUE(port.collects());
  EXPECT_FALSE(port.carries());
  pdu.actor.state = 0x1f;
  port.receive(pdu, 2s);
  EXPECT_TRUE(port.carries());
  pdu.partner.key = 9;
  port.receive(pdu, 3s);
  EXPECT_FALSE(port.carries()) << "it speaks of somebody else";
}

TEST(LacpPort, SpeaksOnceASecondAndNeverMoreThanThrice) {
  LacpLink link;
  link.pass(5s);
  link.told_by_a = 0;
  link.pass(10s);
  EXPECT_EQ(link.told_by_a, 10U);
  // Something changes all the time.
  link.told_by_a = 0;
  for (unsigned change = 0; change < 200; ++change) {
    link.a.select(change % 2 == 0);
    link.now += 50ms;
    if (link.a.take_due(link.now)) ++link.told_by_a;
  }
  EXPECT_LE(link.told_by_a, 31U);
  EXPECT_GE(link.told_by_a, 25U);
}

TEST(LacpPort, WhoIsNotSelectedSaysSo) {
  LacpLink link;
  link.pass(2s);
  link.a.select(false);
  EXPECT_FALSE(link.a.carries());
  link.now += 400ms;
  const auto pdu = link.a.take_due(link.now);
  ASSERT_TRUE(pdu);
  EXPECT_EQ(pdu->actor.state & wire::lacp_state::synchronization, 0);
}

TEST(LacpPort, ALinkThatIsDownIsSilentAndDeaf) {
  LacpLink link;
  link.pass(2s);
  link.a.set_link(false, link.now);
  EXPECT_FALSE(link.a.carries());
  EXPECT_FALSE(link.a.deadline());
  link.a.receive({}, link.now);
  link.a.tend(link.now + 100s);
  EXPECT_EQ(link.a.partner_state(), Partner::none);
  EXPECT_FALSE(link.a.take_due(link.now + 100s));
}

TEST(LacpPort, LinksOfOnePartnerGoTogether) {
  LacpLink one, two;
  one.pass(2s);
  two.pass(2s);
  EXPECT_TRUE(one.a.goes_with(two.a));
  wire::LacpPdu pdu;
  pdu.actor = two.b.actor();
  pdu.actor.key = 8;
  two.a.receive(pdu, two.now);
  EXPECT_FALSE(one.a.goes_with(two.a)) << "another aggregate of the same system";
  pdu.actor = one.b.actor();
  pdu.actor.state &= static_cast<std::uint8_t>(~wire::lacp_state::aggregation);
  two.a.receive(pdu, two.now);
  EXPECT_FALSE(one.a.goes_with(two.a)) << "an individual link";
}

TEST(LacpPort, NothingIsDueBeforeItsDeadlineAndSomethingThen) {
  LacpLink link;
  link.pass(2s);
  for (unsigned step = 0; step < 100; ++step) {
    const auto deadline = link.a.deadline();
    ASSERT_TRUE(deadline);
    ASSERT_GT(*deadline, link.now - 1ms) << "it would be asked again and again";
    link.now = *deadline;
    link.a.tend(link.now);
    link.a.select(link.a.partner_state() == Partner::current);
    link.a.take_due(link.now);
  }
}

// Whatever was lost before, once all arrives both ends agree.
TEST(LacpPort, ConvergesAfterAnyLosses) {
  arch::Prng chance(1);
  for (unsigned run = 0; run < 200; ++run) {
    LacpLink link;
    for (unsigned step = 0; step < 400; ++step) {
      link.a_reaches_b = chance.below(3) != 0;
      link.b_reaches_a = chance.below(3) != 0;
      if (chance.below(40) == 0) link.a.set_link(chance.below(2) == 0, link.now);
      link.now += 50ms;
      link.step();
    }
    link.a.set_link(true, link.now);
    link.a_reaches_b = link.b_reaches_a = true;
    link.pass(8s);
    ASSERT_TRUE(link.a.carries() && link.b.carries()) << run;
  }
}

}  // namespace
}  // namespace vmlan::host
