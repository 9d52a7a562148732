#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/cli/command_line.h"

namespace vmlan::apps {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ReplayOptions replay_of(std::vector<std::string> words) {
  words.insert(words.begin(), {"replay", "a.pcap"});
  const Request request = parse_command_line(words);
  if (const auto* error = std::get_if<UsageError>(&request)) ADD_FAILURE() << error->message;
  const auto* options = std::get_if<ReplayOptions>(&request);
  return options == nullptr ? ReplayOptions{} : *options;
}

std::string replay_refusal(std::vector<std::string> words, const std::string& trace = "a.pcap") {
  words.insert(words.begin(), {"replay", trace});
  const Request request = parse_command_line(words);
  const auto* error = std::get_if<UsageError>(&request);
  return error == nullptr ? "" : error->message;
}

TEST(ReplayForm, WithoutWordsATraceIsSentAsItIs) {
  const auto options = replay_of({"b.pcap"});
  EXPECT_THAT(options.traces, ElementsAre("a.pcap", "b.pcap"));
  EXPECT_TRUE(options.pace.keeps_times());
  EXPECT_TRUE(options.links.is_plain());
  EXPECT_EQ(options.clock, ClockKind::virtual_time);
  EXPECT_FALSE(options.max_users) << "what memory allows";
  EXPECT_EQ(options.batch, 1U);
  EXPECT_EQ(options.buffers, 8U);
  EXPECT_EQ(options.loop, 1U);
  EXPECT_TRUE(options.rate);
}

TEST(ReplayForm, WhatIsReadCanBeChosen) {
  const auto options = replay_of({"--filter", "tcp", "--from", "1.5s", "--to", "2s", "--first", "7", "--pad",
                                  "--mtu", "1500", "--inner", "--sort", "5ms"});
  EXPECT_EQ(options.filter, "tcp");
  EXPECT_EQ(options.from, arch::Time(1500ms));
  EXPECT_EQ(options.to, arch::Time(2s));
  EXPECT_EQ(options.first, 7U);
  EXPECT_TRUE(options.judge.pad);
  EXPECT_TRUE(options.judge.inner);
  EXPECT_EQ(options.judge.mtu, 1500U);
  EXPECT_EQ(options.sort_window, arch::Time(5ms));
}

TEST(ReplayForm, ARateIsOfBitsOrPackets) {
  const auto bits = replay_of({"--rate", "100M"}).pace;
  EXPECT_EQ(bits.by, Pace::By::bits);
  EXPECT_EQ(bits.rate, 100'000'000U);
  const auto packets = replay_of({"--rate", "5kpps"}).pace;
  EXPECT_EQ(packets.by, Pace::By::packets);
  EXPECT_EQ(packets.rate, 5000U);
  EXPECT_EQ(replay_of({"--speed", "max"}).pace.by, Pace::By::at_once);
  EXPECT_DOUBLE_EQ(replay_of({"--speed", "0.5"}).pace.speed, 0.5);
}

TEST(ReplayForm, LinksAndReceiversHaveTheirSettings) {
  const auto links =
      replay_of({"--link", "rate=10M queue=5", "--lan-link", "delay=1ms", "--service-time", "20us"}).links;
  EXPECT_EQ(links.nic.bits_per_second, 10'000'000U);
  EXPECT_EQ(links.nic.queue, 5U);
  EXPECT_EQ(links.lan.propagation, arch::Time(1ms));
  EXPECT_EQ(links.service_time, arch::Time(20us));
}

TEST(ReplayForm, AWrongValueIsNamedWithWhatItMayBe) {
  EXPECT_THAT(replay_refusal({"--speed", "0"}), HasSubstr("--speed"));
  EXPECT_THAT(replay_refusal({"--rate", "fast"}), HasSubstr("100M"));
  EXPECT_THAT(replay_refusal({"--from", "5"}), HasSubstr("--from"));
  EXPECT_THAT(replay_refusal({"--mtu", "100"}), HasSubstr("576"));
  EXPECT_THAT(replay_refusal({"--buffers", "12"}), HasSubstr("8, 16, 32, 64 or 128"));
  EXPECT_THAT(replay_refusal({"--link", "speed=1"}), HasSubstr("--link: speed=1"));
  EXPECT_THAT(replay_refusal({"--max-users", "0"}), HasSubstr("--max-users"));
}

TEST(ReplayForm, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_THAT(replay_refusal({"--senders-only"}), HasSubstr("needs --survey"));
  EXPECT_THAT(replay_refusal({"--rewrite", "--frames"}), HasSubstr("--frames"));
  EXPECT_THAT(replay_refusal({"--rewrite", "--survey"}), HasSubstr("--survey"));
  EXPECT_THAT(replay_refusal({"--survey"}, "-"), HasSubstr("can't be read twice"));
  EXPECT_THAT(replay_refusal({"--loop", "2"}, "-"), HasSubstr("can't be read twice"));
  EXPECT_THAT(replay_refusal({"--anonymise", "word", "--pcapng", "x.pcapng"}), HasSubstr("--pcapng"));
  EXPECT_THAT(replay_refusal({"--anonymise", ""}), HasSubstr("not empty"))
      << "anybody could tell the addresses";
}

TEST(ReplayForm, ReportsAreComparedOneByOneOrSideBySide) {
  const auto compare_of = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"replay", "compare"});
    const Request request = parse_command_line(words);
    const auto* options = std::get_if<CompareOptions>(&request);
    return options == nullptr ? CompareOptions{} : *options;
  };
  const auto two = compare_of({"a.json", "b.json"});
  EXPECT_THAT(two.files, ElementsAre("a.json"));
  EXPECT_THAT(two.against, ElementsAre("b.json"));
  const auto sides = compare_of({"a1.json", "a2.json", "--against", "b1.json", "--against", "b2.json"});
  EXPECT_THAT(sides.files, ElementsAre("a1.json", "a2.json"));
  EXPECT_THAT(sides.against, ElementsAre("b1.json", "b2.json"));
  EXPECT_THAT(compare_of({"a.json"}).files, ElementsAre()) << "with what?";
  EXPECT_THAT(compare_of({"a.json", "b.json", "c.json"}).files, ElementsAre());
}

}  // namespace
}  // namespace vmlan::apps
