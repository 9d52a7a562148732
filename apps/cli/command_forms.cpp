#include "apps/cli/command_forms.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "apps/cli/capture_forms.h"
#include "apps/cli/option_values.h"
#include "apps/cli/replay_forms.h"
#include "apps/cli/synth_forms.h"
#include "apps/script/script.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

constexpr unsigned help_width = 100;

// --- Commands -------------------------------------------------------------------------------------------

po::options_description run_options() {
  po::options_description options("Options of vmlan run", help_width);
  auto add = options.add_options();
  add("directory", po::value<std::string>()->value_name("FILE"), "user directory, besides the script's own");
  add("clock", po::value<std::string>()->default_value("virtual")->value_name("real|virtual"),
      "virtual: time passes only when everybody waits, and two runs print the same bytes; "
      "real: the computer's time");
  add("timeout", po::value<std::string>()->default_value("60")->value_name("SECONDS"),
      "how long a command may take before the run fails");
  add("traces", po::value<std::string>()->value_name("FOLDER"),
      "where TRSOURCE writes its files; by default the current folder");
  add("seed", po::value<std::string>()->default_value("1")->value_name("NUMBER"),
      "of everything that happens by chance");
  add("no-echo", "print only what the consoles show, not what was typed");
  add("strict", "fail if a command ends with a return code other than 0 that no .EXPECT follows");
  add("help,h", "this help");
  return options;
}

Request run_request(const po::variables_map& values) {
  RunOptions options;
  std::vector<std::string> operands = operands_of(values);
  if (operands.empty()) return missing("The script's name", "run");
  options.script = operands.front();
  options.arguments.assign(operands.begin() + 1, operands.end());
  constexpr std::size_t most_arguments = 9;
  if (options.arguments.size() > most_arguments)
    return too_many_operands(options.arguments[most_arguments], "run");
  options.directory = text_of(values, "directory");
  options.traces = text_of(values, "traces");
  options.echo = values.count("no-echo") == 0;
  options.strict = values.count("strict") != 0;
  if (auto error = take_clock(values, options.clock)) return *error;
  if (auto error = take_time(values, "timeout", options.timeout)) return *error;
  if (auto error = take_seed(values, options.seed)) return *error;
  return options;
}

po::options_description console_options() {
  po::options_description options("Options of vmlan console", help_width);
  auto add = options.add_options();
  add("directory", po::value<std::string>()->value_name("FILE"),
      "user directory; without it there are ALICE and BOB, class G, without passwords");
  add("socket", po::value<std::string>()->value_name("PATH"),
      "guests from outside come in here, as with vmlan serve; without it none do");
  add("timeout", po::value<std::string>()->default_value("60")->value_name("SECONDS"),
      "how long a command from a pipe, or a .WAIT, may take");
  add("traces", po::value<std::string>()->value_name("FOLDER"),
      "where TRSOURCE writes its files; by default the current folder");
  add("seed", po::value<std::string>()->default_value("1")->value_name("NUMBER"),
      "of everything that happens by chance");
  add("help,h", "this help");
  return options;
}

Request console_request(const po::variables_map& values) {
  ConsoleOptions options;
  const std::vector<std::string> operands = operands_of(values);
  if (operands.size() > 1) return too_many_operands(operands[1], "console");
  if (!operands.empty()) {
    options.userid = console_name(operands[0]);
    if (options.userid.empty()) return UsageError{format(Message::not_a_userid, {operands[0]})};
  }
  options.directory = text_of(values, "directory");
  options.socket = text_of(values, "socket");
  options.traces = text_of(values, "traces");
  if (auto error = take_time(values, "timeout", options.timeout)) return *error;
  if (auto error = take_seed(values, options.seed)) return *error;
  return options;
}

po::options_description test_options() {
  po::options_description options("Options of vmlan test", help_width);
  auto add = options.add_options();
  add("jobs,j", po::value<std::string>()->value_name("NUMBER"), "at once; default: one a processor");
  add("junit", po::value<std::string>()->value_name("FILE"), "write a report as JUnit XML, for CI systems");
  add("update", "write the answers of now into the files; review the change as you review code");
  add("twice", "run each twice; both have to print the same bytes");
  add("strict", "fail if a command ends with a return code other than 0 that no .EXPECT follows");
  add("limit", po::value<std::string>()->default_value("120")->value_name("SECONDS"),
      "how long a run may take, in real time");
  add("timeout", po::value<std::string>()->default_value("60")->value_name("SECONDS"),
      "how long a command may take, in the time of the clock");
  add("clock", po::value<std::string>()->default_value("virtual")->value_name("KIND"), "real or virtual");
  add("directory", po::value<std::string>()->value_name("FILE"), "user directory, besides the scripts' own");
  add("seed", po::value<std::string>()->default_value("1")->value_name("NUMBER"), "of chance");
  add("help,h", "this help");
  return options;
}

