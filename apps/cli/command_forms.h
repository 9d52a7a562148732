// The commands of the program: each with its options and how its operands are read.
//
// For the files of the command line only. Threads: any.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <string_view>

#include "apps/cli/command_line.h"

namespace vmlan::apps {

struct CommandForm {
  std::string_view name;
  boost::program_options::options_description (*options)();
  Request (*request)(const boost::program_options::variables_map& values);
};

// nullptr: there is no such command.
const CommandForm* find_command(std::string_view name);

UsageError too_many_operands(std::string_view operand, std::string_view command);

}  // namespace vmlan::apps
