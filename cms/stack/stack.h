// A user's TCP/IP stack: lwIP, its interfaces and routes, run from the user's turns.
//
// Owns: the private copy of lwIP and the interfaces. The links under them belong to the caller and outlive
// the stack. Threads: the program's own turn.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/clock.h"
#include "cms/stack/interface.h"
#include "cms/stack/lwip_instance.h"
#include "cms/stack/routes.h"

namespace vmlan::cms {

class Stack final : private RouteFinder {
 public:
  // nullptr: `error` says why.
  static std::unique_ptr<Stack> create(const arch::Clock& clock, std::uint64_t seed, std::string& error);
  ~Stack() override;

  // nullptr: lwIP has no memory for it.
  Interface* add_interface(IpLink& link, std::string name, std::uint32_t mtu);
  Interface* find_interface(std::string_view name) const noexcept;
  const std::vector<std::unique_ptr<Interface>>& interfaces() const noexcept { return interfaces_; }
  Routes& routes() noexcept { return routes_; }

  // Takes what has arrived, runs the timers that are due. Bounded: one ring per interface.
  void poll();
  // Signals what was sent since the last time, once per interface.
  void flush();
  // Something is left to be polled at once.
  bool more() const;
  // When the stack needs its next turn if nothing arrives; nothing: it has no running timer that matters.
  std::optional<arch::Time> next_timer();

  LwipInstance& lwip() noexcept { return *lwip_; }
  const arch::Clock& clock() const noexcept { return clock_; }
  // May this stack send to `address` (a route exists)?
  bool has_route(const wire::IpAddress& address);

 private:
  Stack(const arch::Clock& clock, std::unique_ptr<LwipInstance> lwip);
  struct netif* route(const ip4_addr_t& destination) override;
  bool quiet() const noexcept;

  const arch::Clock& clock_;
  std::unique_ptr<LwipInstance> lwip_;
  Routes routes_;
  std::vector<std::unique_ptr<Interface>> interfaces_;
};

}  // namespace vmlan::cms
