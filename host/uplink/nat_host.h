// What a NAT engine takes from the host: its time, its addresses, how many sockets there may be.
//
// Threads: one.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arch/clock.h"
#include "wire/ip_address.h"

namespace vmlan::host {

// One time for all engines of the process, as libslirp wants it: ahead of zero, which means "never" to it. It
// keeps 32 bits of milliseconds, and what ends beyond their wrap ends at once: the last five minutes before a
// wrap (its longest time-out is four) are left out.
arch::Time nat_time();
// The same of a time since the process began.
arch::Time nat_time_of(arch::Time since_start) noexcept;

struct NatSocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};
NatSocketAddress nat_socket_address(const wire::IpAddress& address, std::uint16_t port);

// Of its interfaces, now.
std::vector<wire::IpAddress> nat_addresses_of_host();

// TCP connections there may be at once: at most `wanted`, and two fifths of the descriptors that the process
// may open; with a quarter more for UDP and ICMP half of them are left to everybody else.
std::size_t nat_connection_limit(unsigned wanted);

// Non-blocking, and not inherited.
void make_quiet(int descriptor);

}  // namespace vmlan::host
