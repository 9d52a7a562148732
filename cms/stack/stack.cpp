#include "cms/stack/stack.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

// How long a sender waits before it signals again what a full receiver could not take.
constexpr std::chrono::milliseconds retry_interval{1};

}  // namespace

std::unique_ptr<Stack> Stack::create(const arch::Clock& clock, std::uint64_t seed, std::string& error) {
  auto lwip = LwipInstance::create(clock, seed, error);
  if (lwip == nullptr) return nullptr;
  return std::unique_ptr<Stack>(new Stack(clock, std::move(lwip)));
}

Stack::Stack(const arch::Clock& clock, std::unique_ptr<LwipInstance> lwip)
    : clock_(clock), lwip_(std::move(lwip)) {
  lwip_->set_route_finder(this);
}

Stack::~Stack() { interfaces_.clear(); }

Interface* Stack::add_interface(IpLink& link, std::string name, std::uint32_t mtu) {
  auto interface = std::make_unique<Interface>(*lwip_, routes_, link, std::move(name), mtu);
  if (!interface->up()) return nullptr;
  if (interfaces_.empty()) (*lwip_)->netif_set_default(&interface->netif());
  interfaces_.push_back(std::move(interface));
  return interfaces_.back().get();
}

Interface* Stack::find_interface(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find_if(interfaces_, [&](const auto& entry) { return entry->name() == name; });
  return found == interfaces_.end() ? nullptr : found->get();
}

void Stack::poll() {
  for (const auto& interface : interfaces_) interface->poll();
  (*lwip_)->sys_check_timeouts();
}

void Stack::flush() {
  for (const auto& interface : interfaces_) interface->flush();
}

bool Stack::more() const {
  return std::ranges::any_of(interfaces_, [](const auto& interface) { return interface->more(); });
}

std::optional<arch::Time> Stack::next_timer() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock_.now());
  const bool blocked = std::ranges::any_of(interfaces_, [](const auto& entry) { return entry->blocked(); });
  if (blocked) return now + retry_interval;
  const std::uint32_t sleep = (*lwip_)->sys_timeouts_sleeptime();
  if (sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE || quiet()) return std::nullopt;
  return now + std::chrono::milliseconds(sleep);
}

// lwIP's periodic timers never stop, ten times a second and more; a thousand idle users would do nothing
// else. Nobody misses them while no connection, no address resolution and no report is under way: they
// then only age what the next packet finds as it was.
bool Stack::quiet() const noexcept {
  const LwipFunctions& data = lwip_->data();
  if (*data.tcp_active_pcbs != nullptr || *data.tcp_tw_pcbs != nullptr) return false;
  const std::span neighbours(data.neighbor_cache, LWIP_ND6_NUM_NEIGHBORS);
  const bool resolving = std::ranges::any_of(neighbours, [](const nd6_neighbor_cache_entry& entry) {
    return entry.state != ND6_NO_ENTRY && entry.state != ND6_STALE;
  });
  return !resolving && std::ranges::none_of(interfaces_, [](const auto& entry) { return entry->busy(); });
}

struct netif* Stack::route(const ip4_addr_t& destination) {
  if (interfaces_.empty()) return nullptr;
  const wire::IpAddress target = from_lwip(destination);
  for (const auto& interface : interfaces_) {
    if (interface->ipv4() && interface->ipv4()->address == target) return &interface->netif();
  }
  const Route* found = routes_.find(v4_integer(target));
  if (found != nullptr) return &found->interface->netif();
  // Groups, broadcasts and 127.0.0.1 need no route.
  const bool local = target.is_multicast() || target.is_limited_broadcast() || target.v4_bytes()[0] == 127;
  return local ? &interfaces_.front()->netif() : nullptr;
}

bool Stack::has_route(const wire::IpAddress& address) {
  if (address.is_v4()) return route(to_lwip(address).u_addr.ip4) != nullptr;
  return std::ranges::any_of(interfaces_, [](const auto& interface) { return !interface->ipv6().empty(); });
}

}  // namespace vmlan::cms
