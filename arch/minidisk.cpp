#include "arch/minidisk.h"

namespace vmlan::arch {

std::optional<FileContents> MemoryDisk::read(std::string_view name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return std::nullopt;
  return found->second;
}

bool MemoryDisk::write(std::string_view name, std::span<const std::byte> contents) {
  files_.insert_or_assign(std::string(name), FileContents(contents.begin(), contents.end()));
  return true;
}

bool MemoryDisk::erase(std::string_view name) {
  const auto found = files_.find(name);
  if (found == files_.end()) return false;
  files_.erase(found);
  return true;
}

std::vector<std::string> MemoryDisk::list() const {
  std::vector<std::string> names;
  for (const auto& [name, contents] : files_) names.push_back(name);
  return names;
}

}  // namespace vmlan::arch
