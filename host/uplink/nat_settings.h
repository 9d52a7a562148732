// What an operator says about a NAT uplink, and the plan of its network that follows from it.
//
// Errors: one sentence, for the operator. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::host {

// A port of the host whose connections reach a guest.
struct ForwardedPort {
  enum class Protocol : std::uint8_t { tcp, udp };

  Protocol protocol = Protocol::tcp;
  wire::IpAddress host_address = wire::IpAddress::v4(127, 0, 0, 1);
  std::uint16_t host_port = 0;
  // Of the same IP version; 0.0.0.0: the first address of the pool.
  wire::IpAddress guest_address = wire::IpAddress::v4(0, 0, 0, 0);
  std::uint16_t guest_port = 0;

  bool operator==(const ForwardedPort&) const = default;
  // The same port of the host.
  bool listens_as(const ForwardedPort& other) const noexcept {
    return protocol == other.protocol && host_address == other.host_address && host_port == other.host_port;
  }
};
// "tcp 127.0.0.1:2222", "udp [::1]:53": the host's side.
std::string listener_text(const ForwardedPort& port);
// "tcp 127.0.0.1:2222 to 10.0.2.15:22".
std::string to_string(const ForwardedPort& port);

struct NatSettings {
  wire::IpAddress network = wire::IpAddress::v4(10, 0, 2, 0);
  unsigned prefix_length = 24;
  // Absent: the network's address and 2, 3, 15.
  std::optional<wire::IpAddress> host;
  std::optional<wire::IpAddress> name_server;
  std::optional<wire::IpAddress> first_lease;

  bool ipv6 = true;
  wire::IpAddress prefix6 = {{0xfd}};  // of 64 bits; the host is its ::2, the name server ::3

  unsigned mtu = 1500;
  // What listens on the host, on its loopback and on its own addresses, can be reached by guests.
  bool host_is_open = false;
  // Guests reach nothing; ports forwarded to them still work, and DHCP.
  bool restricted = false;
  bool dhcp = true;
  std::string hostname;  // told by DHCP
  std::string domain;
  std::vector<ForwardedPort> forwarded;
  // TCP connections at once; those of UDP and ICMP may be a quarter more. Half of the descriptors that the
  // process may open are never exceeded.
  unsigned most_connections = 1024;
};

// The addresses of the network, all of them known.
struct NatPlan {
  wire::IpAddress network;
  std::uint32_t mask = 0;  // in the host's byte order
  wire::IpAddress host;
  wire::IpAddress name_server;
  wire::IpAddress first_lease;
  wire::IpAddress broadcast;
  bool ipv6 = false;
  wire::IpAddress prefix6;
  wire::IpAddress host6;
  wire::IpAddress name_server6;

  static constexpr unsigned leases = 16;

  // An address of the network, of its own (the host's, the name server's) or of a guest's.
  bool contains(const wire::IpAddress& address) const noexcept;
  bool is_own(const wire::IpAddress& address) const noexcept;
  bool is_guest(const wire::IpAddress& address) const noexcept;
};

std::uint32_t v4_number(const wire::IpAddress& address) noexcept;
wire::IpAddress v4_address(std::uint32_t number) noexcept;

// The plan, or what is wrong with the settings.
std::variant<NatPlan, std::string> plan_nat(const NatSettings& settings);
// The port with its guest's address filled in, or what is wrong with it.
std::variant<ForwardedPort, std::string> plan_forward(const NatPlan& plan, const ForwardedPort& port);

}  // namespace vmlan::host
