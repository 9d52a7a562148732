#include "host/folder_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "host/this_process.h"

namespace vmlan::host {

namespace {

namespace fs = std::filesystem;

// A file is read whole; a larger one cannot be meant for a minidisk.
constexpr off_t largest_file = off_t{1} << 30U;

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

// Looks at `name` in the folder and nowhere else: a link is a link.
bool is_plain_file(const Descriptor& folder, const char* name) {
  struct stat status {};
  return ::fstatat(folder.number(), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

// Calls `use(host name, cms name)` for every file of the disk.
template <class Use>
void each_file(const Descriptor& folder, Use&& use) {
  // One of its own: where it has read to is shared by all that are duplicates of one another.
  const int list = ::openat(folder.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseFolder> entries(list >= 0 ? ::fdopendir(list) : nullptr);
  if (entries == nullptr) {
    if (list >= 0) ::close(list);
    return;
  }
  while (const dirent* entry = ::readdir(entries.get())) {
    const auto name = cms_name(entry->d_name);
    if (name && is_plain_file(folder, entry->d_name)) use(std::string(entry->d_name), *name);
  }
}

bool write_all(const Descriptor& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::unique_ptr<FolderDisk> FolderDisk::open(const fs::path& folder, bool read_only) {
  Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return nullptr;
  return std::unique_ptr<FolderDisk>(new FolderDisk(std::move(opened), read_only));
}

FolderDisk::FolderDisk(Descriptor folder, bool read_only)
    : folder_(std::move(folder)), read_only_(read_only) {}

std::optional<std::string> FolderDisk::find(std::string_view name) const {
  // Two host names can mean one CMS name (a.b, A.B): the first in the host's alphabet is the file.
  std::optional<std::string> found;
  each_file(folder_, [&](const std::string& host_name, const std::string& cms) {
    if (cms == name && (!found || host_name < *found)) found = host_name;
  });
  return found;
}

std::optional<arch::FileContents> FolderDisk::read(std::string_view name) const {
  const auto host_name = find(name);
  if (!host_name) return std::nullopt;
  // What was a file may be a link or a pipe by now.
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const Descriptor file(::openat(folder_.number(), host_name->c_str(), flags));
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (status.st_size < 0 || status.st_size > largest_file) return std::nullopt;
  arch::FileContents contents(static_cast<std::size_t>(status.st_size));
  std::size_t length = 0;
  while (length < contents.size()) {
    const ssize_t got = ::read(file.number(), contents.data() + length, contents.size() - length);
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  contents.resize(length);
  return contents;
}

bool FolderDisk::write(std::string_view name, std::span<const std::byte> contents) {
  const std::size_t blank = name.find(' ');
  if (read_only_ || blank == std::string_view::npos) return false;
  const std::string_view first = name.substr(0, blank);
  const std::string_view second = name.substr(blank + 1);
  if (!is_name_part(first) || !is_name_part(second)) return false;
  const std::string host_name = find(name).value_or(upper(first) + "." + upper(second));
  // Written beside it, under a name that no other process writes to, and renamed: a full disk does not cost
  // the file that was there, and whatever lies at that name is replaced, never followed.
  const std::string beside = ".vmlan-write-" + std::to_string(process_number());
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  constexpr mode_t as_umask_says = 0666;
  ::unlinkat(folder_.number(), beside.c_str(), 0);
  Descriptor file(::openat(folder_.number(), beside.c_str(), flags, as_umask_says));
  if (!file) return false;
  const bool written = write_all(file, contents) && file.close();
  if (written && ::renameat(folder_.number(), beside.c_str(), folder_.number(), host_name.c_str()) == 0)
    return true;
  ::unlinkat(folder_.number(), beside.c_str(), 0);
  return false;
}

bool FolderDisk::erase(std::string_view name) {
  if (read_only_) return false;
  const auto host_name = find(name);
  return host_name && ::unlinkat(folder_.number(), host_name->c_str(), 0) == 0;
}

std::vector<std::string> FolderDisk::list() const {
  std::vector<std::string> names;
  each_file(folder_, [&](const std::string&, const std::string& name) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace vmlan::host
