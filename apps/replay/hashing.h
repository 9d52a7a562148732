// Hashes of addresses for tables of the replay: multiplication spreads the host part over the upper half, the
// fold brings it down again.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/ip_address.h"

namespace vmlan::apps {

inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
  hash = (hash ^ value) * odd;
  return hash ^ hash >> 32U;
}
inline std::uint64_t mixed(std::uint64_t hash, const wire::IpAddress& address) noexcept {
  return mixed(mixed(hash, address.high()), address.low());
}

struct AddressHash {
  std::size_t operator()(const wire::IpAddress& address) const noexcept {
    return static_cast<std::size_t>(mixed(0, address));
  }
};

}  // namespace vmlan::apps
