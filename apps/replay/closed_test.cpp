// The closed loop from end to end: a trace in, users with stacks, and what the report says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/replay/compare.h"
#include "apps/replay/replay.h"
#include "tests/kit/tcp_talk.h"

namespace vmlan::apps {
namespace {

using kit::TcpTalk;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class Closed : public testing::Test {
 protected:
  ExitCode replay(const std::string& contents, ReplayOptions options = {}) {
    out.clear();
    errors.clear();
    const kit::TemporaryFile file(
        std::string("vmlan-closed-") + testing::UnitTest::GetInstance()->current_test_info()->name(),
        contents);
    options.traces = {file.path()};
    options.rate = false;
    options.closed = true;
    options.buffers = buffers;
    return replay_trace(options, {[this](std::string_view line) { out.emplace_back(line); },
                                  [this](std::string_view line) { errors.emplace_back(line); }});
  }
  // A request and its answer, from `at` microseconds on.
  void talk(TcpTalk& both, std::uint32_t at, std::size_t request, std::size_t answer,
            unsigned last = TcpTalk::fin) {
    const auto add = [&](const std::string& packet) {
      trace.add(tag_and_type.empty() ? packet : kit::ethernet_frame(packet, tag_and_type), 0, at);
      at += 100;
    };
    add(both.from_client(TcpTalk::syn));
    add(both.from_server(TcpTalk::syn | TcpTalk::ack));
    add(both.from_client(TcpTalk::ack));
    for (std::size_t done = 0; done < request; done += 1000)
      add(both.from_client(TcpTalk::ack, text(std::min<std::size_t>(1000, request - done), done)));
    at += 50'000;
    for (std::size_t done = 0; done < answer; done += 1000)
      add(both.from_server(TcpTalk::ack, text(std::min<std::size_t>(1000, answer - done), done)));
    if (last == 0) return;
    add(both.from_client(TcpTalk::ack | last));
    if (last == TcpTalk::fin) add(both.from_server(TcpTalk::ack | TcpTalk::fin));
  }
  static std::string text(std::size_t length, std::size_t seed) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>((i + seed) * 2654435761U >> 24U);
    return bytes;
  }
  std::string report() const {
    std::string all;
    for (const auto& line : out) all += line + "\n";
    return all;
  }

