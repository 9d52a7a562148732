// The forms of `vmlan capture` and of Wireshark's calls (extcap).
//
// For the files of the command line only. Threads: any.
#pragma once

#include "apps/cli/option_values.h"

namespace vmlan::apps {

po::options_description capture_options();
Request capture_request(const po::variables_map& values);

po::options_description extcap_options();
Request extcap_request(const po::variables_map& values);
// Wireshark's, whichever word it begins with.
bool is_extcap(const std::vector<std::string>& arguments);

}  // namespace vmlan::apps
