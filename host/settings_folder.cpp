#include "host/settings_folder.h"

#include <cstdlib>

namespace vmlan::host {

std::string settings_folder(const char* config_home, const char* home) {
  const auto is_absolute = [](const char* path) { return path != nullptr && *path == '/'; };
  if (is_absolute(config_home)) return std::string(config_home) + "/vmlan";
  if (is_absolute(home)) return std::string(home) + "/.config/vmlan";
  return {};
}

std::string settings_folder() { return settings_folder(std::getenv("XDG_CONFIG_HOME"), std::getenv("HOME")); }

}  // namespace vmlan::host
