#include "host/trusted_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace vmlan::host {

namespace {

using Folders = std::array<std::filesystem::path, 2>;

Folders folders_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return {folder.parent_path(), folder};
}

std::string because(const std::filesystem::path& folder, const char* reason) {
  return folder.string() + ": " + reason;
}

std::string distrust_of(const std::filesystem::path& folder) {
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) return because(folder, std::strerror(errno));
  if (!S_ISDIR(status.st_mode)) return because(folder, "not a folder");
  if (status.st_uid != ::geteuid()) return because(folder, "belongs to somebody else");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return because(folder, "others may write there");
  return {};
}

}  // namespace

std::string distrust_of_folder(const std::string& path) {
  for (const auto& folder : folders_of(path)) {
    if (auto reason = distrust_of(folder); !reason.empty()) return reason;
  }
  return {};
}

std::string make_trusted_folder(const std::string& path) {
  for (const auto& folder : folders_of(path)) {
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return because(folder, std::strerror(errno));
    if (auto reason = distrust_of(folder); !reason.empty()) return reason;
  }
  return {};
}

}  // namespace vmlan::host
