#include "apps/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/cli/help.h"

namespace vmlan::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class Kind>
Kind parsed(const std::vector<std::string>& arguments) {
  Request request = parse_command_line(arguments);
  EXPECT_TRUE(std::holds_alternative<Kind>(request)) << testing::PrintToString(arguments);
  if (const auto* error = std::get_if<UsageError>(&request)) ADD_FAILURE() << error->message;
  auto* kind = std::get_if<Kind>(&request);
  return kind == nullptr ? Kind{} : *kind;
}

std::string error(const std::vector<std::string>& arguments) {
  const Request request = parse_command_line(arguments);
  const auto* wrong = std::get_if<UsageError>(&request);
  EXPECT_NE(wrong, nullptr) << testing::PrintToString(arguments);
  return wrong == nullptr ? std::string() : wrong->message;
}

TEST(CommandLine, WithoutArgumentsItHelps) {
  EXPECT_EQ(parsed<HelpRequest>({}).topic, "");
  EXPECT_EQ(parsed<HelpRequest>({"--help"}).topic, "");
  EXPECT_EQ(parsed<HelpRequest>({"help", "run"}).topic, "run");
  EXPECT_EQ(parsed<HelpRequest>({"run", "--help"}).topic, "run");
  parsed<VersionRequest>({"--version"});
}

TEST(CommandLine, RunIsVirtualUnlessToldOtherwise) {
  const auto run = parsed<RunOptions>({"run", "a.vm"});
  EXPECT_EQ(run.script, "a.vm");
  EXPECT_THAT(run.arguments, IsEmpty());
  EXPECT_EQ(run.clock, ClockKind::virtual_time);
  EXPECT_EQ(run.seed, 1U);
  EXPECT_EQ(run.timeout, default_timeout);
  EXPECT_TRUE(run.echo);
  EXPECT_FALSE(run.strict);
  EXPECT_TRUE(parsed<RunOptions>({"run", "a.vm", "--strict"}).strict);
}

TEST(CommandLine, AnEmptyValueIsNotTheSameAsNoOption) {
  for (const char* command : {"console", "serve"}) {
    EXPECT_THAT(error({command, "--socket", ""}), HasSubstr("VMLOPT005E '' is no value for --socket"));
    EXPECT_THAT(error({command, "--directory="}), testing::StartsWith("VMLOPT00"));
  }
}

