#include "guestlan/port.h"

#include <cassert>
#include <cstring>

#include "guestlan/lan.h"

namespace vmlan::guestlan {

Port::Port(Identity identity, Kind kind) : kind_(kind), identity_(std::move(identity)) {
  source_header_.extended_flags = wire::layer3_extended::source_mac;
  set_station_mac(identity_.mac);
}

void Port::set_station_mac(const wire::MacAddress& mac) noexcept {
  identity_.mac = mac;
  std::memcpy(&source_header_.next_hop[2], mac.bytes.data(), mac.bytes.size());
}

void Port::set_mac_protection(MacProtection protection) noexcept {
  if (lan_ != nullptr) lan_->count_protected(*this, -1);
  mac_protection_ = protection;
  if (lan_ != nullptr) lan_->count_protected(*this, 1);
}

Port::~Port() { assert(lan_ == nullptr && "a port leaves before it goes"); }

void Port::join(Lan& lan) {
  assert(lan_ == nullptr && "a port is on one LAN");
  lan_ = &lan;
  given_ = 0;  // each LAN numbers its group frames itself, from 1
  lan.add_port(*this);
}

void Port::leave() {
  if (lan_ == nullptr) return;
  lan_->publish();
  set_active(false);
  forget_registrations();
  listen(false);
  lan_->remove_port(*this);
  lan_ = nullptr;
}

void Port::set_active(bool on) {
  if (lan_ == nullptr || on == active()) return;
  sends_to_ = on ? lan_ : nullptr;
  lan_->set_active(*this, on);
}

std::vector<std::uint16_t>& Port::vlans() noexcept {
  if (lan_ != nullptr) lan_->settle();
  return vlans_;
}

void Port::set_broadcast(bool on) {
  if (on == broadcast_) return;
  broadcast_ = on;
  if (active()) lan_->set_broadcast(*this, on);
}

void Port::listen(bool on) {
  promiscuous_ = on;
  if (lan_ != nullptr) lan_->set_promiscuous(*this, on);
}

void Port::publish() {
  if (lan_ != nullptr) lan_->publish();
}

void Port::count_malformed(std::uint64_t packets) noexcept {
  counters_.tx_errors += packets;
  counters_.tx_packets += packets;
  counters_.drop(Drop::malformed, packets);
}

void Port::count_refused(Drop reason, std::uint64_t bytes) noexcept {
  if (reason == Drop::malformed) ++counters_.tx_errors;
  ++counters_.tx_packets;
  counters_.tx_bytes += bytes;
  counters_.drop(reason);
}

// A super-frame was counted as one packet.
void Port::count_parts(const qdio::Frame& frame) noexcept {
  counters_.tx_packets += frame.packets() - 1;
  counters_.tx_bytes += frame.bytes() - frame.length;
}

void Port::count_losses(const RemoteLosses& losses) noexcept {
  count_malformed(losses.malformed);
  counters_.tx_packets += losses.no_system;
  counters_.drop(Drop::no_system, losses.no_system);

  count_lost(Drop::no_empty_buffer, losses.no_empty_buffer);
  count_lost(Drop::receiver_buffer_error, losses.unusable_buffer);
  count_lost(Drop::receiver_not_active, losses.not_active);
}

void Port::count_lost(Drop reason, std::uint64_t packets) noexcept {
  // Not more than there were, whatever the other end says.
  packets = std::min(packets, counters_.rx_packets);
  counters_.rx_packets -= packets;
  counters_.rx_discarded += packets;
  counters_.rx_lost[static_cast<std::size_t>(reason)] += packets;
}

}  // namespace vmlan::guestlan
