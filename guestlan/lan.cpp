#include "guestlan/lan.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "guestlan/nic.h"
#include "guestlan/uplink.h"
#include "guestlan/vlan_counters.h"

namespace vmlan::guestlan {

namespace {

// Looked for from the end: who came last leaves first where a whole system ends.
template <class T>
void take_out(std::vector<T*>& list, const T* one) {
  const auto found = std::find(list.rbegin(), list.rend(), one);
  if (found != list.rend()) list.erase(std::next(found).base());
}

void keep_in(PortList& ports, Port& port, bool on) {
  if (on) return ports.push_back(&port);
  take_out(ports, &port);
}

}  // namespace

Lan::Lan(LanAttributes attributes)
    : attributes_(std::move(attributes)),
      policy_(attributes_.transport == qdio::Transport::ip ? Path::ip : Path::ethernet),
      path_(policy_) {}

void Lan::set_rules(const LanRules& rules) {
  rules_ = rules;
  choose_path();
  for (Port* port : attached_) port->rules_changed();
}

void Lan::protect_by_default(bool on) noexcept {
  protects_by_default_ = on;
  choose_path();
}

void Lan::count_protected(const Port& port, int ports) noexcept {
  if (port.mac_protection() != MacProtection::on) return;
  ports_with_protection_ += static_cast<unsigned>(ports);
  choose_path();
}

void Lan::choose_path() noexcept {
  settle();
  protects_guests_ = guestlan::protects(rules_.mac_protect, protects_by_default_);
  const Path plain = attributes_.transport == qdio::Transport::ip ? Path::ip : Path::ethernet;
  const bool any = rules_.vlan_aware || rules_.guests_are_apart() || rules_.priority_queuing ||
                   rules_.port_based || protects_guests_ || ports_with_protection_ > 0;
  policy_ = any ? Path::switched : plain;
  if (path_ != Path::watched) path_ = policy_;
}

Lan::~Lan() {
  assert(nics_.empty() && "uncouple the NICs before the LAN goes");
  while (!attached_.empty()) attached_.back()->leave();
  end_watching();
}

void Lan::add(Nic& nic) { nics_.push_back(&nic); }

void Lan::remove(Nic& nic) {
  departed_ += nic.since_coupled();
  take_out(nics_, &nic);
  switch_ports_.leave(nic);
}

const PortList* Lan::find_mac(const wire::MacAddress& mac) const noexcept {
  const auto found = macs_.find(mac.as_integer());
  return found == macs_.end() ? nullptr : &found->second;
}

bool Lan::add_mac(const wire::MacAddress& mac, Port& port) {
  settle();
  auto& ports = macs_[mac.as_integer()];
  if (!mac.is_group() && !ports.empty()) return false;
  ports.push_back(&port);
  return true;
}

bool Lan::remove_mac(const wire::MacAddress& mac, const Port& port) {
  settle();
  const auto found = macs_.find(mac.as_integer());
  if (found == macs_.end()) return false;
  const bool removed = std::erase(found->second, &port) > 0;
  if (found->second.empty()) macs_.erase(found);
  return removed;
}

void Lan::add_port(Port& port) {
  settle();
  ports_.push_back(&port);
  if (port.is_uplink()) attached_.push_back(&port);
  touched_.reserve(ports_.size());
  if (staged_ == nullptr && ports_.size() > large_group) staged_ = std::make_unique<StagedFrames>();
  count_protected(port, 1);
  tell_joined(port);
}

void Lan::remove_port(Port& port) {
  settle();
  take_out(ports_, &port);
  take_out(attached_, &port);
  count_protected(port, -1);
  tell_left(port);
  // Not erased: a batch that is being published may be what makes it leave.
  std::replace(touched_.begin(), touched_.end(), &port, static_cast<Port*>(nullptr));
}

void Lan::set_active(Port& port, bool on) {
  settle();
  keep_in(port.is_uplink() ? uplinks_ : active_ports_, port, on);
  if (port.broadcast_) set_broadcast(port, on);
}

void Lan::set_broadcast(Port& port, bool on) {
  settle();
  if (!port.is_uplink()) keep_in(broadcast_ports_, port, on);
}

void Lan::set_promiscuous(Port& port, bool on) {
  settle();
  std::erase(promiscuous_ports_, &port);
  if (on) promiscuous_ports_.push_back(&port);
}

void Lan::count_vlans(bool on) {
  if (on == (vlan_counters_ != nullptr)) return;
  if (on) {
    vlan_counters_ = std::make_unique<VlanCounters>(*this);
    return watch(*vlan_counters_);
  }
  unwatch(*vlan_counters_);
  vlan_counters_.reset();
}

void Lan::clear_counters(CounterPart part) {
  departed_.take(part, {});
  for (Nic* nic : nics_) nic->clear_counters(part);
  const bool data = part == CounterPart::all || part == CounterPart::data;
  if (data && vlan_counters_ != nullptr) vlan_counters_->clear();
}

void Lan::clear_uplink_counters(CounterPart part) {
  for (Port* port : attached_) static_cast<Uplink*>(port)->clear_counters(part);
}

void Lan::publish() {
  settle();
  group_work_ = 0;
  // By index: who is told may leave.
  for (std::size_t index = 0; index < touched_.size(); ++index) {
    Port* receiver = touched_[index];
    if (receiver == nullptr) continue;
    touched_[index] = nullptr;
    if (receiver->queues_ != nullptr) receiver->queues_->publish();
    const bool to_sink = receiver->sink_touched_ && receiver->sink_ != nullptr;
    receiver->sink_touched_ = false;
    if (to_sink) receiver->sink_->publish();
  }
  touched_.clear();
}

Counters Lan::total() const {
  Counters sum = departed_;
  for (const Nic* nic : nics_) sum += nic->since_coupled();
  return sum;
}

}  // namespace vmlan::guestlan
