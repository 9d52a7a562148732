// A folder of the host as a minidisk: file "PROFILE TCPIP" is PROFILE.TCPIP or profile.tcpip in it.
//
// Only regular files directly in the folder are seen, and only those whose names are a CMS name with a dot
// for the blank; links are not followed, neither while looking nor by what takes a file's place afterwards.
// New files get upper-case names.
//
// Owns: the open folder, which stays the same one whatever becomes of its path. Errors: what the host refuses
// is "no such file" or false, as arch::Minidisk says. Threads: the base's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "arch/minidisk.h"
#include "host/descriptor.h"

namespace vmlan::host {

class FolderDisk final : public arch::Minidisk {
 public:
  // nullptr = there is no such folder.
  static std::unique_ptr<FolderDisk> open(const std::filesystem::path& folder, bool read_only);

  std::optional<arch::FileContents> read(std::string_view name) const override;
  bool write(std::string_view name, std::span<const std::byte> contents) override;
  bool erase(std::string_view name) override;
  std::vector<std::string> list() const override;

 private:
  FolderDisk(Descriptor folder, bool read_only);
  // The host's name of the file that has this CMS name; nothing = there is none.
  std::optional<std::string> find(std::string_view name) const;

  Descriptor folder_;
  bool read_only_;
};

}  // namespace vmlan::host
