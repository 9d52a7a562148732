#include "guestlan/ip_table.h"

#include <algorithm>
#include <optional>

namespace vmlan::guestlan {

namespace {

constexpr std::size_t first_capacity = 16;

// The directed broadcast address of an IPv4 subnet; nothing for host routes, /31 (RFC 3021) and IPv6.
std::optional<wire::IpAddress> subnet_broadcast(const wire::IpAddress& address, unsigned prefix_length) {
  if (!address.is_v4() || prefix_length == 0 || prefix_length > 30) return std::nullopt;
  wire::IpAddress broadcast = address;
  for (unsigned bit = prefix_length; bit < 32; ++bit) {
    auto& byte = broadcast.bytes[12 + bit / 8];
    byte = static_cast<std::uint8_t>(byte | 0x80U >> bit % 8);
  }
  return broadcast;
}

}  // namespace

IpTable::IpTable() : slots_(first_capacity), mask_(first_capacity - 1) {}

IpTable::~IpTable() {
  for (const IpEntry& entry : slots_) {
    if (entry.type == EntryType::multicast || entry.type == EntryType::broadcast) {
      std::unique_ptr<Group>(entry.group).reset();
    }
  }
}

void IpTable::grow() {
  std::vector<IpEntry> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const IpEntry& entry : old) {
    if (entry.type == EntryType::none) continue;
    std::size_t slot = home(entry.address);
    while (slots_[slot].type != EntryType::none) slot = (slot + 1) & mask_;
    slots_[slot] = entry;
  }
}

IpEntry& IpTable::insert(const wire::IpAddress& address, EntryType type) {
  if ((used_ + 1) * 2 > slots_.size()) grow();
  std::size_t slot = home(address);
  while (slots_[slot].type != EntryType::none) slot = (slot + 1) & mask_;
  IpEntry& entry = slots_[slot];
  entry.address = address;
  entry.type = type;
  if (type == EntryType::unicast) {
    entry.port = nullptr;
  } else {
    entry.group = std::make_unique<Group>().release();
  }
  ++used_;
  return entry;
}

// Closes the gap, so that no look-up ever meets a tombstone.
void IpTable::erase(IpEntry& entry) {
  if (entry.type != EntryType::unicast) std::unique_ptr<Group>(entry.group).reset();
  auto hole = static_cast<std::size_t>(&entry - slots_.data());
  slots_[hole] = IpEntry{};
  --used_;
  for (std::size_t slot = (hole + 1) & mask_; slots_[slot].type != EntryType::none;
       slot = (slot + 1) & mask_) {
    const std::size_t wanted = home(slots_[slot].address);
    const bool reachable = ((slot - wanted) & mask_) >= ((slot - hole) & mask_);
    if (!reachable) continue;
    slots_[hole] = slots_[slot];
    slots_[slot] = IpEntry{};
    hole = slot;
  }
}

bool IpTable::use_broadcast(const wire::IpAddress& address, unsigned prefix_length) {
  const auto broadcast = subnet_broadcast(address, prefix_length);
  if (!broadcast) return false;
  IpEntry* entry = find_entry(*broadcast);
  if (entry == nullptr) entry = &insert(*broadcast, EntryType::broadcast);
  if (entry->type != EntryType::broadcast) return false;
  ++entry->group->uses;
  return true;
}

void IpTable::release_broadcast(const wire::IpAddress& address, unsigned prefix_length) {
  const auto broadcast = subnet_broadcast(address, prefix_length);
  if (!broadcast) return;
  IpEntry* entry = find_entry(*broadcast);  // there is one: it is counted
  if (--entry->group->uses == 0) erase(*entry);
}

IpTable::Added IpTable::add_unicast(const wire::IpAddress& address, unsigned prefix_length, Port& port) {
  const IpEntry* present = find(address);
  if (present != nullptr) {
    return present->type == EntryType::unicast && present->port == &port ? Added::already_mine : Added::taken;
  }
  insert(address, EntryType::unicast).port = &port;
  if (use_broadcast(address, prefix_length)) {
    find_entry(address)->broadcast_prefix = static_cast<std::uint8_t>(prefix_length);
  }
  return Added::yes;
}

bool IpTable::remove_unicast(const wire::IpAddress& address, const Port& port) {
  IpEntry* entry = find_entry(address);
  if (entry == nullptr || entry->type != EntryType::unicast || entry->port != &port) return false;
  const unsigned prefix_length = entry->broadcast_prefix;
  erase(*entry);
  release_broadcast(address, prefix_length);
  return true;
}

IpTable::Added IpTable::add_multicast(const wire::IpAddress& group, Port& port) {
  IpEntry* entry = find_entry(group);
  if (entry == nullptr) entry = &insert(group, EntryType::multicast);
  if (entry->type != EntryType::multicast) return Added::taken;
  auto& members = entry->group->members;
  if (std::find(members.begin(), members.end(), &port) != members.end()) return Added::already_mine;
  members.push_back(&port);
  return Added::yes;
}

bool IpTable::remove_multicast(const wire::IpAddress& group, const Port& port) {
  IpEntry* entry = find_entry(group);
  if (entry == nullptr || entry->type != EntryType::multicast) return false;
  const bool was_member = std::erase(entry->group->members, &port) > 0;
  if (entry->group->members.empty()) erase(*entry);
  return was_member;
}

qdio::IpaCode IpTable::set_router(wire::IpVersion version, qdio::RouterType type, Port& port) {
  using qdio::IpaCode;
  using qdio::RouterType;
  Routers& table = routers(version);
  switch (type) {
    case RouterType::primary:
    case RouterType::primary_connector:
      if (table.primary != nullptr && table.primary != &port) return IpaCode::primary_exists;
      break;
    case RouterType::secondary:
    case RouterType::secondary_connector:
      if (table.secondary != nullptr && table.secondary != &port) return IpaCode::secondary_exists;
      break;
    case RouterType::none:
    case RouterType::multicast:
      break;
    default:
      return IpaCode::invalid_routing_indicator;
  }
  if (table.primary == &port) table.primary = nullptr;
  if (table.secondary == &port) table.secondary = nullptr;
  std::erase(table.multicast, &port);
  if (type == RouterType::primary || type == RouterType::primary_connector) table.primary = &port;
  if (type == RouterType::secondary || type == RouterType::secondary_connector) table.secondary = &port;
  if (type == RouterType::multicast) table.multicast.push_back(&port);
  return IpaCode::success;
}

void IpTable::remove_router(const Port& port) {
  for (Routers* table : {&v4_, &v6_}) {
    if (table->primary == &port) table->primary = nullptr;
    if (table->secondary == &port) table->secondary = nullptr;
    std::erase(table->multicast, &port);
  }
}

std::vector<const IpEntry*> IpTable::entries() const {
  std::vector<const IpEntry*> sorted;
  for (const IpEntry& entry : slots_) {
    if (entry.type != EntryType::none) sorted.push_back(&entry);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->address < b->address; });
  return sorted;
}

}  // namespace vmlan::guestlan
