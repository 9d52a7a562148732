// A stack's IPv4 routing table: which interface, and which next hop. Static, as GATEWAY statements and HOME
// masks make it. lwIP by itself knows one default interface only, so it is made to ask here (ip4_route).
//
// Owns: the entries. The interfaces belong to the stack.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wire/ip_address.h"

namespace vmlan::cms {

class Interface;

struct Route {
  std::uint32_t network = 0;    // host form: most significant byte first
  std::uint32_t mask = 0;       // 0 = default route
  std::uint32_t first_hop = 0;  // 0 = direct
  Interface* interface = nullptr;
  std::uint32_t mtu = 0;  // as stated; 0 = the link's
};

class Routes {
 public:
  // The longest mask wins, among equals the first stated; interfaces that are down don't count.
  const Route* find(std::uint32_t destination) const noexcept;
  // The next hop on one interface, or nothing if no route leads out there.
  std::optional<std::uint32_t> next_hop(std::uint32_t destination, const Interface& interface) const noexcept;
  void add(const Route& route);
  void remove_interface(const Interface& interface);
  // Sorted as they are searched.
  const std::vector<Route>& all() const noexcept { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace vmlan::cms
