// Where what this host user wants of every system of theirs is written down.
//
// Threads: any that does not change the environment meanwhile.
#pragma once

#include <string>

namespace vmlan::host {

// $XDG_CONFIG_HOME/vmlan, without that variable HOME/.config/vmlan; empty: neither is set to an absolute
// path. Both as getenv() gives them: may be nullptr or empty.
std::string settings_folder(const char* config_home, const char* home);
// This process's.
std::string settings_folder();

}  // namespace vmlan::host
