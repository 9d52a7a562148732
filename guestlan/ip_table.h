// The IP table of a guest LAN: address -> port, and so -> the next empty input buffer of that port's
// driver. One look-up decides delivery; there is no ARP on the LAN. This is the table of claim 1.
//
// Open addressing over 128-bit keys (IPv4 mapped into IPv6), at most half full: a look-up touches one or
// two cache lines and never allocates. Changes come from SETIP/DELIP and friends only.
//
// Source: CP control block IPNBK (entry types unicast, multicast, broadcast, router).
// Owns: entries, not ports. Threads: the base's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "qdio/ipa_codes.h"
#include "wire/ip_address.h"

namespace vmlan::guestlan {

class DataPort;

enum class EntryType : std::uint8_t { none, unicast, multicast, broadcast };

struct IpEntry {
  wire::IpAddress address;
  EntryType type = EntryType::none;
  std::uint32_t uses = 0;           // broadcast: how many registered addresses imply it
  DataPort* port = nullptr;         // unicast
  std::unique_ptr<std::vector<DataPort*>> members;  // multicast
};

class IpTable {
 public:
  IpTable();
  ~IpTable();

  // nullptr = no such address.
  const IpEntry* find(const wire::IpAddress& address) const noexcept;
  void prefetch(const wire::IpAddress& address) const noexcept;

  // false: the address is taken by another port; with `takeover` it moves.
  enum class Added : std::uint8_t { yes, already_mine, taken };
  Added add_unicast(const wire::IpAddress& address, unsigned prefix_length, DataPort& port, bool takeover);
  bool remove_unicast(const wire::IpAddress& address, const DataPort& port);
  Added add_multicast(const wire::IpAddress& group, DataPort& port);
  bool remove_multicast(const wire::IpAddress& group, const DataPort& port);

  // Router entries: where packets for unknown addresses go; multicast routers get all multicast.
  DataPort* primary_router(wire::IpVersion version) const noexcept;
  DataPort* secondary_router(wire::IpVersion version) const noexcept;
  qdio::IpaCode set_router(wire::IpVersion version, qdio::RouterType type, DataPort& port);
  const std::vector<DataPort*>& multicast_routers(wire::IpVersion version) const noexcept;

  // Everything of one port: it stopped or left.
  void remove_port(const DataPort& port);

  // All entries, sorted by address: for QUERY commands.
  std::vector<const IpEntry*> entries() const;
  std::size_t size() const noexcept { return used_; }

 private:
  struct Routers {
    DataPort* primary = nullptr;
    DataPort* secondary = nullptr;
    std::vector<DataPort*> multicast;
  };

  std::size_t home(const wire::IpAddress& address) const noexcept;
  IpEntry* find_entry(const wire::IpAddress& address) noexcept;
  IpEntry& insert(const wire::IpAddress& address);
  void erase(IpEntry& entry);
  void grow();
  void release_broadcast(const wire::IpAddress& address, unsigned prefix_length);
  Routers& routers(wire::IpVersion version) noexcept;
  const Routers& routers(wire::IpVersion version) const noexcept;

  std::vector<IpEntry> slots_;
  std::size_t used_ = 0;
  Routers v4_;
  Routers v6_;
};

}  // namespace vmlan::guestlan
