#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/cli/command_line.h"

namespace vmlan::apps {
namespace {

using testing::HasSubstr;

SynthOptions synth_of(std::vector<std::string> words) {
  words.insert(words.begin(), "synth");
  const Request request = parse_command_line(words);
  if (const auto* error = std::get_if<UsageError>(&request)) ADD_FAILURE() << error->message;
  const auto* options = std::get_if<SynthOptions>(&request);
  return options == nullptr ? SynthOptions{} : *options;
}

std::string synth_refusal(std::vector<std::string> words) {
  words.insert(words.begin(), "synth");
  const Request request = parse_command_line(words);
  const auto* error = std::get_if<UsageError>(&request);
  return error == nullptr ? "" : error->message;
}

TEST(SynthForm, WithoutWordsItIsTheMixToStandardOutput) {
  const auto options = synth_of({});
  EXPECT_EQ(options.output, "-");
  EXPECT_FALSE(options.microseconds);
  EXPECT_EQ(options.workload.users, 10U);
  EXPECT_EQ(options.workload.packets, 10'000U);
  EXPECT_FALSE(options.workload.duration);
  EXPECT_FALSE(options.workload.flows);
  EXPECT_DOUBLE_EQ(options.workload.broadcast, 0.045);
  EXPECT_DOUBLE_EQ(options.workload.multicast, 0.026);
  EXPECT_DOUBLE_EQ(options.workload.tagged, 0.034);
}

TEST(SynthForm, OnlyTheMixHasBroadcastsMulticastAndTagsUnlessTheyAreAskedFor) {
  const auto fixed = synth_of({"--sizes", "64"}).workload;
  EXPECT_EQ(fixed.broadcast + fixed.multicast + fixed.tagged, 0);
  EXPECT_DOUBLE_EQ(synth_of({"--sizes", "64", "--vlan", "10%"}).workload.tagged, 0.1);
  EXPECT_DOUBLE_EQ(synth_of({"--multicast", "0"}).workload.multicast, 0);
}

TEST(SynthForm, EveryWordIsTaken) {
  const auto options =
      synth_of({"a.pcap", "--users=1000", "--duration=1.5s", "--flows=7", "--rate=1Mpps", "--gaps=bursts",
                "--talk=server", "--tcp=80%", "--ipv6=0.5", "--vlans=9", "--seed=3", "--microseconds"});
  EXPECT_EQ(options.output, "a.pcap");
  EXPECT_TRUE(options.microseconds);
  const auto& workload = options.workload;
  EXPECT_EQ(workload.users, 1000U);
  EXPECT_EQ(workload.duration, arch::Time(std::chrono::milliseconds(1500)));
  EXPECT_GT(workload.packets, std::uint64_t{1} << 59U);
  EXPECT_EQ(workload.flows, 7U);
  EXPECT_EQ(workload.rate, 1'000'000U);
  EXPECT_EQ(workload.gaps, Gaps::Kind::bursts);
  EXPECT_EQ(workload.talk, Talk::server);
  EXPECT_DOUBLE_EQ(workload.tcp, 0.8);
  EXPECT_DOUBLE_EQ(workload.ipv6, 0.5);
  EXPECT_EQ(workload.vlans, 9U);
  EXPECT_EQ(workload.seed, 3U);
}

TEST(SynthForm, WhatCannotBeIsRefusedWithWhatCan) {
  EXPECT_THAT(synth_refusal({"--users", "1"}), HasSubstr("2 to 10000000"));
  EXPECT_THAT(synth_refusal({"--talk", "nobody"}), HasSubstr("pairs, random, server"));
  EXPECT_THAT(synth_refusal({"--gaps", "none"}), HasSubstr("exponential, constant, bursts"));
  EXPECT_THAT(synth_refusal({"--sizes", "63"}), HasSubstr("64 to 65508"));
  EXPECT_THAT(synth_refusal({"--rate", "0"}), HasSubstr("packets a second"));
  EXPECT_THAT(synth_refusal({"--rate", "2G"}), HasSubstr("at most 1G"));
  EXPECT_THAT(synth_refusal({"--tcp", "101%"}), HasSubstr("a share"));
  EXPECT_THAT(synth_refusal({"--vlans", "4094"}), HasSubstr("1 to 4093"));
  EXPECT_THAT(synth_refusal({"--broadcast", "60%", "--vlan", "60%"}), HasSubstr("together at most"));
  EXPECT_EQ(synth_refusal({"--broadcast", "0.3", "--multicast", "0.6", "--vlan", "0.1"}), "");
  EXPECT_THAT(synth_refusal({"--packets", "5", "--duration", "1s"}), HasSubstr("one of them"));
  EXPECT_THAT(synth_refusal({"--packets", "4000000000", "--rate", "1"}), HasSubstr("2106"));
  EXPECT_THAT(synth_refusal({"--duration", "4000000000s"}), HasSubstr("2106"));
  EXPECT_THAT(synth_refusal({"a", "b"}), HasSubstr("'b' is one operand too many"));
}

}  // namespace
}  // namespace vmlan::apps
