#include "link/socket_path.h"

#include <fmt/format.h>

namespace vmlan::link {

std::string default_socket_path(const char* runtime_directory, unsigned user_id) {
  if (runtime_directory != nullptr && *runtime_directory != '\0') {
    return fmt::format("{}/vmlan/system.sock", runtime_directory);
  }
  return fmt::format("/tmp/vmlan-{}/vmlan/system.sock", user_id);
}

}  // namespace vmlan::link
