// What the options of a replay do, each by a trace that shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/replay/replay.h"
#include "apps/replay/test_replay.h"
#include "host/real_clock.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;
using kit::ethernet_frame;
using kit::ip_packet;
using kit::PcapFile;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReplayOption : public ReplayTest {
 protected:
  ReplayOptions options;
};

TEST_F(ReplayOption, AFullQueueOfALinkIsANamedLossAndLatencyIsTold) {
  PcapFile trace;
  for (unsigned i = 0; i < 50; ++i)
    trace.add(udp("10.1.1.1", "10.1.1.2", 980));  // 1000 bytes of IP, all at once
  options.links.nic.bits_per_second = 8'000'000;
  options.links.nic.queue = 9;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("link: queue full"), 40U);
  EXPECT_EQ(count("received, as sent and in order"), 10U);
  EXPECT_THAT(out, Contains(HasSubstr("most 10 ms"))) << "ten packets of a millisecond each";
  EXPECT_THAT(out, Contains("Virtual time: 0.010000 s"));
}

TEST_F(ReplayOption, TheLinkOfALanIsSharedByItsUsers) {
  PcapFile trace;
  for (unsigned user = 1; user <= 4; ++user)
    trace.add(udp("10.1.1." + std::to_string(user), "10.1.1.9", 980));
  options.links.lan.bits_per_second = 8'000'000;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("most 4 ms")));
}

TEST_F(ReplayOption, ASlowReceiverRunsOutOfBuffersAndTheLanSaysSo) {
  PcapFile trace;
  for (unsigned i = 0; i < 100; ++i) trace.add(udp("10.1.1.1", "10.1.1.2"), 0, i);
  options.links.service_time = 1s;
  options.buffers = 8;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("dropped by the LAN: no empty buffer"), 92U);
  EXPECT_EQ(count("received, as sent and in order"), 8U);
}

TEST_F(ReplayOption, HiperSocketsMakeTheSenderWaitInstead) {
  PcapFile trace;
  for (unsigned i = 0; i < 100; ++i) trace.add(udp("10.1.1.1", "10.1.1.2"), 0, i);
  const kit::TemporaryFile commands("vmlan-option-hipers",
                                    "* a comment\nDEFINE LAN REPLAY OWNERID SYSTEM TYPE HIPERS MFS 16K\n");
  options.commands = commands.path();
  options.links.service_time = 1ms;
  options.buffers = 8;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("received, as sent and in order"), 100U);
  EXPECT_GT(count("pauses of senders, HiperSockets"), 0U);
}

TEST_F(ReplayOption, ACommandThatFailsIsNamedWithItsLine) {
  const kit::TemporaryFile commands("vmlan-option-wrong", "\nDEFINE NONSENSE\n");
  options.commands = commands.path();
  EXPECT_EQ(replay(PcapFile().add(udp("10.1.1.1", "10.1.1.2")).bytes, options), ExitCode::usage);
  EXPECT_THAT(errors, Contains(HasSubstr(":2: HCP")));
}

TEST_F(ReplayOption, TheMappingGroupsAndIgnores) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.2.1.1")).add(udp("10.1.1.2", "10.2.1.1")).add(udp("10.1.1.1", "10.1.1.2"));
  trace.add(udp("10.9.1.1", "10.2.1.1")).add(udp("10.2.1.1", "10.9.1.1")).add(udp("10.2.1.1", "10.3.1.1"));
  const kit::TemporaryFile map("vmlan-option-map",
                               "USER WEB 10.1.0.0/16\nIGNORE 10.9.0.0/16\nLAN OTHER 10.3.0.0/16\n");
  options.mapping = map.path();
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("received, as sent and in order"), 2U);
  EXPECT_EQ(count("dropped by the LAN: own address"), 1U) << "from one address of WEB to another";
  EXPECT_EQ(count("not sent: ignored by the mapping"), 2U);
  EXPECT_EQ(count("dropped by the LAN: unknown address"), 1U) << "no router between the LANs";
  EXPECT_THAT(out, Contains(HasSubstr("SYSTEM REPLAY, SYSTEM OTHER")));
}

TEST_F(ReplayOption, AWrongMappingIsNamedWithItsLine) {
  const kit::TemporaryFile map("vmlan-option-map", "USER WEB\n");
  options.mapping = map.path();
  EXPECT_EQ(replay(PcapFile().bytes, options), ExitCode::usage);
  EXPECT_THAT(errors, Contains(HasSubstr(":1: no address")));
}

TEST_F(ReplayOption, VlansCanBeKeptApart) {
  const auto packet = ip_packet("10.1.1.1", "10.1.1.2", 30);
  PcapFile trace;
  trace.add(ethernet_frame(packet, "8100 000a 0800")).add(ethernet_frame(packet, "8100 0014 0800"));
  options.apart_by_vlan = true;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("Users: 4 ")));
  EXPECT_THAT(out, Contains(HasSubstr("SYSTEM VLAN0010, SYSTEM VLAN0020")));
  EXPECT_EQ(count("received, as sent and in order"), 2U);
  EXPECT_EQ(replay(trace.bytes, {}), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("Note: 2 addresses are in several VLANs")));
}

