// What a trace makes of frames: whose interface, which direction, what header, why one was dropped.
#include "guestlan/trace_lan.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "guestlan/test_switch.h"
#include "guestlan/trace_rights.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/offload_station.h"
#include "tests/kit/recorded_trace.h"
#include "tests/kit/recording_port.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using Frames = TraceChoice::Frames;
using Lines = std::vector<std::string>;

class TraceLan : public ThreeLanUsers {
 protected:
  void start(TraceChoice choice = {}) {
    trace = std::make_unique<LanTrace>(clock, std::move(choice), records,
                                       [this](LanTrace::End why) { ends.push_back(why); });
    trace->start(lan);
  }
  static TraceChoice of(Frames frames) {
    TraceChoice choice;
    choice.frames = frames;
    if (frames == Frames::of_nic) {
      choice.userid = "BOB";
      choice.nic = {0x600};
    }
    return choice;
  }

  arch::VirtualClock clock;
  RecordedTrace records;
  std::vector<LanTrace::End> ends;
  std::unique_ptr<LanTrace> trace;
};

TEST_F(TraceLan, EachFrameIsOnceOnItsSendersInterfaceWithAMadeUpHeader) {
  start();
  alice.send(bob_ip);
  bob.send(carol_ip);
  alice.send(carol_ip);
  EXPECT_EQ(records.lines, (Lines{"ALICE.0600 out 78", "BOB.0600 out 78", "ALICE.0600 out 78"}));
  EXPECT_EQ(records.interfaces[0].description, "LAN SYSTEM LAN1");
  EXPECT_EQ(records.data[0].substr(0, 28 + 8),
            "020000000002"
            "020000000001"
            "0800"
            "45000040");
  EXPECT_EQ(records.data[0].size(), 2 * 78U);
  EXPECT_EQ(trace->recorded(), 3U);
}

TEST_F(TraceLan, GroupsBroadcastsAndNobodyHaveTheirAddresses) {
  bob.port().enable_broadcast(true);
  start();
  alice.send({10, 0, 0, 255});
  alice.send({224, 1, 2, 3});
  alice.send({10, 0, 0, 99});
  alice.send(alice_ip);
  EXPECT_EQ(records.lines,
            (Lines{"ALICE.0600 out 78", "ALICE.0600 out 78 dropped: no receiver",
                   "ALICE.0600 out 78 dropped: unknown address", "ALICE.0600 out 78 dropped: own address"}));
  EXPECT_EQ(records.data[0].substr(0, 12), "FFFFFFFFFFFF");
  EXPECT_EQ(records.data[1].substr(0, 12), "01005E010203");
  EXPECT_EQ(records.data[2].substr(0, 12), "000000000000");
}

TEST_F(TraceLan, ATagOfTheHeaderStandsInTheFrame) {
  TraceChoice choice;
  choice.vlans = {100};
  start(choice);
  auto packet = ipv4_packet(alice_ip, bob_ip, 64);
  packet[0x0b] = std::byte{0x01};
  put16(packet.data() + 0x0c, 0xe064);
  alice.send_bytes(packet);
  alice.send(bob_ip);
  put16(packet.data() + 0x0c, 0xe065);
  alice.send_bytes(packet);
  ASSERT_EQ(records.lines, Lines{"ALICE.0600 out 82"}) << "of this VLAN only";
  EXPECT_EQ(records.data[0].substr(24, 16), "8100E06408004500");
}

TEST_F(TraceLan, OfANicWhatGoesOutAndWhatComesIn) {
  start(of(Frames::of_nic));
  alice.send(bob_ip);
  bob.send(alice_ip);
  alice.send(carol_ip);
  for (unsigned buffer = 0; buffer < 128; ++buffer) bob.memory.set_state(0, buffer, 0x80);
  alice.send(bob_ip);
  EXPECT_EQ(records.lines,
            (Lines{"BOB.0600 in 78", "BOB.0600 out 78", "BOB.0600 in 78 dropped: no empty buffer"}));
}

TEST_F(TraceLan, ANicThatComesBackIsTracedOnTheSameInterface) {
  start(of(Frames::of_nic));
  alice.send(bob_ip);
  bob.nic.uncouple();
  alice.send(bob_ip);
  bob.nic.couple(lan, true);
  EXPECT_EQ(bob.port().set_ip(wire::IpAddress::v4(bob_ip.data()), 24, 0), qdio::IpaCode::success);
  alice.send(bob_ip);
  EXPECT_EQ(records.lines, (Lines{"BOB.0600 in 78", "BOB.0600 in 78"}));
  EXPECT_EQ(records.interfaces.size(), 1U);
}

TEST_F(TraceLan, OnlyWhatWasDropped) {
  start(of(Frames::dropped));
  alice.send(bob_ip);
  alice.send({10, 0, 0, 99});
  bob.send({10, 0, 0, 99});
  EXPECT_EQ(records.lines, (Lines{"ALICE.0600 out 78 dropped: unknown address",
                                  "BOB.0600 out 78 dropped: unknown address"}));
  TraceChoice choice = of(Frames::dropped);
  choice.userid = "BOB";
  start(choice);
  alice.send({10, 0, 0, 99});
  EXPECT_EQ(records.lines.size(), 2U) << "of this user only";
}

