#include "cms/stack/routes.h"

#include <algorithm>

#include "cms/stack/interface.h"

namespace vmlan::cms {
namespace {

bool matches(const Route& route, std::uint32_t destination) noexcept {
  return (destination & route.mask) == route.network;
}

}  // namespace

const Route* Routes::find(std::uint32_t destination) const noexcept {
  const auto found = std::ranges::find_if(routes_, [&](const Route& route) {
    return matches(route, destination) && route.interface->is_started();
  });
  return found == routes_.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> Routes::next_hop(std::uint32_t destination,
                                              const Interface& interface) const noexcept {
  const auto found = std::ranges::find_if(routes_, [&](const Route& route) {
    return route.interface == &interface && matches(route, destination);
  });
  if (found == routes_.end()) return std::nullopt;
  return found->first_hop == 0 ? destination : found->first_hop;
}

void Routes::add(const Route& route) {
  const auto place =
      std::ranges::find_if(routes_, [&](const Route& other) { return other.mask < route.mask; });
  routes_.insert(place, route);
}

void Routes::remove_interface(const Interface& interface) {
  std::erase_if(routes_, [&](const Route& route) { return route.interface == &interface; });
}

}  // namespace vmlan::cms
