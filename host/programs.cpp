#include "host/programs.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace vmlan::host {

std::filesystem::path loaded_file(const void* address) {
  Dl_info module{};
  if (::dladdr(address, &module) == 0 || module.dli_fname == nullptr) return {};
  return std::filesystem::absolute(module.dli_fname);
}

bool is_program(const std::filesystem::path& file) { return ::access(file.c_str(), X_OK) == 0; }

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_program(name) ? name : std::string();
  const char* path = std::getenv("PATH");
  std::string_view folders = path != nullptr ? path : "/usr/bin";
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    const std::filesystem::path program = std::filesystem::path(folder) / name;
    if (!folder.empty() && is_program(program)) return program.string();
    folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
  }
  return {};
}

std::string trouble_with_listening(const std::filesystem::path& socket) {
  constexpr std::size_t longest = 107;  // sockaddr_un
  if (socket.string().size() > longest) return fmt::format("longer than {} characters", longest);
  std::filesystem::path folder = std::filesystem::absolute(socket).parent_path();
  struct stat status {};
  while (::stat(folder.c_str(), &status) != 0) {
    if (errno != ENOENT || folder == folder.parent_path()) return std::strerror(errno);
    folder = folder.parent_path();
  }
  if (!S_ISDIR(status.st_mode)) return folder.string() + " is no folder";
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return folder.string() + ": " + std::strerror(errno);
  const bool sticky = (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky) return "others may write to " + folder.string();
  return {};
}

}  // namespace vmlan::host
