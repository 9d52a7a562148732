#include "apps/system/files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>

#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

namespace fs = std::filesystem;

std::string reason() { return std::generic_category().message(errno == 0 ? EIO : errno); }

}  // namespace

std::variant<std::string, FileError> read_file(const fs::path& path, std::uintmax_t largest) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return FileError{format(Message::cannot_read_file, {path.string(), "it is a folder"})};
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError{format(Message::cannot_read_file, {path.string(), reason()})};
  // Read in pieces: a pipe has no size, and a file may grow meanwhile.
  std::string contents;
  constexpr std::size_t piece = 1U << 16U;
  const auto buffer = std::make_unique<char[]>(piece);
  while (file) {
    file.read(buffer.get(), piece);
    contents.append(buffer.get(), static_cast<std::size_t>(file.gcount()));
    if (contents.size() > largest) {
      return FileError{format(Message::file_too_large, {path.string(), fmt::to_string(largest)})};
    }
  }
  if (file.bad()) return FileError{format(Message::cannot_read_file, {path.string(), reason()})};
  return contents;
}

FileError write_file(const fs::path& path, std::span<const std::byte> contents) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(contents.data()), static_cast<std::streamsize>(contents.size()));
  file.close();
  if (file) return {};
  return {format(Message::cannot_write_file, {path.string(), reason()})};
}

}  // namespace vmlan::apps
