#include "guestlan/lan.h"

#include <algorithm>
#include <cassert>

#include "guestlan/nic.h"

namespace vmlan::guestlan {

Lan::Lan(LanAttributes attributes) : attributes_(std::move(attributes)) {}

Lan::~Lan() { assert(nics_.empty() && "uncouple the NICs before the LAN goes"); }

void Lan::add(Nic& nic) { nics_.push_back(&nic); }

void Lan::remove(Nic& nic) {
  departed_ += nic.since_coupled();
  std::erase(nics_, &nic);
}

bool Lan::authorizes(std::string_view userid) const {
  return !attributes_.restricted || userid == attributes_.owner ||
         access_list_.find(userid) != access_list_.end();
}

const std::vector<DataPort*>* Lan::find_mac(const wire::MacAddress& mac) const noexcept {
  const auto found = macs_.find(mac.as_integer());
  return found == macs_.end() ? nullptr : &found->second;
}

bool Lan::add_mac(const wire::MacAddress& mac, DataPort& port) {
  auto& ports = macs_[mac.as_integer()];
  if (!mac.is_group() && !ports.empty()) return false;
  ports.push_back(&port);
  return true;
}

bool Lan::remove_mac(const wire::MacAddress& mac, const DataPort& port) {
  const auto found = macs_.find(mac.as_integer());
  if (found == macs_.end()) return false;
  const bool removed = std::erase(found->second, &port) > 0;
  if (found->second.empty()) macs_.erase(found);
  return removed;
}

void Lan::add_port(DataPort& port) {
  ports_.push_back(&port);
  touched_.reserve(ports_.size());
}

void Lan::remove_port(DataPort& port) {
  std::erase(ports_, &port);
  std::erase(promiscuous_ports_, &port);
}

void Lan::set_promiscuous(DataPort& port, bool on) {
  std::erase(promiscuous_ports_, &port);
  if (on) promiscuous_ports_.push_back(&port);
}

Counters Lan::total() const {
  Counters sum = departed_;
  for (const Nic* nic : nics_) sum += nic->since_coupled();
  return sum;
}

}  // namespace vmlan::guestlan