TEST(CommandLine, OptionsMayStandAnywhereAndTakeEqualSigns) {
  const auto run = parsed<RunOptions>({"run", "--clock=real", "a.vm", "--seed", "7", "x", "--no-echo",
                                       "--timeout", "0.5", "--directory", "d", "--", "-y"});
  EXPECT_EQ(run.script, "a.vm");
  EXPECT_THAT(run.arguments, ElementsAre("x", "-y"));
  EXPECT_EQ(run.clock, ClockKind::real);
  EXPECT_EQ(run.seed, 7U);
  EXPECT_EQ(run.timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(run.directory, "d");
  EXPECT_FALSE(run.echo);
}

TEST(CommandLine, AConsoleBelongsToAUserOrTheOperator) {
  EXPECT_EQ(parsed<ConsoleOptions>({"console"}).userid, "");
  EXPECT_EQ(parsed<ConsoleOptions>({"console", "alice"}).userid, "ALICE");
}

TEST(CommandLine, TestsHaveALimitOfRealTimeAndAsManyJobsAsProcessors) {
  const auto plain = parsed<TestOptions>({"test", "a.vm"});
  EXPECT_EQ(plain.jobs, 0U);
  EXPECT_EQ(plain.limit, std::chrono::seconds(120));
  EXPECT_FALSE(plain.update);
  const auto test = parsed<TestOptions>({"test", "-j", "8", "a.vm", "--junit", "r.xml", "b", "--twice",
                                         "--strict", "--update", "--limit", "5"});
  EXPECT_THAT(test.files, ElementsAre("a.vm", "b"));
  EXPECT_EQ(test.jobs, 8U);
  EXPECT_EQ(test.junit, "r.xml");
  EXPECT_TRUE(test.twice && test.strict && test.update);
  EXPECT_EQ(test.limit, std::chrono::seconds(5));
}

TEST(CommandLine, HerculesIsLookedForOnThePathUnlessNamed) {
  EXPECT_EQ(parsed<HerculesCheckOptions>({"hercules", "check"}).hercules, "hercules");
  const auto check = parsed<HerculesCheckOptions>(
      {"hercules", "check", "--hercules", "/opt/h", "--module", "m.so", "--socket", "s"});
  EXPECT_EQ(check.hercules, "/opt/h");
  EXPECT_EQ(check.module, "m.so");
  EXPECT_EQ(check.socket, "s");
}

TEST(CommandLine, ErrorsHaveANumberAndACure) {
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  for (const Case& wrong :
       {Case{{"frob"}, "VMLOPT001E There is no command 'frob'; vmlan --help"},
        Case{{"run", "--frob", "x"}, "VMLOPT002E unrecognised option '--frob'; 'vmlan help run'"},
        Case{{"run", "--see", "1", "x"}, "VMLOPT002E"},
        Case{{"run", "x", "--seed"}, "VMLOPT002E"},
        Case{{"run"}, "VMLOPT003E The script's name is missing"},
        Case{{"run", "s", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, "VMLOPT004E '10'"},
        Case{{"console", "a", "b"}, "VMLOPT004E 'b'"},
        Case{{"help", "run", "x"}, "VMLOPT004E 'x'"},
        Case{{"run", "x", "--clock", "sun"},
             "VMLOPT005E 'sun' is no value for --clock; give real or virtual"},
        Case{{"run", "x", "--timeout", "-1"}, "VMLOPT00"},
        Case{{"run", "x", "--timeout", "0"}, "VMLOPT005E '0'"},
        Case{{"run", "x", "--timeout", "nan"}, "VMLOPT005E 'nan'"},
        Case{{"test"}, "VMLOPT003E A transcript's name"},
        Case{{"test", "x", "-j", "0"}, "VMLOPT005E '0'"},
        Case{{"test", "x", "--limit", "0"}, "VMLOPT005E '0' is no value for --limit"},
        Case{{"run", "x", "--seed", "1x"}, "VMLOPT005E '1x'"},
        Case{{"help", "frob"}, "VMLOPT006E"},
        Case{{"console", "much-too-long"}, "VMLCON401E"},
        Case{{"capture"}, "VMLOPT003E The LAN's name"},
        Case{{"capture", "TOO.LONG.NAME"}, "VMLOPT005E 'TOO.LONG.NAME'"},
        Case{{"capture", "L1", "--length", "63"}, "VMLOPT005E '63'"},
        Case{{"capture", "L1", "--user", "not/one"}, "VMLOPT005E 'NOT/ONE'"},
        Case{{"--capture", "--extcap-interface", "vmlan-SYSTEM.LAN1"}, "VMLOPT003E --fifo"},
        Case{{"--extcap-version=4"}, "VMLOPT003E"},
        Case{{"hercules"}, "VMLOPT003E The word 'check'"},
        Case{{"hercules", "mend"}, "VMLOPT004E 'mend'"},
        Case{{"hercules", "check", "x"}, "VMLOPT004E 'x'"}}) {
    EXPECT_THAT(error(wrong.arguments), HasSubstr(wrong.message));
  }
}

TEST(CommandLine, ACaptureNamesItsLanAndWhatOfIt) {
  auto capture = parsed<CaptureOptions>({"capture", "lan1"});
  EXPECT_EQ(capture.lan_owner, "SYSTEM");
  EXPECT_EQ(capture.lan_name, "LAN1");
  EXPECT_EQ(capture.output, "-");
  EXPECT_EQ(capture.length, 0U);
  capture = parsed<CaptureOptions>({"capture", "alice.net1", "--user", "bob", "--dropped", "--control", "-w",
                                    "f", "--length", "64", "tcp", "port", "80"});
  EXPECT_EQ(capture.lan_owner, "ALICE");
  EXPECT_EQ(capture.user, "BOB");
  EXPECT_TRUE(capture.dropped);
  EXPECT_TRUE(capture.control);
  EXPECT_EQ(capture.output, "f");
  EXPECT_EQ(capture.length, 64U);
  EXPECT_EQ(capture.filter, "tcp port 80");
}

TEST(CommandLine, WiresharksWordsAreUnderstoodWithAndWithoutACommand) {
  using Wish = ExtcapOptions::Wish;
  EXPECT_EQ(parsed<ExtcapOptions>({"--extcap-interfaces", "--extcap-version=4.0"}).wish, Wish::interfaces);
  EXPECT_EQ(parsed<ExtcapOptions>({"capture", "--extcap-interfaces"}).wish, Wish::interfaces);
  EXPECT_EQ(parsed<ExtcapOptions>({"--extcap-dlts", "--extcap-interface", "vmlan-A.B"}).wish,
            Wish::link_types);
  EXPECT_EQ(parsed<ExtcapOptions>({"--extcap-interface", "vmlan-A.B", "--extcap-config"}).wish,
            Wish::configuration);
  EXPECT_EQ(parsed<ExtcapOptions>({"--extcap-interface", "vmlan-A.B", "--extcap-capture-filter", "ip"}).wish,
            Wish::check_filter);
  const auto capture =
      parsed<CaptureOptions>({"--capture", "--extcap-interface", "vmlan-SYSTEM.LAN1", "--fifo", "/f",
                              "--extcap-capture-filter", "ip", "--user", "ALICE"});
  EXPECT_EQ(capture.lan_name, "LAN1");
  EXPECT_EQ(capture.output, "/f");
  EXPECT_EQ(capture.filter, "ip");
  EXPECT_EQ(capture.user, "ALICE");
  EXPECT_TRUE(capture.quiet);
}

TEST(Help, NamesEveryCommandAndEachHasOptionsOfItsOwn) {
  for (const char* command : {"run", "test", "console", "replay", "serve", "cp", "capture", "hercules"}) {
    EXPECT_THAT(general_help(), HasSubstr(std::string("vmlan ") + command));
    EXPECT_THAT(command_help(command), HasSubstr(std::string("Options of vmlan ") + command));
  }
  EXPECT_EQ(command_help("frob"), "");
}

}  // namespace
}  // namespace vmlan::apps
