// Who sends and receives in a trace, numbered in the order of their first sight.
//
// A station is an IP address, or a MAC address where frames are replayed, in one domain: the VLAN where
// VLANs are kept apart, 0 elsewhere.
//
// Threads: one. A look-up costs one line of the table and one of the keys.
#pragma once

#include <cstdint>
#include <vector>

#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::apps {

struct StationKey {
  wire::IpAddress address;
  std::uint32_t domain = 0;

  static StationKey of(const wire::MacAddress& mac, std::uint32_t domain) noexcept;
  bool is_mac() const noexcept;
  wire::MacAddress mac() const noexcept;
  bool operator==(const StationKey& other) const noexcept {
    return address == other.address && domain == other.domain;
  }
};

class Stations {
 public:
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};

  std::uint32_t find(const StationKey& key) const noexcept;
  // Its number, also if it is there already.
  std::uint32_t add(const StationKey& key);
  const StationKey& operator[](std::uint32_t number) const noexcept { return keys_[number]; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(keys_.size()); }

 private:
  struct Slot {
    std::uint32_t mark = 0;  // upper half of the hash
    std::uint32_t number = nobody;
  };
  static std::uint64_t hash(const StationKey& key) noexcept;
  void put(std::uint64_t hash, std::uint32_t number) noexcept;
  void grow();

  std::vector<StationKey> keys_;
  std::vector<Slot> slots_;  // a power of two of them, at most half full
};

}  // namespace vmlan::apps
