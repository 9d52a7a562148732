#include "apps/replay/stations.h"

#include <algorithm>
#include <array>

#include "apps/replay/hashing.h"

namespace vmlan::apps {

namespace {

// In front of a MAC address: a multicast address as an IPv6 address, so that no sender has it.
constexpr std::array<std::uint8_t, 10> mac_mark{0xff, 'M', 'A', 'C', 0, 0, 0, 0, 0, 0};

}  // namespace

StationKey StationKey::of(const wire::MacAddress& mac, std::uint32_t domain) noexcept {
  StationKey key;
  std::copy(mac_mark.begin(), mac_mark.end(), key.address.bytes.begin());
  std::copy(mac.bytes.begin(), mac.bytes.end(), key.address.bytes.begin() + mac_mark.size());
  key.domain = domain;
  return key;
}

bool StationKey::is_mac() const noexcept {
  return std::equal(mac_mark.begin(), mac_mark.end(), address.bytes.begin());
}

wire::MacAddress StationKey::mac() const noexcept {
  wire::MacAddress mac;
  std::copy(address.bytes.begin() + mac_mark.size(), address.bytes.end(), mac.bytes.begin());
  return mac;
}

std::uint64_t Stations::hash(const StationKey& key) noexcept {
  return mixed(mixed(key.domain, key.address), 0);
}

std::uint32_t Stations::find(const StationKey& key) const noexcept {
  if (slots_.empty()) return nobody;
  const auto mixed = hash(key);
  const auto mark = static_cast<std::uint32_t>(mixed >> 32U);
  const std::size_t mask = slots_.size() - 1;
  // Ends at a free slot: half of them are.
  for (std::size_t slot = mixed & mask; slots_[slot].number != nobody; slot = (slot + 1) & mask) {
    if (slots_[slot].mark == mark && keys_[slots_[slot].number] == key) return slots_[slot].number;
  }
  return nobody;
}

std::uint32_t Stations::add(const StationKey& key) {
  if (const auto number = find(key); number != nobody) return number;
  const auto number = size();
  keys_.push_back(key);
  if (keys_.size() * 2 > slots_.size()) {
    grow();
  } else {
    put(hash(key), number);
  }
  return number;
}

void Stations::put(std::uint64_t hash, std::uint32_t number) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot].number != nobody) slot = (slot + 1) & mask;
  slots_[slot] = {static_cast<std::uint32_t>(hash >> 32U), number};
}

void Stations::grow() {
  constexpr std::size_t first = 64;
  slots_.assign(std::max(first, slots_.size() * 2), Slot{});
  for (std::uint32_t number = 0; number < size(); ++number) put(hash(keys_[number]), number);
}

}  // namespace vmlan::apps