TEST_F(TraceLan, OfAUserAllOfTheNics) {
  TraceChoice choice = of(Frames::of_nic);
  choice.nic.reset();
  start(choice);
  alice.send(bob_ip);
  alice.send(carol_ip);
  EXPECT_EQ(records.lines, Lines{"BOB.0600 in 78"});
}

TEST_F(TraceLan, OfABroadcastThatOneCannotTakeTheRestIsDelivered) {
  bob.port().enable_broadcast(true);
  carol.port().enable_broadcast(true);
  for (unsigned buffer = 0; buffer < 128; ++buffer) bob.memory.set_state(0, buffer, 0x80);
  start();
  alice.send({10, 0, 0, 255});
  EXPECT_EQ(records.lines, Lines{"ALICE.0600 out 78 dropped in part: no empty buffer"});
}

TEST_F(TraceLan, AGuestLanHasNoTrunk) {
  start(of(Frames::trunk));
  alice.send(bob_ip);
  EXPECT_TRUE(records.lines.empty());
}

// Its device number may be that of an uplink of its own right.
TEST_F(TraceLan, AGroupOfUplinksHasItsNameForAnInterface) {
  OutsideUplink uplink;
  uplink.group = "BOND1";
  uplink.join(lan);
  uplink.carry(true);
  start(of(Frames::trunk));
  alice.send({10, 0, 0, 99});
  EXPECT_EQ(records.lines, Lines{"UPLINK.GROUP.BOND1 out 78"});
}

TEST_F(TraceLan, NoMoreIsKeptThanWasAskedFor) {
  TraceChoice choice;
  choice.length = 20;
  start(choice);
  alice.send(bob_ip);
  EXPECT_EQ(records.lines, Lines{"ALICE.0600 out 78"});
  EXPECT_EQ(records.data[0],
            "020000000002"
            "020000000001"
            "0800"
            "450000400000");
  EXPECT_EQ(records.interfaces[0].snap_length, 20U);
}

TEST_F(TraceLan, ItEndsWithItsSinkItsLanOrItsGrantAndSaysSoOnce) {
  records.full = true;
  start();
  alice.send(bob_ip);
  alice.send(bob_ip);
  EXPECT_EQ(ends, std::vector{LanTrace::End::sink_full});
  EXPECT_EQ(trace->recorded(), 0U);
  records.full = false;

  lan.grant("DAVE", {.promiscuous = true});
  TraceChoice choice;
  choice.by_grant_of = "DAVE";
  start(choice);
  alice.send(bob_ip);
  lan.revoke("DAVE");
  alice.send(bob_ip);
  lan.grant("DAVE", {});
  alice.send(bob_ip);
  EXPECT_EQ(records.lines, Lines{"ALICE.0600 out 78"}) << "not one frame more";
  EXPECT_EQ(ends.back(), LanTrace::End::grant_revoked);

  auto other = std::make_unique<Lan>(lan_attributes());
  trace->stop();
  trace->start(*other);
  other.reset();
  EXPECT_EQ(ends.back(), LanTrace::End::lan_gone);
  EXPECT_EQ(ends.size(), 3U);
  EXPECT_FALSE(trace->started());
  alice.send(bob_ip);
}

TEST_F(TraceLan, TwoTracesOfOneLanDoNotDisturbEachOther) {
  start();
  RecordedTrace others;
  {
    LanTrace second(clock, of(Frames::of_nic), others, [](LanTrace::End) {});
    second.start(lan);
    alice.send(bob_ip);
  }
  alice.send(bob_ip);
  EXPECT_EQ(records.lines.size(), 2U);
  EXPECT_EQ(others.lines, Lines{"BOB.0600 in 78"});
  EXPECT_EQ(others.settled, 1U);
  trace->stop();
  alice.send(bob_ip);
  EXPECT_EQ(records.lines.size(), 2U);
}

TEST_F(TraceLan, ARightToTraceIsHisWhoOwnsTheLanOrHasTheGrant) {
  EXPECT_FALSE(may_trace(lan, "BOB"));
  lan.grant("BOB", {});
  EXPECT_FALSE(may_trace(lan, "BOB"));
  lan.grant("BOB", {.promiscuous = true});
  EXPECT_TRUE(may_trace(lan, "BOB"));
  EXPECT_TRUE(may_trace(lan, "SYSTEM"));
}

class TraceEthernet : public ::testing::Test {
 protected:
  TraceEthernet() { bob.memory.empty_input(64); }

  Lan lan{attributes(qdio::Transport::ethernet)};
  Station alice{lan, 1};
  Station bob{lan, 2};
  arch::VirtualClock clock;
  RecordedTrace records;
  LanTrace trace{clock, {}, records, [](LanTrace::End) {}};
};

TEST_F(TraceEthernet, FramesAreAsTheyWereSentASuperFrameWhole) {
  trace.start(lan);
  const auto frame = as_sent({.shape = {.ethernet = true}, .layer2 = true}, payload_of(100));
  alice.send(frame);
  Sending super{.shape = {.ethernet = true}, .layer2 = true};
  super.left = Left::segmentation;
  alice.send(as_sent(super, payload_of(20'000)));
  ASSERT_EQ(records.lines.size(), 2U);
  EXPECT_EQ(records.data[0], to_hex(std::span(frame).subspan(32)));
  EXPECT_EQ(records.lines[1], "USER1.0600 out 20054 super-frame of 14 packets");
}

}  // namespace
}  // namespace vmlan::guestlan
