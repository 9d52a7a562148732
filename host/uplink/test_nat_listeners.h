// Sockets of the host's loopback that a guest may try to reach, and a caller at a forwarded port.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "host/descriptor.h"
#include "host/uplink/nat_device.h"

namespace vmlan::host::nat {

// On 127.0.0.1 or ::1, on a port of its own.
class Listener {
 public:
  Listener(int family, int type) : socket_(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address{};
    socklen_t length = sizeof(sockaddr_in6);
    if (family == AF_INET) {
      const sockaddr_in v4{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
      std::memcpy(&address, &v4, length = sizeof(v4));
    } else {
      const sockaddr_in6 v6{AF_INET6, 0, 0, in6addr_loopback, 0};
      std::memcpy(&address, &v6, sizeof(v6));
    }
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_.number(), generic, length) != 0) return;
    if (type == SOCK_STREAM) ::listen(socket_.number(), 8);
    ::getsockname(socket_.number(), generic, &length);
    port_ = ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  }
  std::uint16_t port() const { return port_; }
  // Takes one call, or what one has sent.
  bool was_reached() const {
    std::array<char, 64> buffer{};
    if (::recv(socket_.number(), buffer.data(), buffer.size(), 0) >= 0) return true;
    return Descriptor(::accept(socket_.number(), nullptr, nullptr)).number() >= 0;
  }

 private:
  Descriptor socket_;
  std::uint16_t port_ = 0;
};

struct Listeners {
  Listener tcp{AF_INET, SOCK_STREAM};
  Listener udp{AF_INET, SOCK_DGRAM};
  Listener tcp6{AF_INET6, SOCK_STREAM};
  Listener udp6{AF_INET6, SOCK_DGRAM};
  bool any_reached() const {
    const bool reached[] = {tcp.was_reached(), udp.was_reached(), tcp6.was_reached(), udp6.was_reached()};
    return reached[0] || reached[1] || reached[2] || reached[3];
  }
};

// A caller at a port that is forwarded to the guest's port 22.
inline Descriptor call_in(NatDevice& device) {
  ForwardedPort forward;
  forward.host_port = Listener(AF_INET, SOCK_STREAM).port();
  forward.guest_port = 22;
  if (device.add_forward(forward)) return {};
  Descriptor caller(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in to{AF_INET, htons(forward.host_port), {htonl(INADDR_LOOPBACK)}, {}};
  ::connect(caller.number(), reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  return caller;
}

}  // namespace vmlan::host::nat