Request test_request(const po::variables_map& values) {
  TestOptions options;
  options.files = operands_of(values);
  if (options.files.empty()) return missing("A transcript's name", "test");
  options.junit = text_of(values, "junit");
  options.directory = text_of(values, "directory");
  options.update = values.count("update") != 0;
  options.twice = values.count("twice") != 0;
  options.strict = values.count("strict") != 0;
  if (auto error = values.count("jobs") != 0 ? take_number<unsigned>(values, "jobs", 1, 256, options.jobs)
                                             : std::nullopt)
    return *error;
  if (auto error = take_time(values, "limit", options.limit)) return *error;
  if (auto error = take_time(values, "timeout", options.timeout)) return *error;
  if (auto error = take_clock(values, options.clock)) return *error;
  if (auto error = take_seed(values, options.seed)) return *error;
  return options;
}

po::options_description serve_options() {
  po::options_description options("Options of vmlan serve", help_width);
  auto add = options.add_options();
  add("socket", po::value<std::string>()->value_name("PATH"),
      "where guests join; by default vmlan/system.sock in $XDG_RUNTIME_DIR or /tmp/vmlan-UID");
  add("directory", po::value<std::string>()->value_name("FILE"),
      "user directory; a guest it does not know becomes a user of class G");
  add("traces", po::value<std::string>()->value_name("FOLDER"),
      "where TRSOURCE writes its files; without it no trace can be enabled");
  add("nat", "LAN1 of SYSTEM (QDIO ETHERNET) is there from the start, and reaches what this host reaches");
  add("until-idle",
      "end when the last guest has gone; without SCRIPT or --directory, those of the settings above are "
      "used");
  add("help,h", "this help");
  return options;
}

Request serve_request(const po::variables_map& values) {
  ServeOptions options;
  const std::vector<std::string> operands = operands_of(values);
  if (operands.size() > 1) return too_many_operands(operands[1], "serve");
  if (!operands.empty()) options.script = operands.front();
  options.socket = text_of(values, "socket");
  options.directory = text_of(values, "directory");
  options.traces = text_of(values, "traces");
  options.nat = values.count("nat") != 0;
  options.until_idle = values.count("until-idle") != 0;
  return options;
}

po::options_description cp_options() {
  po::options_description options("Options of vmlan cp", help_width);
  auto add = options.add_options();
  add("socket", po::value<std::string>()->value_name("PATH"),
      "of the system; the default is that of vmlan serve");
  add("help,h", "this help");
  return options;
}

Request cp_request(const po::variables_map& values) {
  CommandOptions options;
  const std::vector<std::string> operands = operands_of(values);
  if (operands.empty()) return missing("The command", "cp");
  for (const std::string& word : operands) options.command += (options.command.empty() ? "" : " ") + word;
  options.socket = text_of(values, "socket");
  return options;
}

po::options_description hercules_options() {
  po::options_description options("Options of vmlan hercules check", help_width);
  auto add = options.add_options();
  add("hercules", po::value<std::string>()->default_value("hercules")->value_name("PROGRAM"),
      "the emulator: a path, or a name on the PATH");
  add("module", po::value<std::string>()->value_name("FILE"),
      "hdtvnic.so; by default where the emulator looks for modules, then where vmlan is installed or built");
  add("socket", po::value<std::string>()->value_name("PATH"),
      "of the system; the default is that of vmlan serve");
  add("help,h", "this help");
  return options;
}

Request hercules_request(const po::variables_map& values) {
  HerculesCheckOptions options;
  const std::vector<std::string> operands = operands_of(values);
  if (operands.empty()) return missing("The word 'check'", "hercules");
  if (operands.front() != "check") return too_many_operands(operands.front(), "hercules");
  if (operands.size() > 1) return too_many_operands(operands[1], "hercules");
  options.hercules = text_of(values, "hercules");
  options.module = text_of(values, "module");
  options.socket = text_of(values, "socket");
  return options;
}

constexpr std::array commands{
    CommandForm{"run", run_options, run_request},
    CommandForm{"test", test_options, test_request},
    CommandForm{"console", console_options, console_request},
    CommandForm{"replay", replay_options, replay_request},
    CommandForm{"synth", synth_options, synth_request},
    CommandForm{"serve", serve_options, serve_request},
    CommandForm{"cp", cp_options, cp_request},
    CommandForm{"capture", capture_options, capture_request},
    CommandForm{"extcap", extcap_options, extcap_request},
    CommandForm{"hercules", hercules_options, hercules_request},
};

}  // namespace

UsageError too_many_operands(std::string_view operand, std::string_view command) {
  return {format(Message::too_many_operands, {operand, command})};
}

const CommandForm* find_command(std::string_view name) {
  for (const CommandForm& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

}  // namespace vmlan::apps
