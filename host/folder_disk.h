// A folder of the host as a minidisk: file "PROFILE TCPIP" is PROFILE.TCPIP or profile.tcpip in it.
//
// Only regular files directly in the folder are seen, and only those whose names are a CMS name with a dot
// for the blank; links are not followed, neither while looking nor by what takes a file's place afterwards.
// New files get upper-case names.
//
// A file in the making lies beside the others as .vmlan-write-PROCESS-NUMBER and takes its place by a rename:
// a full disk does not cost the file that was there, and whatever lies at that name is replaced, never
// followed.
//
// Owns: the open folder, which stays the same one whatever becomes of its path. Errors: what the host refuses
// is "no such file" or false, as arch::Minidisk says. Threads: the base's.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "arch/leftovers.h"
#include "arch/minidisk.h"
#include "host/descriptor.h"

namespace vmlan::host {

class FolderDisk final : public arch::Minidisk {
 public:
  // nullptr = there is no such folder. Large files that are erased and replaced go to `leftovers`, which
  // outlive the disk; at once without.
  static std::unique_ptr<FolderDisk> open(const std::filesystem::path& folder, bool read_only,
                                          arch::Leftovers* leftovers = nullptr);

  std::unique_ptr<arch::FileReader> open(std::string_view name) const override;
  std::unique_ptr<arch::FileWriter> create(std::string_view name) override;
  bool erase(std::string_view name) override;
  bool rename(std::string_view from, std::string_view to) override;
  std::vector<std::string> list() const override;
  Usage usage() const override;

 private:
  class Writer;
  FolderDisk(Descriptor folder, bool read_only, arch::Leftovers* leftovers);
  // The host's name of the file that has this CMS name; nothing = there is none.
  std::optional<std::string> find(std::string_view name) const;
  // The same, or the one that a new file gets; nothing = no file can have this name.
  std::optional<std::string> find_or_name(std::string_view name) const;

  Descriptor folder_;
  bool read_only_;
  arch::Leftovers* leftovers_;
  unsigned files_written_ = 0;
};

}  // namespace vmlan::host
