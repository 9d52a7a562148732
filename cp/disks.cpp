#include "cp/disks.h"

#include <algorithm>

#include "arch/memory_disk.h"

namespace vmlan::cp {

DiskPool::DiskPool(const Directory& directory, HostDisk host_disk, arch::Leftovers* leftovers)
    : directory_(directory), host_disk_(std::move(host_disk)), leftovers_(leftovers) {}

arch::Minidisk* DiskPool::find(std::string_view userid, arch::DeviceNumber device, Rights rights) {
  const auto entry = directory_.find(userid);
  if (!entry) return nullptr;
  for (const auto& link : entry->links) {
    if (link.device == device) return find_linked(*entry, link, rights);
  }
  return find_own(*entry, device, rights);
}

arch::Minidisk* DiskPool::find_own(const UserEntry& entry, arch::DeviceNumber device, Rights rights) {
  const auto definition = std::find_if(entry.disks.begin(), entry.disks.end(),
                                       [&](const DiskDefinition& disk) { return disk.device == device; });
  const bool defined = definition != entry.disks.end();
  if (!defined && device != cms_work_disk) return nullptr;
  Key key{entry.userid, device};
  arch::Minidisk* disk = nullptr;
  if (const auto known = disks_.find(key); known != disks_.end()) {
    disk = known->second.get();
  } else if (defined && !definition->host_path.empty()) {
    disk = host_disk_ ? keep(key, host_disk_(definition->host_path, definition->read_only)) : nullptr;
  } else {
    disk = keep(key, std::make_unique<arch::MemoryDisk>(leftovers_));
  }
  const bool refuse_writing = defined && definition->read_only && rights == Rights::user;
  return refuse_writing ? read_only(key, disk) : disk;
}

arch::Minidisk* DiskPool::find_linked(const UserEntry& entry, const LinkDefinition& link, Rights rights) {
  const auto owner = directory_.find(link.owner);
  if (!owner) return nullptr;
  // Only the owner's own disks: a link to a link is no disk, so that links can't form a ring.
  auto* disk = find_own(*owner, link.owner_device, rights);
  const bool refuse_writing = link.read_only && rights == Rights::user;
  return refuse_writing ? read_only({entry.userid, link.device}, disk) : disk;
}

arch::Minidisk* DiskPool::keep(Key key, std::unique_ptr<arch::Minidisk> disk) {
  if (!disk) return nullptr;
  return disks_.emplace(std::move(key), std::move(disk)).first->second.get();
}

arch::Minidisk* DiskPool::read_only(const Key& key, arch::Minidisk* disk) {
  if (disk == nullptr) return nullptr;
  auto& wrapper = read_only_[key];
  if (!wrapper) wrapper = std::make_unique<ReadOnlyDisk>(*disk);
  return wrapper.get();
}

}  // namespace vmlan::cp
