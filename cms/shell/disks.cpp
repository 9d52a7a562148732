#include "cms/shell/disks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace vmlan::cms {
namespace {

std::size_t index_of(char mode) noexcept { return static_cast<std::size_t>(mode - 'A'); }
bool is_mode_letter(char c) noexcept { return c >= 'A' && c <= 'Z'; }

// "A", "A1", "*"
bool looks_like_mode(std::string_view word) noexcept {
  if (word == "*") return true;
  if (word.empty() || word.size() > 2 || !is_mode_letter(word[0])) return false;
  return word.size() == 1 || (word[1] >= '0' && word[1] <= '6');
}

// Letters, digits and @ # $ + - : _ (CMS, "fileid").
bool valid_character(char c) noexcept {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("@#$+-:_").find(c) != std::string_view::npos;
}

bool valid_part(std::string_view part, bool patterns, FileIdError& error) {
  if (patterns && part == "*") return true;
  const auto bad = std::ranges::find_if_not(part, valid_character);
  if (bad == part.end()) return true;
  error = {20, fmt::format("062E Invalid character {} in fileid {}", *bad, part)};
  return false;
}

}  // namespace

bool Disks::access(char mode, arch::DeviceNumber device) {
  if (!is_mode_letter(mode) || machine_.minidisk(device) == nullptr) return false;
  devices_[index_of(mode)] = device;
  return true;
}

bool Disks::release(char mode) {
  if (!is_mode_letter(mode) || !devices_[index_of(mode)]) return false;
  devices_[index_of(mode)].reset();
  return true;
}

arch::Minidisk* Disks::disk(char mode) const {
  if (!is_mode_letter(mode) || !devices_[index_of(mode)]) return nullptr;
  return machine_.minidisk(*devices_[index_of(mode)]);
}

std::vector<Disks::Accessed> Disks::all() const {
  std::vector<Accessed> accessed;
  for (std::size_t index = 0; index < modes; ++index) {
    const char mode = static_cast<char>('A' + index);
    if (arch::Minidisk* found = disk(mode); found != nullptr)
      accessed.push_back({mode, *devices_[index], found});
  }
  return accessed;
}

std::optional<FileId> Disks::find(const FileId& id) const {
  for (const auto& accessed : all()) {
    if (id.mode != '*' && id.mode != accessed.mode) continue;
    if (std::ranges::binary_search(accessed.disk->list(), id.disk_name()))
      return FileId{id.name, id.type, accessed.mode};
  }
  return std::nullopt;
}

std::unique_ptr<arch::FileReader> Disks::open(const FileId& id) const {
  for (const auto& accessed : all()) {
    if (id.mode != '*' && id.mode != accessed.mode) continue;
    if (auto file = accessed.disk->open(id.disk_name())) return file;
  }
  return nullptr;
}

std::optional<arch::FileContents> Disks::read(const FileId& id, std::size_t most) const {
  const auto file = open(id);
  if (file == nullptr || file->size() > most) return std::nullopt;
  arch::FileContents contents(static_cast<std::size_t>(file->size()));
  const auto length = file->read(contents);
  if (!length) return std::nullopt;
  contents.resize(*length);
  return contents;
}

std::optional<FileId> take_file_id(Operands& operands, FileIdError& error, bool patterns) {
  constexpr std::size_t name_length = 8;
  FileId id;
  id.name = operands.take().substr(0, name_length);
  id.type = operands.take().substr(0, name_length);
  if (id.type.empty()) {
    error = {24, "054E Incomplete fileid specified"};
    return std::nullopt;
  }
  if (!valid_part(id.name, patterns, error) || !valid_part(id.type, patterns, error)) return std::nullopt;
  if (looks_like_mode(operands.peek())) id.mode = operands.take().front();
  return id;
}

}  // namespace vmlan::cms
