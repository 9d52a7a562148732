#include "apps/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/replay/test_replay.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using kit::ethernet_frame;
using kit::ip_packet;
using kit::PcapFile;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Replay : public ReplayTest {};

TEST_F(Replay, DeliversWhatIsMeantForItsUsers) {
  PcapFile trace;
  for (unsigned i = 0; i < 300; ++i) {
    trace.add(udp("10.1.1.1", "10.1.1.2", i * 4, i));
    trace.add(udp("10.1.1.2", "10.1.1.1", 1400 - i, i));
  }
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(out, Contains(HasSubstr("Users: 2 (2 IPv4, 0 IPv6;")));
  EXPECT_EQ(count("Records in the trace"), 600U);
  EXPECT_EQ(count("received, as sent and in order"), 600U);
  EXPECT_THAT(out, Contains("Sum: 600 = 600 received + 0 under the names above"));
}

TEST_F(Replay, PrintsTheSameBytesInEveryRun) {
  PcapFile trace;
  for (unsigned i = 0; i < 50; ++i) trace.add(udp("10.1.1.1", "10.1.1.2", i, i), 0, i * 1'000'000);
  replay(trace.bytes);
  const auto first = out;
  replay(trace.bytes);
  EXPECT_EQ(out, first);
  EXPECT_THAT(out, Contains("Virtual time: 49.000000 s"));
}

TEST_F(Replay, ReadsPcapngAndIpv6) {
  kit::PcapngFile trace;
  trace.add(udp("fe80::1", "fe80::2", 100)).add(udp("fe80::2", "fe80::1", 0)).add(udp("fe80::2", "ff02::1"));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("Users: 2 (0 IPv4, 2 IPv6;")));
  EXPECT_EQ(count("received, as sent and in order"), 2U);
  EXPECT_EQ(count("dropped by the LAN: no receiver"), 1U);
}

TEST_F(Replay, NamesWhatTheLanDrops) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.9.9.9"));
  trace.add(udp("10.1.1.1", "10.1.1.1"));
  trace.add(udp("10.1.1.1", "224.0.0.1"));
  trace.add(udp("10.1.1.1", "255.255.255.255"));
  ReplayOptions options;
  options.survey = options.senders_only = true;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(count("dropped by the LAN: unknown address"), 1U);
  EXPECT_EQ(count("dropped by the LAN: own address"), 1U);
  EXPECT_EQ(count("dropped by the LAN: no receiver"), 2U);
  EXPECT_THAT(out, Contains("Sum: 4 = 0 received + 4 under the names above"));
}

TEST_F(Replay, WhoeverIsSentToIsAUserAlsoIfItNeverSends) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.9.9.9")).add(udp("10.1.1.1", "10.9.9.9")).add(udp("10.1.1.2", "10.1.1.1"));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("Users: 3 (3 IPv4, 0 IPv6; 2 send)")));
  EXPECT_EQ(count("received, as sent and in order"), 3U);
}

// What was foreseen of the first two is true as long as they leave before the third's receiver comes.
TEST_F(Replay, WhoComesWhilePacketsWaitGetsNoneOfThem) {
  auto to_everybody = udp("10.1.1.1", "10.1.1.9");
  to_everybody.replace(0, 6, "\xff\xff\xff\xff\xff\xff");
  PcapFile trace;
  trace.add(to_everybody).add(to_everybody).add(udp("10.1.1.1", "10.1.1.9"));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(count("dropped by the LAN: unknown address"), 2U);
  EXPECT_EQ(count("received, as sent and in order"), 1U);
}

TEST_F(Replay, NamesWhatCannotBeSent) {
  const auto hex = [](const char* text) { return kit::text_of(kit::from_hex(text)); };
  const auto good = udp("10.1.1.1", "10.1.1.2", 60);
  auto short_header = good;
  short_header[14] = '\x41';
  auto too_long = good;
  too_long[16] = '\x10';
  PcapFile trace;
  trace.add(good);
  trace.add(good, 10);  // cut by the one who captured
  trace.add(short_header).add(too_long);
  trace.add(ethernet_frame("", "0806") + hex("0001"));
  trace.add(ethernet_frame("", "0026") + hex("424203"));
  trace.add(ethernet_frame("", "88cc") + hex("00"));
  trace.add(ethernet_frame("", "1234") + hex("00"));
  trace.add(hex("0200"));
  trace.add(udp("0.0.0.0", "255.255.255.255"));
  trace.add(udp("224.0.0.9", "10.1.1.1"));
  trace.add(udp("::", "ff02::1"));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("sent"), 1U);
  EXPECT_EQ(count("not sent: truncated record"), 1U);
  EXPECT_EQ(count("not sent: malformed IP packet"), 2U);
  EXPECT_EQ(count("not sent: malformed frame"), 1U);
  EXPECT_EQ(count("not sent: not IP: ARP"), 1U);
  EXPECT_EQ(count("not sent: not IP: IEEE 802.3 LLC"), 1U);
  EXPECT_EQ(count("not sent: not IP: LLDP"), 1U);
  EXPECT_EQ(count("not sent: not IP: other protocol"), 1U);
  EXPECT_EQ(count("not sent: source address not usable"), 3U);
  EXPECT_THAT(out, Contains("Sum: 12 = 1 received + 11 under the names above"));
}

