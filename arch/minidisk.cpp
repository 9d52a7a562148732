#include "arch/minidisk.h"

namespace vmlan::arch {

std::optional<FileContents> Minidisk::read(std::string_view name, std::uint64_t most) const {
  const auto file = open(name);
  if (file == nullptr || file->size() > most) return std::nullopt;
  FileContents contents(static_cast<std::size_t>(file->size()));
  const auto length = file->read(contents);
  if (!length) return std::nullopt;
  contents.resize(*length);
  return contents;
}

bool Minidisk::write(std::string_view name, std::span<const std::byte> contents) {
  const auto file = create(name);
  return file != nullptr && file->append(contents) && file->keep();
}

}  // namespace vmlan::arch
