// The other end of the base's door: a connected UNIX stream socket.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "arch/clock.h"
#include "host/descriptor.h"

namespace vmlan::host {

// A connected, non-blocking socket, or why not.
std::variant<Descriptor, std::string> connect_stream(const std::string& path);
// All of it at once; false: the other end takes nothing.
bool send_all(const Descriptor& socket, std::span<const std::byte> bytes);
// What comes within `limit`, at most into.size() bytes; nothing: too late, or the other end is gone.
std::optional<std::size_t> receive_some(const Descriptor& socket, std::span<std::byte> into,
                                        arch::Time limit);

}  // namespace vmlan::host
