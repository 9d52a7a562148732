#include "apps/replay/anonymiser.h"

#include <algorithm>
#include <array>

#include "host/trace/digest.h"

namespace vmlan::apps {

namespace {

constexpr unsigned bits_of_key = 128;
constexpr unsigned first_bit_of_v4 = 96;

}  // namespace

bool Anonymiser::is_there() noexcept { return host::Sha256::is_there(); }

// By the secret and the `bits` bits of the address from bit `from` on.
bool Anonymiser::turned(const wire::IpAddress& address, unsigned from, unsigned bits) const {
  std::array<std::uint8_t, 18> prefix{};
  prefix[0] = static_cast<std::uint8_t>(from);
  prefix[1] = static_cast<std::uint8_t>(bits);
  for (unsigned bit = from; bit < from + bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
    prefix[2 + bit / 8] = static_cast<std::uint8_t>(prefix[2 + bit / 8] | (address.bytes[bit / 8] & mask));
  }
  host::Sha256 sum;
  sum.add(std::as_bytes(std::span(secret_)));
  sum.add(std::as_bytes(std::span(prefix)));
  return (sum.finish()[0] & 1U) != 0;
}

wire::IpAddress Anonymiser::address(const wire::IpAddress& original) const {
  if (!is_on() || original.is_unspecified() || original.is_limited_broadcast()) return original;
  auto changed = original;
  // What an address is for stays: groups remain groups.
  const unsigned first = original.is_v4() ? first_bit_of_v4 : 0;
  const unsigned kept = original.is_multicast() ? (original.is_v4() ? 4 : 16) : 0;
  for (unsigned bit = first + kept; bit < bits_of_key; ++bit) {
    if (!turned(original, first, bit - first)) continue;
    changed.bytes[bit / 8] = static_cast<std::uint8_t>(changed.bytes[bit / 8] ^ (0x80U >> bit % 8));
  }
  return changed;
}

std::string Anonymiser::shown(const StationKey& station) const {
  if (!station.is_mac()) return to_string(address(station.address));
  auto mac = station.mac();
  if (is_on() && !mac.is_group()) {
    host::Sha256 sum;
    sum.add(std::as_bytes(std::span(secret_)));
    sum.add(std::as_bytes(std::span(mac.bytes)));
    const auto digest = sum.finish();
    std::copy_n(digest.begin(), mac.bytes.size(), mac.bytes.begin());
    mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xfcU) | 2U);
  }
  return to_string(mac);
}

}  // namespace vmlan::apps
