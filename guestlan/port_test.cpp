// A port that registers nothing, as an uplink or a capture is one: what any port owes its LAN and gets from
// it.
#include "guestlan/port.h"

#include <gtest/gtest.h>

#include "guestlan/lan.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/recording_sink.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;

class Tap final : public Port {
 public:
  explicit Tap(FrameSink* sink) : Port({"TAP", {0x0900}, {{2, 0, 0, 0, 0, 0x99}}}) { give_to(sink); }
  ~Tap() override { leave(); }
  void address_taken(const wire::IpAddress&, const Port&) override {}
  void start(bool on) { set_active(on); }
  unsigned forgotten = 0;

 private:
  void forget_registrations() override { ++forgotten; }
};

class TapOnLan : public ThreeLanUsers {
 protected:
  RecordingSink sink;
  Tap tap{&sink};
};

TEST_F(TapOnLan, IsWhoItSaysAndTakesNothingByDefault) {
  EXPECT_EQ(tap.owner(), "TAP");
  EXPECT_EQ(tap.device_number().value, 0x0900);
  EXPECT_EQ(tap.station_mac(), (wire::MacAddress{{2, 0, 0, 0, 0, 0x99}}));
  EXPECT_EQ(tap.sink(), &sink);
  EXPECT_EQ(tap.queues(), nullptr);
  EXPECT_EQ(tap.lan(), nullptr);
  EXPECT_FALSE(tap.active());
  EXPECT_FALSE(tap.broadcast_enabled());
  EXPECT_FALSE(tap.promiscuous());
  EXPECT_FALSE(tap.lossless());
  EXPECT_FALSE(tap.whole_super_frames());
  EXPECT_FALSE(tap.inbound_checksum(wire::IpVersion::v4));
  EXPECT_FALSE(tap.inbound_checksum(wire::IpVersion::v6));
}

TEST_F(TapOnLan, HearsAsLongAsItListensThere) {
  tap.listen(true);
  EXPECT_TRUE(tap.promiscuous());
  tap.listen(false);
  tap.join(lan);
  EXPECT_EQ(tap.lan(), &lan);
  EXPECT_TRUE(lan.promiscuous_ports().empty());
  tap.listen(true);
  alice.send(bob_ip);
  EXPECT_EQ(sink.given, 1U);
  EXPECT_EQ(sink.published, 1U);
  tap.leave();
  EXPECT_FALSE(tap.promiscuous());
  EXPECT_EQ(tap.lan(), nullptr);
  EXPECT_EQ(tap.forgotten, 1U);
  EXPECT_TRUE(lan.promiscuous_ports().empty());
  alice.send(bob_ip);
  EXPECT_EQ(sink.given, 1U);
  tap.leave();
  EXPECT_EQ(tap.forgotten, 1U) << "it has left";
  alice.port().publish();
}

TEST_F(TapOnLan, IsActiveOnALanOnly) {
  tap.start(true);
  EXPECT_FALSE(tap.active());
  tap.join(lan);
  EXPECT_FALSE(tap.active());
  tap.start(true);
  tap.start(true);
  EXPECT_TRUE(tap.active());
  EXPECT_EQ(lan.active_ports().size(), 4U);
  EXPECT_EQ(lan.active_ports().back(), &tap);
  tap.leave();
  EXPECT_FALSE(tap.active());
  EXPECT_EQ(lan.active_ports().size(), 3U);
  tap.publish();
  tap.join(lan);
  EXPECT_FALSE(tap.active()) << "it has to start again";
}

TEST_F(TapOnLan, APortThatStartsAgainKeepsItsPlace) {
  ASSERT_EQ(alice.port().start_lan(), qdio::IpaCode::success);
  EXPECT_EQ(lan.active_ports(), (PortList{&alice.port(), &bob.port(), &carol.port()}));
}

TEST_F(TapOnLan, OfQueuesAndASinkThereAreTheQueuesAreUsedAndTold) {
  bob.port().remote_queues(&sink);
  alice.send(bob_ip, 0x31);
  EXPECT_EQ(bob.receive(), 0x31);
  EXPECT_EQ(bob.interrupts, 1U);
  EXPECT_EQ(sink.given, 0U);
  EXPECT_EQ(sink.published, 0U);
}

TEST_F(TapOnLan, WhatItWasGivenIsToldWhenItLeaves) {
  const auto bytes = ipv4_packet(alice_ip, bob_ip, 64);
  qdio::Frame frame;
  frame.segments = 1;
  frame.segment[0] = {bytes.data(), static_cast<std::uint32_t>(bytes.size())};
  ASSERT_TRUE(qdio::judge(frame));
  tap.join(lan);
  tap.listen(true);
  alice.port().transmit(frame);
  EXPECT_EQ(sink.published, 0U);
  tap.leave();
  EXPECT_EQ(sink.published, 1U);
  EXPECT_EQ(bob.interrupts, 1U);
}

TEST_F(TapOnLan, APacketThatNeverWasOneIsSentMalformedAndAnError) {
  tap.count_malformed(3);
  EXPECT_EQ(tap.counters().tx_packets, 3U);
  EXPECT_EQ(tap.counters().tx_errors, 3U);
  EXPECT_EQ(tap.counters().dropped[static_cast<std::size_t>(Drop::malformed)], 3U);
  EXPECT_EQ(tap.counters().tx_discarded(), 3U);
  EXPECT_EQ(tap.counters().tx_bytes, 0U);
}

}  // namespace
}  // namespace vmlan::guestlan
