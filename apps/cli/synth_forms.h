// The command line of `vmlan synth`.
//
// For the files of the command line only. Threads: any.
#pragma once

#include "apps/cli/option_values.h"

namespace vmlan::apps {

po::options_description synth_options();
Request synth_request(const po::variables_map& values);

}  // namespace vmlan::apps
