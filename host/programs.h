// Where programs lie on the host, and whether places can be used.
//
// Threads: any.
#pragma once

#include <filesystem>
#include <string>

namespace vmlan::host {

// The file that this address of the process was loaded from; empty: nobody knows.
std::filesystem::path loaded_file(const void* address);
// A file that this user may run.
bool is_program(const std::filesystem::path& file);
// The program's path as the shell would find it: `name` itself if it has a slash; empty: there is none.
std::string find_program(const std::string& name);

// Why this user could not listen at `socket`; empty: could. The first folder on the way that exists decides.
std::string trouble_with_listening(const std::filesystem::path& socket);

}  // namespace vmlan::host
