#include "host/temporary_folder.h"

#include <cstdlib>
#include <string>
#include <system_error>

namespace vmlan::host {

std::optional<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  std::filesystem::path base = std::filesystem::temp_directory_path(error);
  if (error) base = "/tmp";
  std::string name = (base / "vmlan-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return std::nullopt;
  return TemporaryFolder(name);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace vmlan::host