TEST_F(ReplayOption, WhoComesNearTheLimitOfUsersIsToldInTime) {
  PcapFile trace;
  for (unsigned i = 0; i < 50; ++i) trace.add(udp("10.1.1." + std::to_string(i), "10.1.1.1"));
  options.max_users = 40;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, Contains(HasSubstr("VMLRPL506W")));
  EXPECT_EQ(count("not sent: more sources than users"), 10U);
}

TEST_F(ReplayOption, FramesLeaveAsTheyAreFromTheirMacAddresses) {
  const auto hex = [](const char* text) { return kit::text_of(kit::from_hex(text)); };
  PcapFile trace;
  trace.add(hex("020000000002 020000000001 0806 0001080006040001") + std::string(38, 'a'));
  trace.add(hex("ffffffffffff 020000000001 0806 0001080006040001") + std::string(38, 'b'));
  trace.add(hex("020000000001 020000000002 8100 0064 0800 4500") + std::string(60, 'c'));
  trace.add(hex("0180c2000000 020000000003 0026 424203") + std::string(43, 'd'));
  options.judge.frames = true;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(out, Contains(HasSubstr("Users: 3 (3 MAC addresses")));
  EXPECT_EQ(count("received, as sent and in order"), 3U) << "of the broadcast one: the third user came later";
  EXPECT_EQ(count("dropped by the LAN: no receiver"), 1U) << "the spanning tree's group";
}

TEST_F(ReplayOption, WhoReportsAGroupIsInIt) {
  const auto report = ip_packet("10.1.1.2", "239.1.1.1", 0).substr(0, 20);
  auto igmp = report + kit::text_of(kit::from_hex("1600 0000 ef010101"));
  igmp[3] = 28;
  igmp[9] = 2;
  PcapFile trace;
  trace.add(udp("10.1.1.1", "239.1.1.1"));
  trace.add(ethernet_frame(igmp));
  trace.add(udp("10.1.1.1", "239.1.1.1"));
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("received, as sent and in order"), 1U);
  EXPECT_EQ(count("dropped by the LAN: no receiver"), 2U) << "before, and the report itself";
}

TEST_F(ReplayOption, APartOfATraceCanBeChosen) {
  PcapFile trace;
  for (unsigned i = 0; i < 10; ++i) trace.add(udp("10.1.1.1", "10.1.1.2"), 0, i * 1'000'000);
  options.from = 2s;
  options.to = 5s;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 3U);
  EXPECT_EQ(count("not sent: outside --from and --to"), 7U);
  options = {};
  options.first = 4;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(count("Records in the trace"), 4U);
}

TEST_F(ReplayOption, AFilterIsAskedInTcpdumpsLanguage) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.1.1.2")).add(udp("10.1.1.3", "10.1.1.2"));
  options.filter = "src host 10.1.1.3";
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 1U);
  EXPECT_EQ(count("not sent: filtered out"), 1U);
  options.filter = "nonsense nonsense";
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::usage);
}

TEST_F(ReplayOption, WhatWasCutOffCanBeFilledWithZeros) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.1.1.2", 500), 400);
  options.judge.pad = true;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(count("padded to their length on the wire"), 1U);
  EXPECT_EQ(count("received, as sent and in order"), 1U);
}

TEST_F(ReplayOption, ATraceCanBeRepeatedWithOtherAddresses) {
  PcapFile trace;
  trace.add(udp("192.0.2.1", "192.0.2.2"), 0, 0).add(udp("192.0.2.2", "192.0.2.1"), 0, 1'000'000);
  options.loop = 3;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("Users: 2 ")));
  EXPECT_THAT(out, Contains("Virtual time: 3.000000 s"));
  options.rewrite = true;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(out, Contains(HasSubstr("Users: 6 ")));
  EXPECT_EQ(count("received, as sent and in order"), 6U);
}

TEST_F(ReplayOption, TracesAreMergedByTheirTimes) {
  const kit::TemporaryFile other("vmlan-option-other",
                                 PcapFile().add(udp("10.1.1.2", "10.1.1.1"), 0, 500'000).bytes);
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.1.1.2"), 0, 0).add(udp("10.1.1.1", "10.1.1.2"), 0, 1'000'000);
  options.traces = {other.path()};
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 3U);
  EXPECT_THAT(out, Contains("Virtual time: 1.000000 s")) << "nothing is late";
}

TEST_F(ReplayOption, UnderARealClockPacketsWaitForTheirTimes) {
  PcapFile trace;
  for (unsigned i = 0; i < 5; ++i) trace.add(udp("10.1.1.1", "10.1.1.2"), 0, i * 20'000);
  options.clock = ClockKind::real;
  const host::RealClock stopwatch;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_GE(stopwatch.now(), 80ms);
  EXPECT_EQ(count("received, as sent and in order"), 5U);
  EXPECT_THAT(out, Contains(HasSubstr("Lateness of departures: median")));
}

TEST_F(ReplayOption, ALongTcpPacketCanBeCutToAnMtu) {
  auto packet = ip_packet("10.1.1.1", "10.1.1.2", 4000);
  packet[9] = 6;
  packet[20 + 12] = '\x50';
  PcapFile trace;
  trace.add(ethernet_frame(packet));
  options.judge.mtu = 1500;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("received, as sent and in order"), 3U);
  EXPECT_EQ(count("more by cutting to the MTU"), 2U);
}

}  // namespace
}  // namespace vmlan::apps
