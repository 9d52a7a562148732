// Minidisks of all users, by owner and device number; they live as long as the system, whoever is logged on.
//
// MDISK makes a disk in memory or of a folder of the host; LINK shows another owner's disk; a user whose
// entry has nothing at 0191 gets a disk in memory there, since every CMS user needs a place to write.
//
// Owns: the disks. Threads: the base's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "arch/leftovers.h"
#include "arch/minidisk.h"
#include "cp/directory.h"

namespace vmlan::cp {

// Somebody else's disk, for looking only.
class ReadOnlyDisk final : public arch::Minidisk {
 public:
  explicit ReadOnlyDisk(arch::Minidisk& disk) noexcept : disk_(disk) {}
  std::unique_ptr<arch::FileReader> open(std::string_view name) const override { return disk_.open(name); }
  std::unique_ptr<arch::FileWriter> create(std::string_view) override { return nullptr; }
  bool erase(std::string_view) override { return false; }
  bool rename(std::string_view, std::string_view) override { return false; }
  std::vector<std::string> list() const override { return disk_.list(); }
  Usage usage() const override { return disk_.usage(); }

 private:
  arch::Minidisk& disk_;
};

inline constexpr arch::DeviceNumber cms_work_disk{0x0191};

class DiskPool {
 public:
  using HostDisk = std::function<std::unique_ptr<arch::Minidisk>(const std::string& path, bool read_only)>;
  // Disks in memory leave large files to `leftovers`, which may be nullptr.
  DiskPool(const Directory& directory, HostDisk host_disk, arch::Leftovers* leftovers = nullptr);

  // Whose rights count: the user's (a read-only link refuses writing) or the system's.
  enum class Rights : unsigned char { user, system };
  // nullptr = no such disk, or its folder can't be used. The disk stays where it is.
  arch::Minidisk* find(std::string_view userid, arch::DeviceNumber device, Rights rights);

 private:
  using Key = std::pair<std::string, arch::DeviceNumber>;
  arch::Minidisk* find_own(const UserEntry& entry, arch::DeviceNumber device, Rights rights);
  arch::Minidisk* find_linked(const UserEntry& entry, const LinkDefinition& link, Rights rights);
  arch::Minidisk* keep(Key key, std::unique_ptr<arch::Minidisk> disk);
  arch::Minidisk* read_only(const Key& key, arch::Minidisk* disk);

  const Directory& directory_;
  HostDisk host_disk_;
  arch::Leftovers* leftovers_;
  std::map<Key, std::unique_ptr<arch::Minidisk>> disks_;
  std::map<Key, std::unique_ptr<ReadOnlyDisk>> read_only_;
};

}  // namespace vmlan::cp
