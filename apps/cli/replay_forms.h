// The command line of `vmlan replay`.
//
// For the files of the command line only. Threads: any.
#pragma once

#include "apps/cli/option_values.h"

namespace vmlan::apps {

po::options_description replay_options();
Request replay_request(const po::variables_map& values);

}  // namespace vmlan::apps
