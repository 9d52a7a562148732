#include "host/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vmlan::host {

std::variant<Descriptor, std::string> open_to_append(const std::string& path) {
  constexpr mode_t as_umask_says = 0666;
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, as_umask_says));
  if (!file) return std::string(std::strerror(errno));
  return file;
}

bool append(const Descriptor& file, std::string_view text) noexcept {
  return ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace vmlan::host