  unsigned buffers = 64;
  std::string tag_and_type;  // of the frames; empty: there are only packets
  std::vector<std::string> out;
  std::vector<std::string> errors;
  TcpTalk one{{"10.0.0.1", 1000, 100}, {"10.0.0.2", 80, 0xfffffff0}};
  TcpTalk two{{"2001:db8::1", 1000, 1}, {"2001:db8::2", 80, 1}};
  kit::PcapFile trace{kit::link_raw};
};

TEST_F(Closed, PlaysAConnectionAndVerifiesEveryByte) {
  talk(one, 0, 3000, 200'000);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success) << report();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(out, Contains("Closed loop: 1 TCP connections played by 2 stacks, 1 ended as in the trace"));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +203000$")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("segments sent again +0$")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("not sent: played by stacks +[0-9]+$")));
}

TEST_F(Closed, PlaysIpv6AndConnectionsThatAreResetOrLeftOpen) {
  talk(two, 0, 500, 5000, TcpTalk::rst);
  TcpTalk open{{"2001:db8::2", 1001, 1}, {"2001:db8::1", 80, 1}};
  talk(open, 200'000, 700, 6000, 0);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success) << report();
  EXPECT_THAT(out, Contains("Closed loop: 2 TCP connections played by 2 stacks, 2 ended as in the trace"));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +12200$")));
}

TEST_F(Closed, SaysWhatALossyAndSlowWayCosts) {
  talk(one, 0, 3000, 500'000);
  ReplayOptions options;
  options.links.nic = std::get<LinkSettings>(parse_link_settings("rate=10M delay=20ms loss=1%"));
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success) << report();
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +503000$")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("segments sent again +[1-9]")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("link: lost +[1-9]")));
  const auto first = out;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_EQ(out, first);
  options.seed = 2;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  EXPECT_NE(out, first);
}

TEST_F(Closed, RepairsWhatFindsNoBuffer) {
  talk(one, 0, 3000, 300'000);
  ReplayOptions options;
  options.pace.by = Pace::By::at_once;
  buffers = 8;
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success) << report();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(out, Contains(testing::ContainsRegex("dropped by the LAN: no empty buffer +[1-9]")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +303000$")));
}

TEST_F(Closed, LeavesTheRestToTheOpenLoop) {
  TcpTalk middle{{"10.0.0.1", 1, 5}, {"10.0.0.2", 80, 7}};
  trace.add(middle.from_client(TcpTalk::ack, "abc"), 0, 0);
  talk(one, 10, 3000, 20'000);
  trace.add(kit::ip_packet("10.0.0.1", "10.0.0.2", 30), 0, 20'000);
  trace.add(middle.from_server(TcpTalk::ack, "def"), 0, 30'000);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success) << report();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(out, Contains(testing::ContainsRegex("received, as sent and in order +3$")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("left: joined in the middle +1 +6 bytes$")));
  EXPECT_THAT(out, Contains("Closed loop: 1 TCP connections played by 2 stacks, 1 ended as in the trace"));
}

TEST_F(Closed, PlaysWhatFollowsBetweenTheSamePorts) {
  talk(one, 0, 100, 1000);
  TcpTalk again{{"10.0.0.1", 1000, 0x5000}, {"10.0.0.2", 80, 0x9000}};
  talk(again, 2'000'000, 200, 3000);
  EXPECT_EQ(replay(trace.bytes), ExitCode::success) << report();
  EXPECT_THAT(out, Contains("Closed loop: 2 TCP connections played by 2 stacks, 2 ended as in the trace"));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +4300$")));
}

TEST_F(Closed, ReportsItForPrograms) {
  talk(one, 0, 3000, 20'000);
  TcpTalk middle{{"10.0.0.1", 1, 5}, {"10.0.0.2", 80, 7}};
  trace.add(middle.from_client(TcpTalk::ack, "abc"), 0, 900'000);
  const kit::TemporaryFile file("vmlan-closed.json", "");
  ReplayOptions options;
  options.json = file.path();
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success) << report();
  std::ifstream stream(file.path());
  const auto closed = nlohmann::json::parse(stream).at("closed");
  EXPECT_EQ(closed.at("connections"), 1);
  EXPECT_EQ(closed.at("ended"), 1);
  EXPECT_EQ(closed.at("verified"), 23'000);
  EXPECT_EQ(closed.at("wrong"), 0);
  EXPECT_EQ(closed.at("played").at("whole").at("bytes"), 23'000);
  EXPECT_EQ(closed.at("left").at("one direction only").at("connections"), 1);
  EXPECT_EQ(closed.at("duration").at("connections"), 1);
}

// What stacks sent stands in each table, with where it ended: over links, on a LAN whose receivers are full.
TEST_F(Closed, KeepsItsPacketsInTheTables) {
  for (std::uint16_t client = 0; client < 6; ++client) {
    TcpTalk talks{{"10.0.0." + std::to_string(client + 3), 1000, 1}, {"10.0.0.2", 80, 1}};
    talk(talks, client, 60'000, 100'000);
  }
  buffers = 8;
  for (const char* settings : {"", "rate=50M delay=2ms loss=1% duplicate=1%"}) {
    const kit::TemporaryFile report("vmlan-closed-tables.json", "");
    ReplayOptions options;
    if (*settings != 0) {
      options.links.nic = std::get<LinkSettings>(parse_link_settings(settings));
    } else {
      options.pace.by = Pace::By::at_once;
    }
    options.json = report.path();
    EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
    std::ifstream file(report.path());
    const auto document = nlohmann::json::parse(file);
    const auto& packets = document["closed"]["packets"];
    EXPECT_GT(packets["sent"], 600);
    EXPECT_GT(packets["dropped"].size(), 0U) << packets;
    EXPECT_EQ(packets["waiting"], 0);
    const auto number = [&](const char* name) { return packets[name].get<std::uint64_t>(); };
    const auto links = document["closed"]["queue_full"].get<std::uint64_t>() +
                       document["closed"]["lost_on_link"].get<std::uint64_t>();
    std::uint64_t by_lan = 0;
    for (const auto& [name, count] : document["closed"]["dropped"].items())
      by_lan += count.get<std::uint64_t>();
    EXPECT_EQ(number("sent") + number("copies"), number("received") + links + by_lan);
    for (const char* table : {"users", "lans", "vlans", "flows", "intervals"}) {
      for (const char* column : {"sent", "sent_bytes", "copies", "received", "received_bytes"}) {
        std::uint64_t sum = 0;
        for (const auto& row : document[table]) sum += row[column].get<std::uint64_t>();
        EXPECT_EQ(sum, number(column) + document["run"][column].get<std::uint64_t>())
            << table << " " << column;
      }
      for (const auto& [name, count] : packets["dropped"].items()) {
        std::uint64_t sum = 0;
        for (const auto& row : document[table]) sum += row["dropped"].value(name, std::uint64_t{0});
        EXPECT_EQ(sum, count.get<std::uint64_t>() + document["run"]["dropped"].value(name, std::uint64_t{0}))
            << table << " " << name;
      }
    }
    EXPECT_EQ(document["flows"].size(), 12U);
  }
}

TEST_F(Closed, PlaysEachVlanOnALanOfItsOwn) {
  trace = kit::PcapFile(kit::link_ethernet);
  for (const char* tag : {"810000050800", "810000060800"}) {
    TcpTalk talks{{"10.0.0.1", 1000, 1}, {"10.0.0.2", 80, 1}};
    tag_and_type = tag;
    talk(talks, 0, 3000, 20'000);
  }
  const kit::TemporaryFile report("vmlan-closed-vlans.json", "");
  ReplayOptions options;
  options.apart_by_vlan = true;
  options.json = report.path();
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success) << this->report();
  EXPECT_THAT(out, Contains("Closed loop: 2 TCP connections played by 4 stacks, 2 ended as in the trace"));
  std::ifstream file(report.path());
  const auto document = nlohmann::json::parse(file);
  EXPECT_EQ(document["closed"]["packets"]["waiting"], 0);
  ASSERT_EQ(document["vlans"].size(), 2U);
  EXPECT_EQ(document["vlans"][0]["vlan"], 5);
  EXPECT_EQ(document["vlans"][0]["received"], document["vlans"][1]["received"]);
}

TEST_F(Closed, IsComparedWithAnotherRun) {
  talk(one, 0, 3000, 200'000);
  const kit::TemporaryFile quick("vmlan-closed-quick.json", "");
  const kit::TemporaryFile slow("vmlan-closed-slow.json", "");
  ReplayOptions options;
  options.json = quick.path();
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  options.json = slow.path();
  options.links.nic = std::get<LinkSettings>(parse_link_settings("rate=10M delay=20ms loss=1%"));
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  out.clear();
  EXPECT_EQ(compare_replays({{quick.path()}, {slow.path()}},
                            {[this](std::string_view line) { out.emplace_back(line); },
                             [this](std::string_view line) { errors.emplace_back(line); }}),
            ExitCode::failure);
  for (const char* words : {"segments sent again", "packets of stacks lost on links",
                            "connections' duration, median", "tcp 10.0.0.2:80 > 10.0.0.1:1000, latency 99 %"})
    EXPECT_THAT(out, Contains(HasSubstr(words)));
}

// Years between two connections, one of them left open: with lwIP's timers running through them it would last
// as long as anybody waits.
TEST_F(Closed, CostsNothingWhileNothingIsSaid) {
  talk(one, 0, 100, 1000, 0);
  const auto before = trace.bytes.size();
  TcpTalk last{{"10.0.0.1", 1001, 100}, {"10.0.0.2", 80, 5}};
  talk(last, 200'000, 100, 1000);
  // Seconds of the record times, little-endian: 1000 becomes 1'000'000'000.
  for (std::size_t at = before; at < trace.bytes.size();) {
    trace.bytes.replace(at, 4, std::string("\x00\xca\x9a\x3b", 4));
    at += 16 + static_cast<unsigned char>(trace.bytes[at + 8]) +
          256U * static_cast<unsigned char>(trace.bytes[at + 9]);
  }
  EXPECT_EQ(replay(trace.bytes), ExitCode::success) << report();
  EXPECT_THAT(out, Contains("Closed loop: 2 TCP connections played by 2 stacks, 2 ended as in the trace"));
}

// A link that loses everything: nothing ends, and that is said.
TEST_F(Closed, FailsWhereAConnectionDoesNotEnd) {
  talk(one, 0, 100, 1000);
  ReplayOptions options;
  options.links.nic = std::get<LinkSettings>(parse_link_settings("loss=100%"));
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::failure);
  EXPECT_THAT(errors, Contains(HasSubstr("1 of 1 TCP connections did not end as in the trace")));
}

TEST_F(Closed, SharesALinkWithTheOpenLoop) {
  talk(one, 0, 100, 100'000);
  ReplayOptions options;
  options.links.lan = std::get<LinkSettings>(parse_link_settings("rate=10M queue=1000"));
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success);
  for (std::uint32_t i = 0; i < 200; ++i)
    trace.add(kit::ip_packet("10.0.0.3", "10.0.0.4", 1400), 0, 50'000 + i * 1000);
  options.sort_window = std::chrono::seconds(1);
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success) << report();
  EXPECT_THAT(out, Contains(testing::ContainsRegex("received, as sent and in order +200$")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +100100$")));
}

TEST_F(Closed, GivesAUserWithAStackLargerBuffersWithoutHarm) {
  talk(one, 0, 3000, 20'000);
  ReplayOptions options;
  trace.add(kit::ip_packet("10.0.0.1", "10.0.0.2", 9000), 0, 55'000);
  options.sort_window = std::chrono::seconds(1);
  EXPECT_EQ(replay(trace.bytes, options), ExitCode::success) << report();
  EXPECT_THAT(out, Contains(testing::ContainsRegex("received, as sent and in order +1$")));
  EXPECT_THAT(out, Contains(testing::ContainsRegex("bytes verified +23000$")));
}

}  // namespace
}  // namespace vmlan::apps
