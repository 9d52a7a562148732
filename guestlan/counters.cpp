#include "guestlan/counters.h"

#include <functional>
#include <numeric>

namespace vmlan::guestlan {

std::string_view to_string(Drop reason) noexcept {
  switch (reason) {
    case Drop::not_coupled:
      return "not coupled";
    case Drop::unknown_address:
      return "unknown address";
    case Drop::no_receiver:
      return "no receiver";
    case Drop::no_empty_buffer:
      return "no empty buffer";
    case Drop::too_long:
      return "too long";
    case Drop::receiver_buffer_error:
      return "receiver buffer error";
    case Drop::receiver_not_active:
      return "receiver not active";
    case Drop::not_ip:
      return "not IP";
    case Drop::malformed:
      return "malformed";
    case Drop::own_address:
      return "own address";
    case Drop::no_system:
      return "no system";
    case Drop::vlan_not_registered:
      return "VLAN not registered";
    case Drop::not_started:
      return "LAN not started";
    case Drop::too_many_copies:
      return "too many copies";
    case Drop::uplink_busy:
      return "uplink busy";
    case Drop::isolated:
      return "isolated";
    case Drop::vlan_not_authorized:
      return "VLAN not authorized";
    case Drop::source_not_its_own:
      return "source address not its own";
    case Drop::no_switch_port:
      return "no switch port";
  }
  return "unknown";
}

std::uint64_t Counters::tx_discarded() const noexcept {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

namespace {

template <class Operation>
Counters& combine(Counters& into, const Counters& other, Operation operation) noexcept {
  into.rx_packets = operation(into.rx_packets, other.rx_packets);
  into.rx_bytes = operation(into.rx_bytes, other.rx_bytes);
  into.rx_discarded = operation(into.rx_discarded, other.rx_discarded);
  into.rx_errors = operation(into.rx_errors, other.rx_errors);
  into.tx_packets = operation(into.tx_packets, other.tx_packets);
  into.tx_bytes = operation(into.tx_bytes, other.tx_bytes);
  into.tx_copies = operation(into.tx_copies, other.tx_copies);
  into.tx_errors = operation(into.tx_errors, other.tx_errors);
  for (std::size_t reason = 0; reason < drop_reasons; ++reason) {
    into.dropped[reason] = operation(into.dropped[reason], other.dropped[reason]);
    into.rx_lost[reason] = operation(into.rx_lost[reason], other.rx_lost[reason]);
  }
  return into;
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) noexcept {
  return combine(*this, other, std::plus<>{});
}

void Counters::take(CounterPart part, const Counters& other) noexcept {
  const bool all = part == CounterPart::all;
  if (all || part == CounterPart::data) {
    rx_packets = other.rx_packets;
    rx_bytes = other.rx_bytes;
    tx_packets = other.tx_packets;
    tx_bytes = other.tx_bytes;
    tx_copies = other.tx_copies;
  }
  if (all || part == CounterPart::discarded) {
    rx_discarded = other.rx_discarded;
    dropped = other.dropped;
    rx_lost = other.rx_lost;
  }
  if (all || part == CounterPart::errors) {
    rx_errors = other.rx_errors;
    tx_errors = other.tx_errors;
  }
}

Counters& Counters::operator-=(const Counters& other) noexcept {
  return combine(*this, other,
                 [](std::uint64_t now, std::uint64_t then) { return now > then ? now - then : 0; });
}

}  // namespace vmlan::guestlan
