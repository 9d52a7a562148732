#include "host/folder_disk.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <utility>

namespace vmlan::host {

namespace {

namespace fs = std::filesystem;

// A file is read whole; a larger one cannot be meant for a minidisk.
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 30U;

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("$#@+-_").find(c) != std::string_view::npos;
}

bool is_name_part(std::string_view part) {
  return !part.empty() && part.size() <= 8 && std::all_of(part.begin(), part.end(), is_name_character);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

// "PROFILE.TCPIP" -> "PROFILE TCPIP"; nothing = not the name of a CMS file.
std::optional<std::string> cms_name(const std::string& host_name) {
  const std::size_t dot = host_name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const std::string name = host_name.substr(0, dot);
  const std::string type = host_name.substr(dot + 1);
  if (!is_name_part(name) || !is_name_part(type)) return std::nullopt;
  return upper(name) + " " + upper(type);
}

bool is_plain_file(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.symlink_status(error).type() == fs::file_type::regular && !error;
}

// Calls `use(entry, cms name)` for every file of the disk until it returns false.
template <class Use>
void each_file(const fs::path& folder, Use&& use) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto name = cms_name(at->path().filename().string());
    if (name && is_plain_file(*at) && !use(*at, *name)) return;
  }
}

}  // namespace

std::unique_ptr<FolderDisk> FolderDisk::open(const fs::path& folder, bool read_only) {
  std::error_code error;
  if (!fs::is_directory(folder, error) || error) return nullptr;
  return std::unique_ptr<FolderDisk>(new FolderDisk(folder, read_only));
}

FolderDisk::FolderDisk(fs::path folder, bool read_only) : folder_(std::move(folder)), read_only_(read_only) {}

std::optional<fs::path> FolderDisk::find(std::string_view name) const {
  // Two host names can mean one CMS name (a.b, A.B): the first in the host's alphabet is the file.
  std::optional<fs::path> found;
  each_file(folder_, [&](const fs::directory_entry& entry, const std::string& cms) {
    if (cms == name && (!found || entry.path() < *found)) found = entry.path();
    return true;
  });
  return found;
}

std::optional<arch::FileContents> FolderDisk::read(std::string_view name) const {
  const auto path = find(name);
  if (!path) return std::nullopt;
  std::error_code error;
  const auto size = fs::file_size(*path, error);
  std::ifstream file(*path, std::ios::binary);
  if (error || !file || size > largest_file) return std::nullopt;
  arch::FileContents contents(size);
  file.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(size));
  contents.resize(static_cast<std::size_t>(file.gcount()));
  return contents;
}

bool FolderDisk::write(std::string_view name, std::span<const std::byte> contents) {
  const std::size_t blank = name.find(' ');
  if (read_only_ || blank == std::string_view::npos) return false;
  const std::string_view first = name.substr(0, blank);
  const std::string_view second = name.substr(blank + 1);
  if (!is_name_part(first) || !is_name_part(second)) return false;
  const fs::path path = find(name).value_or(folder_ / (upper(first) + "." + upper(second)));
  // Written beside it and renamed: a full disk does not cost the file that was there.
  const fs::path beside = folder_ / ".vmlan-write";
  std::error_code error;
  fs::remove(beside, error);
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(contents.data()), static_cast<std::streamsize>(contents.size()));
  file.close();
  if (file) fs::rename(beside, path, error);
  if (!file || error) {
    std::error_code ignored;
    fs::remove(beside, ignored);
    return false;
  }
  return true;
}

bool FolderDisk::erase(std::string_view name) {
  if (read_only_) return false;
  const auto path = find(name);
  std::error_code error;
  return path && fs::remove(*path, error) && !error;
}

std::vector<std::string> FolderDisk::list() const {
  std::vector<std::string> names;
  each_file(folder_, [&](const fs::directory_entry&, const std::string& name) {
    names.push_back(name);
    return true;
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace vmlan::host
