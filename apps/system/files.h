// Files of the host, read and written whole.
//
// Errors: a message with the system's reason. Threads: any.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <variant>

namespace vmlan::apps {

// What a script or a directory may have; nobody types more.
inline constexpr std::uintmax_t largest_text_file = std::uintmax_t{64} << 20U;
// What .PUT carries onto a minidisk, which lives in memory.
inline constexpr std::uintmax_t largest_data_file = std::uintmax_t{1} << 30U;

struct FileError {
  std::string message;
};

std::variant<std::string, FileError> read_file(const std::filesystem::path& path, std::uintmax_t largest);
// Empty = written.
FileError write_file(const std::filesystem::path& path, std::span<const std::byte> contents);

}  // namespace vmlan::apps