TEST_F(Replay, LeavesPaddingAndTagsBehind) {
  const auto packet = ip_packet("10.1.1.1", "10.1.1.2", 10);
  PcapFile trace;
  trace.add(ethernet_frame(packet, "8100 0064 0800") + std::string(16, 'p'));
  trace.add(ethernet_frame(packet, "88a8 0064 8100 0065 0800"));
  trace.add(udp("10.1.1.2", "10.1.1.1"));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 3U);
}

TEST_F(Replay, CarriesFragmentsAsTheyAre) {
  auto first = ip_packet("10.1.1.1", "10.1.1.2", 1480, 1);
  auto second = ip_packet("10.1.1.1", "10.1.1.2", 100, 2);
  first[6] = '\x20';
  second[7] = '\xb9';
  PcapFile trace(kit::link_raw);
  trace.add(first).add(second).add(ip_packet("10.1.1.2", "10.1.1.1", 8));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 3U);
}

TEST_F(Replay, CarriesTheLargestFrameAndNamesLongerOnes) {
  PcapFile trace(kit::link_raw);
  trace.add(ip_packet("10.1.1.1", "10.1.1.2", 65504 - 20));
  trace.add(ip_packet("10.1.1.1", "10.1.1.2", 65505 - 20));
  trace.add(ip_packet("10.1.1.2", "10.1.1.1", 65535 - 20));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 1U);
  EXPECT_EQ(count("not sent: longer than the largest frame"), 2U);
}

TEST_F(Replay, CountsSourcesBeyondTheLimit) {
  PcapFile trace;
  for (unsigned host = 1; host <= 5; ++host) trace.add(udp("10.1.1." + std::to_string(host), "10.1.1.1"));
  ReplayOptions options;
  options.max_users = 3;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("Users: 3 ")));
  EXPECT_EQ(count("not sent: more sources than users"), 2U);
  EXPECT_EQ(count("received, as sent and in order"), 2U);
}

TEST_F(Replay, AnyBatchGivesTheSameBooks) {
  PcapFile trace;
  for (unsigned i = 0; i < 400; ++i) {
    trace.add(udp("10.1.1." + std::to_string(1 + i / 40 % 3), "10.1.1." + std::to_string(1 + i % 4), i, i));
  }
  ReplayOptions options;
  replay(trace.bytes, options);
  const auto expected = out;
  for (const unsigned batch : {1U, 2U, 7U, 128U}) {
    options.batch = batch;
    EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
    EXPECT_EQ(out, expected) << batch;
  }
}

// Where the LAN is asked of each packet none waits for another.
TEST_F(Replay, HoweverManyBatchesWaitTheBooksAreTheSame) {
  PcapFile trace;
  for (unsigned i = 0; i < 3000; ++i) {
    const auto host = [](unsigned number) { return "10.1.1." + std::to_string(1 + number % 200); };
    const auto to = i % 50 == 0 ? "255.255.255.255" : i % 70 == 0 ? "10.9.9.9" : host(i * 13);
    trace.add(udp(host(i * 7), to, i % 90 == 0 ? 20'000 : i % 1400, i), 0, i * 10);
  }
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  const auto expected = out;
  const kit::TemporaryFile commands("vmlan-replay-commands", "QUERY VMLAN\n");
  ReplayOptions options;
  options.commands = commands.path();
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(out, expected);
}

TEST_F(Replay, EachPacketLeavesAtItsOwnTime) {
  PcapFile trace;
  trace.add(udp("10.1.1.2", "10.1.1.1"));
  for (unsigned i = 0; i < 100; ++i) trace.add(udp("10.1.1.1", "10.1.1.2", i, i), 0, i * 3000);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_THAT(errors, IsEmpty()) << "none left late, which the trace does not explain";
  EXPECT_EQ(count("received, as sent and in order"), 101U);
  EXPECT_THAT(out, Not(Contains(HasSubstr("after their time"))));
}

TEST_F(Replay, WhatIsRecordedOutOfOrderLeavesLateAndIsNamed) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.1.1.2"), 0, 5'000'000);
  trace.add(udp("10.1.1.1", "10.1.1.2"), 0, 2'000'000);
  trace.add(udp("10.1.1.2", "10.1.1.1"), 0, 4'500'000);
  trace.add(udp("10.1.1.2", "10.1.1.1"), 0, 6'000'000);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_THAT(out, Contains(HasSubstr("after their time, by 3.000000 s at most")));
  EXPECT_THAT(out, Contains("Virtual time: 1.000000 s"));
}

// Segmentation offload: the adapter would have cut it, the capture was taken before.
TEST_F(Replay, ALengthOfZeroIsTheRecordsOrHasAName) {
  auto v4 = ip_packet("10.1.1.1", "10.1.1.2", 3000);
  v4[2] = v4[3] = 0;
  v4[9] = 6;
  auto v6 = ip_packet("fd00::1", "fd00::2", 3000);
  v6[4] = v6[5] = 0;
  v6[6] = 6;
  auto nothing_tells = v6;
  nothing_tells[6] = 58;
  PcapFile trace(kit::link_raw);
  trace.add(ip_packet("10.1.1.2", "10.1.1.1", 8)).add(ip_packet("fd00::2", "fd00::1", 8));
  trace.add(v4).add(v6).add(nothing_tells).add(v6, 100);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 4U);
  EXPECT_EQ(count("not sent: IP length 0"), 1U);
  EXPECT_EQ(count("not sent: truncated record"), 1U);
}

