// What the person wants: the program's command line, read.
//
// Source of the options' texts: the table in command_forms.cpp only; the help prints it. Threads: any.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "apps/hercules/check.h"
#include "apps/replay/compare.h"
#include "apps/replay/replay.h"
#include "apps/script/console_session.h"
#include "apps/script/script_runner.h"
#include "apps/serve/capture.h"
#include "apps/serve/serve.h"
#include "apps/synth/synth.h"
#include "apps/transcripts/test_runner.h"

namespace vmlan::apps {

// Empty topic: the general help.
struct HelpRequest {
  std::string topic;
};

struct VersionRequest {};

struct UsageError {
  std::string message;
};

using Request = std::variant<HelpRequest, VersionRequest, RunOptions, ConsoleOptions, ReplayOptions,
                             CompareOptions, ServeOptions, CommandOptions, CaptureOptions, ExtcapOptions,
                             SynthOptions, HerculesCheckOptions, TestOptions, UsageError>;

Request parse_command_line(const std::vector<std::string>& arguments);

// "Options of vmlan run:" and a line for each; empty = there is no such command.
std::string options_text(const std::string& command);

}  // namespace vmlan::apps
