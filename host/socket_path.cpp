#include "host/socket_path.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace vmlan::host {

std::string default_socket_path(const char* runtime_directory, unsigned user_id) {
  if (runtime_directory != nullptr && *runtime_directory != '\0') {
    return fmt::format("{}/vmlan/system.sock", runtime_directory);
  }
  return fmt::format("/tmp/vmlan-{}/vmlan/system.sock", user_id);
}

std::string default_socket_path() { return default_socket_path(std::getenv("XDG_RUNTIME_DIR"), ::getuid()); }

}  // namespace vmlan::host
