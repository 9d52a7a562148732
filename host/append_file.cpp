#include "host/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace vmlan::host {

std::variant<Descriptor, std::string> open_to_append(const std::string& path) {
  constexpr mode_t as_umask_says = 0666;
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, as_umask_says));
  if (!file) return std::string(std::strerror(errno));
  return file;
}

std::variant<Descriptor, std::string> open_log(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= most_log)
    ::rename(path.c_str(), (path + ".1").c_str());
  constexpr mode_t own = S_IRUSR | S_IWUSR;
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, own));
  if (!file) return path + ": " + std::strerror(errno);
  return file;
}

bool turn_log(const std::string& path, std::initializer_list<int> streams) {
  struct stat log {};
  if (::lstat(path.c_str(), &log) != 0 || !S_ISREG(log.st_mode) || log.st_size < most_log) return false;
  std::variant<Descriptor, std::string> next;
  for (const int stream : streams) {
    struct stat open_file {};
    if (::fstat(stream, &open_file) != 0 || open_file.st_dev != log.st_dev || open_file.st_ino != log.st_ino)
      continue;
    auto* file = std::get_if<Descriptor>(&next);
    if (file != nullptr && !*file) next = open_log(path);
    file = std::get_if<Descriptor>(&next);
    if (file == nullptr || ::dup2(file->number(), stream) != stream) return false;
  }
  const auto* file = std::get_if<Descriptor>(&next);
  return file != nullptr && *file;
}

std::string log_of_base(const std::string& socket_path) {
  return (std::filesystem::path(socket_path).parent_path() / "system.log").string();
}

bool append(const Descriptor& file, std::string_view text) noexcept {
  return ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace vmlan::host
