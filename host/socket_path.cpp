#include "host/socket_path.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace vmlan::host {

std::string default_socket_path(const char* runtime_directory, unsigned user_id) {
  if (runtime_directory != nullptr && *runtime_directory != '\0') {
    return fmt::format("{}/vmlan/system.sock", runtime_directory);
  }
  return fmt::format("/tmp/vmlan-{}/vmlan/system.sock", user_id);
}

std::string prepare_socket_folder(const std::string& socket_path) {
  const auto folder = std::filesystem::path(socket_path).parent_path();
  for (const auto& part : {folder.parent_path(), folder}) {
    if (::mkdir(part.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return part.string() + ": " + std::strerror(errno);
    struct stat status {};
    if (::lstat(part.c_str(), &status) != 0) return part.string() + ": " + std::strerror(errno);
    if (!S_ISDIR(status.st_mode)) return part.string() + ": not a folder";
    if (status.st_uid != ::geteuid()) return part.string() + ": belongs to somebody else";
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return part.string() + ": others may write there";
  }
  return {};
}

}  // namespace vmlan::host
