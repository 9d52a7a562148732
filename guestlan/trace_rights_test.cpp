// A trace with no more right than a promiscuous grant: what a NIC of its user could hear, and nothing else.
#include <gtest/gtest.h>

#include "guestlan/test_switch.h"
#include "guestlan/trace_lan.h"
#include "tests/kit/recorded_trace.h"

namespace vmlan::guestlan {
namespace {

// Guests 0 and 1 are in VLAN 10, 2 and 3 in 30; 3 is the one who traces.
class TraceByGrant : public testing::Test {
 protected:
  TraceByGrant() : TraceByGrant(vlans()) {}
  explicit TraceByGrant(const LanRules& rules) : on(rules, 4) {
    on.lan.attributes().vswitch = SwitchAttributes{};
    for (unsigned guest = 0; guest < 4; ++guest) {
      Grant grant{.promiscuous = guest == 3};
      grant.vlans.set(guest < 2 ? 10 : 30);
      on.lan.grant(user(guest), grant);
    }
    choice.by_grant_of = user(3);
    trace.emplace(clock, choice, records, [this](LanTrace::End why) { end = why; });
    trace->start(on.lan);
  }
  std::string user(unsigned guest) const { return on.guests[guest]->nic.settings().owner; }
  void send(unsigned from, unsigned to, unsigned tag = 0) {
    on.guests[from]->send(handed_over(ethernet(on.mac(to), on.mac(from), tag)));
  }
  void send_in(unsigned to, unsigned tag) {
    SwitchBytes bytes = ethernet(on.mac(to), nobody, tag);
    qdio::Frame frame;
    frame.layer2 = wire::Layer2Header{};
    frame.layer2.length = static_cast<std::uint16_t>(bytes.size());
    frame.length = static_cast<std::uint32_t>(bytes.size());
    frame.segments = 1;
    frame.segment[0] = {bytes.data(), frame.length};
    on.uplink.transmit(frame);
    on.lan.publish();
  }
  std::vector<std::string> recorded() {
    std::vector<std::string> names;
    for (const auto& line : std::exchange(records.lines, {})) names.push_back(line.substr(0, line.find(' ')));
    return names;
  }
  using Names = std::vector<std::string>;
  std::string name(unsigned guest) const { return trace_name_of(on.guests[guest]->nic); }

  Switch on;
  arch::VirtualClock clock;
  kit::RecordedTrace records;
  TraceChoice choice;
  std::optional<LanTrace> trace;
  LanTrace::End end = LanTrace::End::none;
};

TEST_F(TraceByGrant, OfVlansItsUserIsNotInShowsNothing) {
  send(0, 1);
  EXPECT_EQ(recorded(), Names{});
  send(2, 3);
  EXPECT_EQ(recorded(), Names{name(2)});
  send_in(0, 10);
  EXPECT_EQ(recorded(), Names{});
  send_in(2, 30);
  EXPECT_EQ(recorded(), Names{"UPLINK.0A00"});
  send(0, 1, 30);
  EXPECT_EQ(recorded(), Names{}) << "it may not send with a tag, and is in VLAN 10";
  EXPECT_EQ(end, LanTrace::End::none);
  on.lan.revoke(user(3));
  send(2, 3);
  EXPECT_EQ(recorded(), Names{});
  EXPECT_EQ(end, LanTrace::End::grant_revoked);
}

TEST_F(TraceByGrant, OfDroppedFramesToo) {
  trace.reset();
  choice.frames = TraceChoice::Frames::dropped;
  trace.emplace(clock, choice, records, [](LanTrace::End) {});
  trace->start(on.lan);
  send(0, 0);
  EXPECT_EQ(recorded(), Names{});
  send(2, 2);
  EXPECT_EQ(recorded(), Names{name(2)});
}

TEST_F(TraceByGrant, OfANicOfAnotherVlanNothing) {
  trace.reset();
  choice.frames = TraceChoice::Frames::of_nic;
  choice.userid = user(0);
  trace.emplace(clock, choice, records, [](LanTrace::End) {});
  trace->start(on.lan);
  send(0, 1);
  send(1, 0);
  send_in(0, 10);
  EXPECT_EQ(recorded(), Names{});
}

TEST_F(TraceByGrant, WhoOwnsTheLanSeesAllOfIt) {
  trace.reset();
  choice.by_grant_of = "SYSTEM";
  trace.emplace(clock, choice, records, [](LanTrace::End) {});
  trace->start(on.lan);
  send(0, 1);
  send(2, 3);
  EXPECT_EQ(recorded(), (Names{name(0), name(2)}));
}

class TraceByGrantApart : public TraceByGrant {
 protected:
  TraceByGrantApart() : TraceByGrant({.isolation = true}) {}
};

TEST_F(TraceByGrantApart, OfGuestsKeptApartShowsNothingThatTheySend) {
  send(0, 1);
  send_in(0, 0);
  send(3, 0);
  EXPECT_EQ(recorded(), (Names{"UPLINK.0A00", name(3)})) << "what comes from outside, and one's own";
  on.lan.set_rules({.vepa = true});
  send(0, 1);
  EXPECT_EQ(recorded(), Names{});
  on.lan.set_rules({});
  send(0, 1);
  EXPECT_EQ(recorded(), Names{name(0)});
}

}  // namespace
}  // namespace vmlan::guestlan