TEST_F(Replay, AJumbogramHasTheLengthOfItsOption) {
  auto jumbo = ip_packet("fd00::1", "fd00::2", 3000);
  jumbo[4] = jumbo[5] = 0;
  jumbo[6] = 0;
  jumbo.replace(40, 8, kit::text_of(kit::from_hex("0600c20400000bb8")));  // RFC 2675
  PcapFile trace(kit::link_raw);
  trace.add(ip_packet("fd00::2", "fd00::1", 8)).add(jumbo + "not of the packet");
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 2U);
}

TEST_F(Replay, InterfacesOfOneFileMayDiffer) {
  kit::PcapngFile trace;
  std::string raw;
  kit::append16(raw, kit::link_raw);
  kit::append16(raw, 0);
  kit::append32(raw, 64);
  trace.add(udp("10.1.1.2", "10.1.1.1")).add_block(1, raw);
  trace.add(ip_packet("10.1.1.1", "10.1.1.2", 20), 0, 1);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 2U);
  EXPECT_THAT(out, Contains(HasSubstr("(EN10MB, RAW)")));
}

TEST_F(Replay, ReportsADamagedFileAndGoesOnWithWhatItRead) {
  const auto whole = PcapFile().add(udp("10.1.1.1", "10.1.1.2")).add(udp("10.1.1.2", "10.1.1.1")).bytes;
  EXPECT_EQ(replay(whole.substr(0, whole.size() - 5)), ExitCode::failure);
  EXPECT_THAT(out.front(), HasSubstr("read 104 of 179 bytes: 1 records, then the file ends in the middle"));
  EXPECT_EQ(count("not sent: unreadable record"), 1U);
  EXPECT_THAT(out, Contains("Sum: 2 = 1 received + 1 under the names above"));
  EXPECT_THAT(errors, Contains(HasSubstr("VMLRPL502W")));
}

TEST_F(Replay, AnEmptyTraceIsATrace) {
  EXPECT_EQ(replay(PcapFile().bytes), ExitCode::success);
  EXPECT_THAT(out, Contains("Sum: 0 = 0 received + 0 under the names above"));
}

TEST_F(Replay, CountsAnUnknownLinkType) {
  EXPECT_EQ(replay(PcapFile(147).add("xxxx").bytes), ExitCode::success);
  EXPECT_EQ(count("not sent: link type not supported"), 1U);
}

TEST_F(Replay, RefusesWhatIsNoTrace) {
  EXPECT_EQ(replay("This is a text."), ExitCode::usage);
  EXPECT_THAT(errors, Contains(HasSubstr("VMLRPL501E")));
  ReplayOptions options;
  options.traces = {"/nonexistent.pcap"};
  EXPECT_EQ(replay_paths(options), ExitCode::usage);
}

TEST_F(Replay, TwoThousandUsersShareALan) {
  PcapFile trace;
  const auto host = [](unsigned number) {
    return "10.1." + std::to_string(number / 256) + "." + std::to_string(number % 256);
  };
  for (unsigned i = 0; i < 2000; ++i) trace.add(udp(host(i), host((i * 7 + 1) % 2000)));
  EXPECT_EQ(replay(trace.bytes), ExitCode::success);
  EXPECT_EQ(count("received, as sent and in order"), 2000U);
}

}  // namespace
}  // namespace vmlan::apps
