// A text file that lines are added to: logs and traces. Several may share one, each line is written at once.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "host/descriptor.h"

namespace vmlan::host {

// The file, made if it is missing; or the system's reason.
std::variant<Descriptor, std::string> open_to_append(const std::string& path);

// A log of this user alone. One that has grown to `most_log` is put aside as PATH.1, in place of the one
// before. The descriptor is to be handed to its writer.
inline constexpr std::int64_t most_log = std::int64_t{1} << 20U;
std::variant<Descriptor, std::string> open_log(const std::string& path);
// The writer's side: those of its streams that are open on the log at `path`, once that has grown to
// `most_log`, go on in a new one. true: they do.
bool turn_log(const std::string& path, std::initializer_list<int> streams);
// The log of a base that listens at `socket_path` and was started by a guest.
std::string log_of_base(const std::string& socket_path);

// false: not all of it could be written.
bool append(const Descriptor& file, std::string_view text) noexcept;

}  // namespace vmlan::host
