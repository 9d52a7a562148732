#include "host/folder_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <map>
#include <utility>

#include "host/retired_file.h"
#include "host/this_process.h"

namespace vmlan::host {

namespace {

namespace fs = std::filesystem;

// A larger one cannot be meant for a minidisk.
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

// Nothing = `name` in the folder is no plain file: a link is a link.
std::optional<struct stat> plain_file(const Descriptor& folder, const char* name) {
  struct stat status {};
  if (::fstatat(folder.number(), name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return status;
}

// Who may read the file and write it.
std::optional<mode_t> mode_of(const Descriptor& folder, const char* name) {
  constexpr mode_t who_may = 0777;
  const auto status = plain_file(folder, name);
  return status ? std::optional(status->st_mode & who_may) : std::nullopt;
}

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

// Calls `use(host name, cms name, size)` for every file of the disk.
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
    const auto status = name ? plain_file(folder, entry->d_name) : std::nullopt;
    if (status) use(std::string(entry->d_name), *name, static_cast<std::uint64_t>(status->st_size));
  }
}

class Reader final : public arch::FileReader {
 public:
  Reader(Descriptor file, std::uint64_t size) noexcept : file_(std::move(file)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  std::optional<std::size_t> read(std::span<std::byte> room) override {
    room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), size_ - read_)));
    std::size_t length = 0;
    while (length < room.size()) {
      const ssize_t got = ::read(file_.number(), room.data() + length, room.size() - length);
      // Somebody has made it shorter: what is left is not the file that was opened.
      if (got <= 0) return std::nullopt;
      length += static_cast<std::size_t>(got);
    }
    read_ += length;
    return length;
  }

 private:
  Descriptor file_;
  std::uint64_t size_;
  std::uint64_t read_ = 0;
};

}  // namespace

class FolderDisk::Writer final : public arch::FileWriter {
 public:
  Writer(FolderDisk& disk, std::string_view name, std::string beside, Descriptor file)
      : disk_(disk), name_(name), beside_(std::move(beside)), file_(std::move(file)) {}
  ~Writer() override {
    if (!file_) return;
    ::unlinkat(disk_.folder_.number(), beside_.c_str(), 0);
    RetiredFile(std::move(file_)).leave_to(disk_.leftovers_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  bool append(std::span<const std::byte> bytes) override;
  bool keep() override;

 private:
  FolderDisk& disk_;
  std::string name_;
  std::string beside_;
  Descriptor file_;
  off64_t written_ = 0;
  off64_t on_its_way_ = 0;
};

bool FolderDisk::Writer::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.number(), bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    written_ += written;
  }
  // Some file systems find a place for all of a file when it takes another's place: 66 ms for 250 MB on ext4,
  // measured. What is on its way to the disk by then has one. An effort: what the host makes of it is no
  // error.
  constexpr off64_t at_once = off64_t{256} << 10U;
  if (written_ - on_its_way_ >= at_once) {
    ::sync_file_range(file_.number(), on_its_way_, written_ - on_its_way_, SYNC_FILE_RANGE_WRITE);
    on_its_way_ = written_;
  }
  return true;
}

bool FolderDisk::Writer::keep() {
  const auto host_name = disk_.find_or_name(name_);
  if (!host_name) return false;
  const int folder = disk_.folder_.number();
  if (const auto mode = mode_of(disk_.folder_, host_name->c_str())) ::fchmod(file_.number(), *mode);
  RetiredFile old(disk_.folder_, host_name->c_str());
  if (!file_.close() || ::renameat(folder, beside_.c_str(), folder, host_name->c_str()) != 0) {
    ::unlinkat(folder, beside_.c_str(), 0);
    return false;
  }
  old.leave_to(disk_.leftovers_);
  return true;
}

std::unique_ptr<FolderDisk> FolderDisk::open(const fs::path& folder, bool read_only,
                                             arch::Leftovers* leftovers) {
  Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return nullptr;
  return std::unique_ptr<FolderDisk>(new FolderDisk(std::move(opened), read_only, leftovers));
}

