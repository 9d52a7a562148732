#include "guestlan/look_ahead.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "wire/ethernet.h"
#include "wire/ip_address.h"
#include "wire/transport_header.h"

namespace vmlan::guestlan {
namespace {

constexpr unsigned most_packets = 8;
// Of a packet: what its destination is in.
constexpr std::size_t front_size = wire::transport_header_size + sizeof(wire::Ipv6Header);

struct Foreseen {
  wire::IpAddress destination;
  const qdio::DataQueues* queues = nullptr;  // of its receiver
  const Port* port = nullptr;
  unsigned ahead = 0;  // packets for the same receiver before it
};

wire::IpAddress destination_of(const std::byte* front) noexcept {
  const std::byte* packet = front + wire::transport_header_size;
  const auto flags = std::to_integer<unsigned>(front[offsetof(wire::Layer3Header, flags)]);
  if ((flags & wire::layer3_flag::ipv6) == 0) {
    wire::Ipv4Header header;
    std::memcpy(&header, packet, sizeof(header));
    return wire::IpAddress::v4(header.destination.data());
  }
  wire::Ipv6Header header;
  std::memcpy(&header, packet, sizeof(header));
  return wire::IpAddress::v6(header.destination.data());
}

const Port* station_of(const Lan& lan, const std::byte* front) noexcept {
  wire::MacAddress destination;
  std::memcpy(&destination, front + wire::transport_header_size, sizeof(destination));
  const PortList* ports = lan.find_mac(destination);
  return ports == nullptr || ports->empty() ? nullptr : ports->front();
}

const Port* station_of(const Lan& lan, const wire::IpAddress& destination) noexcept {
  const IpEntry* entry = lan.ip_table().find(destination);
  return entry == nullptr || entry->type != EntryType::unicast ? nullptr : entry->port;
}

// Those with a receiver come first; returns how many.
unsigned find_queues(std::span<Foreseen> packets) noexcept {
  unsigned count = 0;
  for (Foreseen packet : packets) {
    packet.queues = packet.port == nullptr ? nullptr : packet.port->queues();
    if (packet.queues == nullptr) continue;
    packet.queues->prefetch();
    for (unsigned before = 0; before < count; ++before) {
      if (packets[before].queues == packet.queues) ++packet.ahead;
    }
    packets[count++] = packet;
  }
  return count;
}

}  // namespace

void look_ahead(const Lan& lan, const qdio::DataQueues& queues) noexcept {
  std::array<Foreseen, most_packets> packets;
  unsigned count = 0;
  const bool is_ip = lan.attributes().transport == qdio::Transport::ip;
  for (; count < most_packets; ++count) {
    const std::byte* front = queues.peek(count, front_size);
    if (front == nullptr) break;
    Foreseen& packet = packets[count];
    if (is_ip) {
      packet.destination = destination_of(front);
      lan.ip_table().prefetch(packet.destination);
    } else {
      packet.port = station_of(lan, front);
    }
  }
  const std::span foreseen = std::span(packets).first(count);
  for (Foreseen& packet : foreseen) {
    if (is_ip) packet.port = station_of(lan, packet.destination);
    if (packet.port != nullptr) packet.port->prefetch();
  }
  const std::span receivers = foreseen.first(find_queues(foreseen));
  for (const Foreseen& packet : receivers) packet.queues->prefetch_state(packet.ahead);
  for (const Foreseen& packet : receivers) packet.queues->prefetch_sbal(packet.ahead);
  for (const Foreseen& packet : receivers) packet.queues->prefetch_buffer(packet.ahead);
}

}  // namespace vmlan::guestlan
