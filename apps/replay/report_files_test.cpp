#include "apps/replay/report_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/replay/replay.h"
#include "apps/system/files.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using kit::ethernet_frame;
using kit::ip_packet;
using kit::PcapFile;
using ::testing::ElementsAre;

TEST(ReportTables, ACsvCellIsQuotedWhereItMustBe) {
  EXPECT_EQ(csv_of({{"a", "b,c"}, {"say \"no\"", "two\nlines"}}),
            "a,\"b,c\"\r\n\"say \"\"no\"\"\",\"two\nlines\"\r\n");
}

TEST(ReportTables, ForPeopleNumbersStandAtTheRight) {
  EXPECT_THAT(text_of({{"user", "sent"}, {"ALICE", "5"}, {"B", "1000"}, {"C", "7"}}, 2),
              ElementsAre("user   sent", "ALICE     5", "B      1000", "... and 1 more"));
}

class ReportDocument : public ::testing::Test {
 protected:
  Document report(const std::string& trace, ReplayOptions options = {}) {
    const kit::TemporaryFile file("vmlan-document-trace", trace);
    const kit::TemporaryFile json("vmlan-document.json", "");
    options.traces = {file.path()};
    options.json = json.path();
    options.rate = false;
    EXPECT_EQ(replay_trace(options,
                           {[](std::string_view) {}, [](std::string_view line) { ADD_FAILURE() << line; }}),
              ExitCode::success);
    return Document::parse(std::get<std::string>(read_file(json.path(), largest_text_file)));
  }
  static std::string udp(const std::string& from, const std::string& to, std::size_t length) {
    return ethernet_frame(ip_packet(from, to, length));
  }
};

TEST_F(ReportDocument, TablesAndSumsAgree) {
  PcapFile trace;
  for (unsigned i = 0; i < 500; ++i) {
    trace.add(udp("10.1.1." + std::to_string(1 + i % 5), "10.1.1." + std::to_string(1 + i % 3), i), 0,
              i * 10'000);
  }
  ReplayOptions options;
  options.links.nic = {.bits_per_second = 1'000'000, .queue = 4, .loss = 0.05, .duplication = 0.02};
  const auto document = report(trace.bytes, options);
  EXPECT_EQ(document["format"], document_format);
  EXPECT_EQ(document["inputs"][0]["sha256"].get<std::string>().size(), 64U);
  EXPECT_TRUE(document["faults"].empty());
  const auto& run = document["run"];
  for (const char* table : {"users", "lans", "vlans", "flows", "intervals"}) {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;
    std::uint64_t own = 0;
    for (const auto& row : document[table]) {
      sent += row["sent"].get<std::uint64_t>();
      received += row["received"].get<std::uint64_t>();
      lost += row["dropped"].value("link: lost", std::uint64_t{0});
      own += row["dropped"].value("own address", std::uint64_t{0});
    }
    EXPECT_EQ(sent, run["sent"]) << table;
    EXPECT_EQ(received, run["received"]) << table;
    EXPECT_EQ(lost, run["dropped"]["link: lost"]) << table;
    EXPECT_EQ(own, run["dropped"]["own address"]) << table;
  }
  EXPECT_EQ(document["intervals"].size(), 5U);
  EXPECT_GT(run["latency"]["p99_ns"], 0);
}

TEST_F(ReportDocument, AnonymisedItHasNoAddressOfTheTrace) {
  PcapFile trace;
  trace.add(udp("10.1.1.1", "10.1.1.2", 10));
  ReplayOptions options;
  options.anonymise = "secret";
  const auto text = report(trace.bytes, options).dump();
  EXPECT_EQ(text.find("10.1.1."), std::string::npos);
  options.anonymise.clear();
  EXPECT_NE(report(trace.bytes, options).dump().find("10.1.1.1"), std::string::npos);
}

}  // namespace
}  // namespace vmlan::apps
