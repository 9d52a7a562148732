#include "host/uplink/nat_host.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>

#include "host/real_clock.h"

namespace vmlan::host {

arch::Time nat_time_of(arch::Time since_start) noexcept {
  constexpr std::int64_t wrap = std::int64_t{1} << 32U;
  constexpr std::int64_t used = wrap - 300'000;
  constexpr std::int64_t per_ms = 1'000'000;
  const std::int64_t now = since_start.count() + 1000 * per_ms;
  const std::int64_t ms = now / per_ms;
  return arch::Time{(ms / used * wrap + ms % used) * per_ms + now % per_ms};
}

arch::Time nat_time() {
  static const RealClock clock;
  return nat_time_of(clock.now());
}

NatSocketAddress nat_socket_address(const wire::IpAddress& address, std::uint16_t port) {
  NatSocketAddress result;
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.v4_bytes(), sizeof(v4.sin_addr));
    result.length = sizeof(v4);
    std::memcpy(&result.storage, &v4, sizeof(v4));
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof(v6.sin6_addr));
    result.length = sizeof(v6);
    std::memcpy(&result.storage, &v6, sizeof(v6));
  }
  return result;
}

std::vector<wire::IpAddress> nat_addresses_of_host() {
  std::vector<wire::IpAddress> found;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return found;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (one->ifa_addr->sa_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
      found.push_back(wire::IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&address->sin_addr)));
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
      found.push_back(wire::IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&address->sin6_addr)));
    }
  }
  ::freeifaddrs(first);
  return found;
}

std::size_t nat_connection_limit(unsigned wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::clamp<std::size_t>(static_cast<std::size_t>(limit.rlim_cur) * 2 / 5, 1, wanted);
}

void make_quiet(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags >= 0) ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

}  // namespace vmlan::host
