#include "apps/replay/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/replay/replay.h"
#include "tests/kit/trace_file.h"

namespace vmlan::apps {
namespace {

using kit::ethernet_frame;
using kit::ip_packet;
using kit::PcapFile;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ReplaySpread, SidesAreApartIfTheirRangesDoNotTouch) {
  EXPECT_TRUE(is_apart(spread_of({1, 2}), spread_of({3, 4})));
  EXPECT_FALSE(is_apart(spread_of({1, 3}), spread_of({3, 4})));
  EXPECT_FALSE(is_apart(spread_of({5}), spread_of({5})));
  EXPECT_DOUBLE_EQ(spread_of({1, 2, 6}).mean, 3);
}

class ReplayCompare : public ::testing::Test {
 protected:
  void SetUp() override {
    PcapFile trace;
    for (unsigned i = 0; i < 400; ++i) {
      trace.add(ethernet_frame(ip_packet("10.1.1." + std::to_string(1 + i % 2),
                                         "10.1.1." + std::to_string(2 - i % 2), 500)),
                0, i * 1000);
    }
    file.emplace("vmlan-compare-trace", trace.bytes);
  }
  std::string report(const std::string& name, const LinkSettings& link, std::uint64_t seed = 1) {
    reports.push_back(std::make_unique<kit::TemporaryFile>("vmlan-compare-" + name, ""));
    ReplayOptions options;
    options.traces = {file->path()};
    options.json = reports.back()->path();
    options.links.nic = link;
    options.seed = seed;
    EXPECT_EQ(replay_trace(options,
                           {[](std::string_view) {}, [](std::string_view line) { ADD_FAILURE() << line; }}),
              ExitCode::success);
    return reports.back()->path();
  }
  ExitCode compare(CompareOptions options) {
    out.clear();
    errors.clear();
    return compare_replays(options, {[this](std::string_view line) { out.emplace_back(line); },
                                     [this](std::string_view line) { errors.emplace_back(line); }});
  }

  std::optional<kit::TemporaryFile> file;
  std::vector<std::unique_ptr<kit::TemporaryFile>> reports;
  std::vector<std::string> out;
  std::vector<std::string> errors;
};

TEST_F(ReplayCompare, TheSameReplayTwiceDoesNotDiffer) {
  EXPECT_EQ(compare({{report("a", {})}, {report("b", {})}}), ExitCode::success);
  EXPECT_THAT(out, ::testing::ElementsAre("Nothing differs"));
}

TEST_F(ReplayCompare, ASlowerLinkShowsInLatencyAndInTheOption) {
  LinkSettings slow;
  slow.bits_per_second = 1'000'000;
  slow.queue = 3;
  EXPECT_EQ(compare({{report("a", {})}, {report("b", slow)}}), ExitCode::failure);
  EXPECT_THAT(out, Contains(HasSubstr("Option link: ")));
  EXPECT_THAT(out, Contains(HasSubstr("latency, 99 %")));
  EXPECT_THAT(out, Contains(HasSubstr("link: queue full")));
  EXPECT_THAT(out, Contains(HasSubstr("R0000001 10.1.1.1, received")));
  EXPECT_THAT(out, Contains(HasSubstr("udp 10.1.1.1:")));
}

TEST_F(ReplayCompare, WhatLiesWithinTheSpreadOfSeedsIsNoDifference) {
  LinkSettings lossy;
  lossy.loss = 0.05;
  const CompareOptions same{
      {report("a1", lossy, 1), report("a2", lossy, 2), report("a3", lossy, 3), report("a4", lossy, 4)},
      {report("b1", lossy, 5), report("b2", lossy, 6), report("b3", lossy, 7), report("b4", lossy, 8)}};
  compare(same);
  EXPECT_THAT(out, Not(Contains(HasSubstr("Sums"))));
  lossy.loss = 0.5;
  auto other = same;
  other.against = {report("c1", lossy, 5), report("c2", lossy, 6)};
  EXPECT_EQ(compare(other), ExitCode::failure);
  EXPECT_THAT(out, Contains(HasSubstr("link: lost")));
}

TEST_F(ReplayCompare, WhatIsNoReportIsNamed) {
  const kit::TemporaryFile text("vmlan-compare-no", "{\"format\": \"something else\"}");
  EXPECT_EQ(compare({{text.path()}, {text.path()}}), ExitCode::usage);
  EXPECT_THAT(errors, Contains(HasSubstr("no report of vmlan replay")));
  EXPECT_EQ(compare({{"/nonexistent"}, {text.path()}}), ExitCode::usage);
}

}  // namespace
}  // namespace vmlan::apps