FolderDisk::FolderDisk(Descriptor folder, bool read_only, arch::Leftovers* leftovers)
    : folder_(std::move(folder)), read_only_(read_only), leftovers_(leftovers) {}

std::optional<std::string> FolderDisk::find(std::string_view name) const {
  // Two host names can mean one CMS name (a.b, A.B): the first in the host's alphabet is the file.
  std::optional<std::string> found;
  each_file(folder_, [&](const std::string& host_name, const std::string& cms, std::uint64_t) {
    if (cms == name && (!found || host_name < *found)) found = host_name;
  });
  return found;
}

std::optional<std::string> FolderDisk::find_or_name(std::string_view name) const {
  const std::size_t blank = name.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view first = name.substr(0, blank);
  const std::string_view second = name.substr(blank + 1);
  if (!is_name_part(first) || !is_name_part(second)) return std::nullopt;
  return find(name).value_or(upper(first) + "." + upper(second));
}

std::unique_ptr<arch::FileReader> FolderDisk::open(std::string_view name) const {
  const auto host_name = find(name);
  if (!host_name) return nullptr;
  // What was a file may be a link or a pipe by now.
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  Descriptor file(::openat(folder_.number(), host_name->c_str(), flags));
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  if (status.st_size < 0 || status.st_size > largest_file) return nullptr;
  return std::make_unique<Reader>(std::move(file), static_cast<std::uint64_t>(status.st_size));
}

std::unique_ptr<arch::FileWriter> FolderDisk::create(std::string_view name) {
  const auto host_name = read_only_ ? std::nullopt : find_or_name(name);
  if (!host_name) return nullptr;
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  constexpr mode_t as_umask_says = 0666;
  // What nobody else may read they may not read in the making either.
  const mode_t mode = mode_of(folder_, host_name->c_str()).value_or(as_umask_says);
  constexpr unsigned most_left_behind =
      64;  // by a process of this number that has died, or another disk here
  for (unsigned attempt = 0; attempt < most_left_behind; ++attempt) {
    auto beside = ".vmlan-write-" + std::to_string(process_number()) + "-" + std::to_string(++files_written_);
    Descriptor file(::openat(folder_.number(), beside.c_str(), flags, mode));
    if (file) return std::make_unique<Writer>(*this, name, std::move(beside), std::move(file));
    if (errno != EEXIST) return nullptr;
  }
  return nullptr;
}

bool FolderDisk::erase(std::string_view name) {
  if (read_only_) return false;
  const auto host_name = find(name);
  if (!host_name) return false;
  RetiredFile old(folder_, host_name->c_str());
  if (::unlinkat(folder_.number(), host_name->c_str(), 0) != 0) return false;
  old.leave_to(leftovers_);
  return true;
}

bool FolderDisk::rename(std::string_view from, std::string_view to) {
  if (read_only_ || find(to)) return false;
  const auto old_name = find(from);
  const auto new_name = find_or_name(to);
  if (!old_name || !new_name) return false;
  const int folder = folder_.number();
  return ::renameat2(folder, old_name->c_str(), folder, new_name->c_str(), RENAME_NOREPLACE) == 0;
}

std::vector<std::string> FolderDisk::list() const {
  std::vector<std::string> names;
  each_file(folder_,
            [&](const std::string&, const std::string& name, std::uint64_t) { names.push_back(name); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

FolderDisk::Usage FolderDisk::usage() const {
  std::map<std::string, std::pair<std::string, std::uint64_t>> files;
  each_file(folder_, [&](const std::string& host_name, const std::string& cms, std::uint64_t size) {
    auto& file = files.try_emplace(cms, host_name, size).first->second;
    if (host_name < file.first) file = {host_name, size};
  });
  Usage usage{files.size(), 0};
  for (const auto& [name, file] : files) usage.bytes += file.second;
  return usage;
}

}  // namespace vmlan::host
