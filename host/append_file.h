// A text file that lines are added to: logs and traces. Several may share one, each line is written at once.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "host/descriptor.h"

namespace vmlan::host {

// The file, made if it is missing; or the system's reason.
std::variant<Descriptor, std::string> open_to_append(const std::string& path);
// false: not all of it could be written.
bool append(const Descriptor& file, std::string_view text) noexcept;

}  // namespace vmlan::host
