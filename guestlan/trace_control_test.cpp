// What a trace keeps of control channels: whose, which way, and what it does not show without being asked or
// to whom it is none of.
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "guestlan/trace_lan.h"
#include "qdio/adapter/idx.h"
#include "tests/kit/hex.h"
#include "tests/kit/lan_user.h"
#include "tests/kit/recorded_trace.h"

namespace vmlan::guestlan {
namespace {

using namespace kit;
using Frames = TraceChoice::Frames;
using Lines = std::vector<std::string>;

class TraceControl : public ThreeLanUsers, public qdio::ControlReplies {
 protected:
  TraceControl() {
    alice.nic.attach(*this);
    bob.nic.attach(*this);
  }
  void start(TraceChoice choice) {
    trace = std::make_unique<LanTrace>(clock, std::move(choice), records,
                                       [this](LanTrace::End why) { ends.push_back(why); });
    trace->start(lan);
  }
  static TraceChoice control() {
    TraceChoice choice;
    choice.control = true;
    choice.length = 64;
    return choice;
  }
  static qdio::Message idx(std::uint16_t data_device) {
    qdio::IdxMessage message;
    message.channel = qdio::idx_channel::read_request;
    const std::array path{qdio::IdxDataPath{data_device, 0, static_cast<std::uint8_t>(data_device)}};
    return qdio::to_message(message, path);
  }
  void reply(unsigned, qdio::Message message) override { heard.push_back(std::move(message)); }

  arch::VirtualClock clock;
  RecordedTrace records;
  std::vector<LanTrace::End> ends;
  std::vector<qdio::Message> heard;
  std::unique_ptr<LanTrace> trace;
};

TEST_F(TraceControl, EachMessageIsOnAnInterfaceOfItsOwnBothWays) {
  start(control());
  const auto request = idx(0x602);
  alice.nic.send(0, request);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(records.lines, (Lines{"ALICE.0600 control out 34", "ALICE.0600 control in 34"}));
  EXPECT_EQ(records.data, (Lines{to_hex(request), to_hex(heard[0])}));
  EXPECT_EQ(records.interfaces[0].link, TraceSink::Link::control);
  EXPECT_EQ(records.interfaces[0].snap_length, 0U) << "whole, whatever is kept of a frame";
  EXPECT_EQ(records.interfaces[0].description, "LAN SYSTEM LAN1");
  bob.send(carol_ip);
  EXPECT_EQ(records.lines.back(), "BOB.0600 out 78");
  EXPECT_EQ(records.interfaces[1].link, TraceSink::Link::ethernet);
  EXPECT_EQ(trace->recorded(), 3U);
}

TEST_F(TraceControl, ARefusalIsShownToo) {
  start(control());
  alice.nic.send(0, idx(0x1234));
  EXPECT_EQ(records.lines, (Lines{"ALICE.0600 control out 34", "ALICE.0600 control in 34"}));
}

TEST_F(TraceControl, NothingWithoutBeingAskedNorOfOthersNorWhileUncoupled) {
  start({});
  alice.nic.send(0, idx(0x602));
  EXPECT_EQ(records.lines, Lines{});
  trace->stop();

  TraceChoice of_bob = control();
  of_bob.frames = Frames::of_nic;
  of_bob.userid = "BOB";
  of_bob.nic = {0x600};
  start(of_bob);
  alice.nic.send(0, idx(0x602));
  EXPECT_EQ(records.lines, Lines{});
  bob.nic.send(0, idx(0x602));
  EXPECT_EQ(records.lines.size(), 2U);
  bob.nic.uncouple();
  bob.nic.send(0, idx(0x602));
  EXPECT_EQ(records.lines.size(), 2U);
  EXPECT_EQ(heard.size(), 4U) << "the guest is answered all the same";
}

TEST_F(TraceControl, ARevokedGrantEndsItBeforeTheNextMessage) {
  TraceChoice choice = control();
  choice.by_grant_of = "DAVE";
  lan.grant("DAVE", {.promiscuous = true});
  start(choice);
  alice.nic.send(0, idx(0x602));
  lan.revoke("DAVE");
  alice.nic.send(0, idx(0x602));
  EXPECT_EQ(records.lines.size(), 2U);
  EXPECT_EQ(ends, std::vector{LanTrace::End::grant_revoked});
}

TEST_F(TraceControl, ASinkThatTakesNothingMoreEndsItAndTheGuestIsAnswered) {
  records.full = true;
  start(control());
  alice.nic.send(0, idx(0x602));
  EXPECT_EQ(ends, std::vector{LanTrace::End::sink_full}) << "told once";
  EXPECT_EQ(heard.size(), 1U);
}

}  // namespace
}  // namespace vmlan::guestlan
