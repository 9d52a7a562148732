// The IP table of a guest LAN: address -> port, and so -> the next empty input buffer of that port's
// driver. One look-up decides delivery; there is no ARP on the LAN. This is the table of claim 1.
//
// Open addressing over 128-bit keys (IPv4 mapped into IPv6), at most half full, 32 bytes a slot: a look-up
// touches one cache line as a rule and never allocates. Changes come from SETIP/DELIP and friends only.
//
// Source: CP control block IPNBK (entry types unicast, multicast, broadcast, router).
// Owns: entries, not ports. Threads: the base's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "qdio/adapter/ipa_codes.h"
#include "wire/ip_address.h"

namespace vmlan::guestlan {

class Port;

__extension__ using Uint128 = unsigned __int128;

enum class EntryType : std::uint8_t { none, unicast, multicast, broadcast };

// Who gets what is sent to a group; for a subnet broadcast, how many registered addresses imply it.
struct Group {
  std::vector<Port*> members;
  unsigned uses = 0;
};

struct alignas(32) IpEntry {
  wire::IpAddress address;
  union {
    Port* port = nullptr;  // unicast
    Group* group;          // multicast and broadcast, owned by the table
  };
  EntryType type = EntryType::none;
  std::uint8_t broadcast_prefix = 0;  // unicast: of the subnet whose broadcast address counts it; 0: none
};
static_assert(sizeof(IpEntry) == 32);

class IpTable {
 public:
  IpTable();
  ~IpTable();
  IpTable(const IpTable&) = delete;
  IpTable& operator=(const IpTable&) = delete;

  // nullptr = no such address.
  const IpEntry* find(const wire::IpAddress& address) const noexcept {
    for (std::size_t slot = home(address);; slot = (slot + 1) & mask_) {
      const IpEntry& entry = slots_[slot];
      if (entry.type == EntryType::none) return nullptr;
      if (entry.address == address) return &entry;
    }
  }

  // A hint that find() comes.
  void prefetch(const wire::IpAddress& address) const noexcept {
    __builtin_prefetch(slots_.data() + home(address));
  }

  enum class Added : std::uint8_t { yes, already_mine, taken };
  // `taken`: another port has it.
  Added add_unicast(const wire::IpAddress& address, unsigned prefix_length, Port& port);
  bool remove_unicast(const wire::IpAddress& address, const Port& port);
  Added add_multicast(const wire::IpAddress& group, Port& port);
  bool remove_multicast(const wire::IpAddress& group, const Port& port);

  // Router entries: where packets for unknown addresses go; multicast routers get all multicast.
  Port* primary_router(wire::IpVersion version) const noexcept { return routers(version).primary; }
  Port* secondary_router(wire::IpVersion version) const noexcept { return routers(version).secondary; }
  const std::vector<Port*>& multicast_routers(wire::IpVersion version) const noexcept {
    return routers(version).multicast;
  }
  qdio::IpaCode set_router(wire::IpVersion version, qdio::RouterType type, Port& port);
  // The port routes nothing any more.
  void remove_router(const Port& port);

  // All entries, sorted by address: for QUERY commands.
  std::vector<const IpEntry*> entries() const;
  std::size_t size() const noexcept { return used_; }

 private:
  struct Routers {
    Port* primary = nullptr;
    Port* secondary = nullptr;
    std::vector<Port*> multicast;
  };

  std::size_t home(const wire::IpAddress& address) const noexcept {
    const std::uint64_t key = address.low() ^ address.high() * 0x9e3779b97f4a7c15ULL;
    const auto product = static_cast<Uint128>(key) * 0xd6e8feb86659fd93ULL;
    return static_cast<std::size_t>(product >> 64U ^ product) & mask_;
  }
  IpEntry* find_entry(const wire::IpAddress& address) noexcept { return const_cast<IpEntry*>(find(address)); }
  IpEntry& insert(const wire::IpAddress& address, EntryType type);
  void erase(IpEntry& entry);
  void grow();
  // false: there is none, or it is somebody's own address or a group.
  bool use_broadcast(const wire::IpAddress& address, unsigned prefix_length);
  void release_broadcast(const wire::IpAddress& address, unsigned prefix_length);
  Routers& routers(wire::IpVersion version) noexcept { return version == wire::IpVersion::v4 ? v4_ : v6_; }
  const Routers& routers(wire::IpVersion version) const noexcept {
    return version == wire::IpVersion::v4 ? v4_ : v6_;
  }

  std::vector<IpEntry> slots_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
  Routers v4_;
  Routers v6_;
};

}  // namespace vmlan::guestlan
