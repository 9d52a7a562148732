// The one path: take, route, copy. What an adapter shall do to a packet besides: data_port_offload.cpp.
// No allocation, no lock, no system call, no virtual call per packet.
#include <algorithm>
#include <cstring>

#include "guestlan/data_port.h"
#include "guestlan/lan.h"
#include "guestlan/nic.h"
#include "guestlan/packet_view.h"

namespace vmlan::guestlan {

namespace {

using qdio::Frame;
using qdio::GiveResult;

Drop drop_reason(GiveResult result) noexcept {
  switch (result) {
    case GiveResult::too_long:
      return Drop::too_long;
    case GiveResult::buffer_error:
      return Drop::receiver_buffer_error;
    default:
      return Drop::no_empty_buffer;
  }
}

}  // namespace

void DataPort::transmit(qdio::DataQueues& queues, std::uint32_t mask) {
  for (unsigned queue = 0; queue < queues.output_queues(); ++queue) {
    if ((mask & 0x80000000U >> queue) == 0) continue;
    const qdio::Taken taken =
        queues.take(queue, [this](const Frame& frame) noexcept { return forward(frame); });
    if (taken.malformed != 0) [[unlikely]]
      count_malformed(taken.malformed);
  }
  publish();
}

void DataPort::count_malformed(std::uint64_t packets) noexcept {
  counters_.tx_errors += packets;
  counters_.tx_packets += packets;
  counters_.dropped[static_cast<std::size_t>(Drop::malformed)] += packets;
}

void DataPort::count_losses(const RemoteLosses& losses) noexcept {
  count_malformed(losses.malformed);
  counters_.tx_packets += losses.no_system;
  counters_.drop(Drop::no_system, losses.no_system);

  const auto lose = [this](Drop reason, std::uint64_t packets) noexcept {
    // Not more than there were, whatever the other end says.
    packets = std::min(packets, counters_.rx_packets);
    counters_.rx_packets -= packets;
    counters_.rx_discarded += packets;
    counters_.rx_lost[static_cast<std::size_t>(reason)] += packets;
  };
  lose(Drop::no_empty_buffer, losses.no_empty_buffer);
  lose(Drop::receiver_buffer_error, losses.unusable_buffer);
  lose(Drop::receiver_not_active, losses.not_active);
}

std::uint8_t DataPort::transmit(const Frame& frame) { return forward(frame); }

void DataPort::publish() {
  if (lan_ == nullptr) return;
  for (DataPort* receiver : lan_->touched()) {
    if (receiver->queues_ != nullptr) receiver->queues_->publish();
    if (receiver->sink_touched_ && receiver->sink_ != nullptr) receiver->sink_->publish();
    receiver->sink_touched_ = false;
  }
  lan_->touched().clear();
}

std::uint8_t DataPort::forward(const Frame& frame) noexcept {
  ++counters_.tx_packets;
  counters_.tx_bytes += frame.length;
  if (frame.offloaded) [[unlikely]]
    count_parts(frame);
  if (lan_ == nullptr) {
    counters_.drop(Drop::not_coupled, frame.packets());
    return qdio::sbalf15::good;
  }
  if (transport_ == qdio::Transport::ethernet) return forward_ethernet(frame);
  const bool tag_inside = (frame.layer3.flags & wire::layer3_flag::passthru) != 0 &&
                          (frame.layer3.extended_flags & wire::layer3_extended::include_vlan_tag) != 0;
  return tag_inside ? forward_tagged(frame) : forward_datagram(frame);
}

std::uint8_t DataPort::forward_datagram(const Frame& frame) noexcept {
  const Route decision = route(frame);
  switch (decision.kind) {
    case Route::Kind::unicast:
      if (!lan_->promiscuous_ports().empty()) [[unlikely]]
        sniff(decision, frame);
      return copy_to(*decision.port, receive_header(frame, wire::Cast::unicast), frame);
    case Route::Kind::multicast:
    case Route::Kind::broadcast:
      flood(decision, frame);
      break;
    case Route::Kind::drop:
      counters_.drop(decision.reason, frame.packets());
      break;
  }
  return qdio::sbalf15::good;
}

DataPort::Route DataPort::route(const Frame& frame) const noexcept {
  if (frame.is_ethernet()) return Route::drop(Drop::not_ip);
  const wire::Layer3Header& header = frame.layer3;
  auto version = (header.flags & wire::layer3_flag::ipv6) != 0 ? wire::IpVersion::v6 : wire::IpVersion::v4;
  std::uint32_t offset = 0;
  if ((header.flags & wire::layer3_flag::passthru) != 0) {
    const IpPosition position = ip_in_ethernet(frame);
    if (position.type != wire::ether_type::ipv4 && position.type != wire::ether_type::ipv6) {
      return Route::drop(Drop::not_ip);
    }
    offset = position.offset;
    version = position.type == wire::ether_type::ipv6 ? wire::IpVersion::v6 : wire::IpVersion::v4;
  }
  wire::IpAddress destination;
  if (!destination_at(frame, offset, version, destination)) return Route::drop(Drop::malformed);

  const IpEntry* entry = lan_->ip_table().find(destination);
  if (entry == nullptr) [[unlikely]]
    return route_unregistered(header, destination);
  if (entry->type == EntryType::unicast) [[likely]] {
    if (entry->port == this) return Route::drop(Drop::own_address);
    return {Route::Kind::unicast, {}, entry->port, nullptr, version};
  }
  const auto kind = entry->type == EntryType::multicast ? Route::Kind::multicast : Route::Kind::broadcast;
  return {kind, {}, nullptr, entry->group, version};
}

// Not in the table: a group nobody joined, a broadcast, or a packet for somebody beyond the LAN, which goes
// to the driver's next hop or to the router the LAN knows.
DataPort::Route DataPort::route_unregistered(const wire::Layer3Header& header,
                                             const wire::IpAddress& destination) const noexcept {
  const wire::IpVersion version = destination.version();
  if (destination.is_multicast()) return {Route::Kind::multicast, {}, nullptr, nullptr, version};
  const auto cast = static_cast<wire::Cast>(header.flags & wire::layer3_flag::cast_mask);
  if (destination.is_limited_broadcast() || cast == wire::Cast::broadcast) {
    return {Route::Kind::broadcast, {}, nullptr, nullptr, version};
  }
  const auto& hop = header.next_hop;
  const auto next_hop =
      version == wire::IpVersion::v4 ? wire::IpAddress::v4(hop.data() + 12) : wire::IpAddress::v6(hop.data());
  const IpTable& table = lan_->ip_table();
  const IpEntry* entry = next_hop == destination ? nullptr : table.find(next_hop);
  DataPort* port = entry != nullptr && entry->type == EntryType::unicast ? entry->port : nullptr;
  if (port == nullptr) port = table.primary_router(version);
  if (port == nullptr) port = table.secondary_router(version);
  if (port == nullptr || port == this) return Route::drop(Drop::unknown_address);
  return {Route::Kind::unicast, {}, port, nullptr, version};
}

qdio::ReceiveHeader DataPort::receive_header(const Frame& frame, wire::Cast cast) noexcept {
  using namespace wire;
  const Layer3Header& sent = frame.layer3;
  const auto kept = sent.flags & (layer3_flag::ipv6 | layer3_flag::passthru);
  const auto flags = static_cast<std::uint8_t>(kept | static_cast<int>(cast));
  if ((sent.extended_flags & layer3_extended::vlan_id) == 0) [[likely]]
    return {&receive_header_, flags, static_cast<std::uint16_t>(frame.length)};

  tagged_header_ = receive_header_;
  tagged_header_.extended_flags =
      static_cast<std::uint8_t>(layer3_extended::vlan_id | receive_header_.extended_flags);
  tagged_header_.vlan_id = sent.vlan_id;
  return {&tagged_header_, flags, static_cast<std::uint16_t>(frame.length)};
}

std::uint8_t DataPort::copy_to(DataPort& receiver, const qdio::ReceiveHeader& header,
                               const Frame& frame) noexcept {
  if (frame.offloaded) [[unlikely]]
    return copy_finished(receiver, header, frame);
  qdio::DataQueues* queues = receiver.queues_;
  if (queues == nullptr) [[unlikely]]
    return copy_to_sink(receiver, header, frame);
  const bool first = !queues->unpublished();
  const GiveResult result = queues->give(header, frame.segment.data(), frame.segments, frame.length);
  if (first && queues->unpublished()) lan_->touched().push_back(&receiver);
  return count_copy(receiver, result, frame.length, queues->kind() == qdio::AdapterKind::iqd);
}

std::uint8_t DataPort::copy_to_sink(DataPort& receiver, const qdio::ReceiveHeader& header,
                                    const Frame& frame) {
  if (receiver.sink_ == nullptr) {
    counters_.drop(Drop::receiver_not_active);
    return qdio::sbalf15::good;
  }
  const GiveResult result = receiver.sink_->give(header, frame.segment.data(), frame.segments, frame.length);
  if (result == GiveResult::given) touch_sink(receiver);
  return count_copy(receiver, result, frame.length, receiver.nic_.settings().kind == qdio::AdapterKind::iqd);
}

void DataPort::touch_sink(DataPort& receiver) {
  if (receiver.sink_touched_) return;
  receiver.sink_touched_ = true;
  lan_->touched().push_back(&receiver);
}

std::uint8_t DataPort::count_copy(DataPort& receiver, GiveResult result, std::uint64_t bytes, bool lossless,
                                  std::uint64_t packets) noexcept {
  if (result == GiveResult::given) [[likely]] {
    counters_.tx_copies += packets;
    receiver.counters_.rx_packets += packets;
    receiver.counters_.rx_bytes += bytes;
    return qdio::sbalf15::good;
  }
  counters_.drop(drop_reason(result), packets);
  receiver.counters_.rx_discarded += packets;
  if (result == GiveResult::buffer_error) receiver.counters_.rx_errors += packets;
  const bool tell = result == GiveResult::no_empty_buffer && lossless;
  return tell ? qdio::sbalf15::target_full : qdio::sbalf15::good;
}

void DataPort::flood(const Route& decision, const Frame& frame) noexcept {
  const bool broadcast = decision.kind == Route::Kind::broadcast;
  const auto header = receive_header(frame, broadcast ? wire::Cast::broadcast : wire::Cast::multicast);
  unsigned receivers = 0;
  const auto give = [&](DataPort* port) noexcept {
    if (port == this) return;
    copy_to(*port, header, frame);
    ++receivers;
  };
  if (broadcast) {
    for (DataPort* port : lan_->ports()) {
      if (port->broadcast_) give(port);
    }
  } else {
    static const std::vector<DataPort*> nobody;
    const auto& members = decision.group == nullptr ? nobody : decision.group->members;
    for (DataPort* port : members) give(port);
    for (DataPort* router : lan_->ip_table().multicast_routers(decision.version)) {
      if (std::find(members.begin(), members.end(), router) == members.end()) give(router);
    }
  }
  if (receivers == 0) counters_.drop(Drop::no_receiver, frame.packets());
}

bool DataPort::takes_vlan(std::uint16_t vlan) const noexcept {
  return vlans_.empty() || promiscuous_ || std::find(vlans_.begin(), vlans_.end(), vlan) != vlans_.end();
}

// Copies of unicast traffic for NICs in promiscuous mode.
void DataPort::sniff(const Route& decision, const Frame& frame) noexcept {
  const auto header = receive_header(frame, wire::Cast::unicast);
  for (DataPort* sniffer : lan_->promiscuous_ports()) {
    if (sniffer != this && sniffer != decision.port) copy_to(*sniffer, header, frame);
  }
}

std::uint8_t DataPort::forward_ethernet(const Frame& frame) noexcept {
  wire::MacAddress destination;
  if (!frame.is_ethernet() || !peek(frame, 0, &destination, sizeof(destination))) {
    counters_.drop(Drop::malformed, frame.packets());
    return qdio::sbalf15::good;
  }
  tagged_header_ = frame.layer3;  // the whole header, as sent
  const qdio::ReceiveHeader header{&tagged_header_, tagged_header_.flags, tagged_header_.length};
  const std::uint16_t vlan = vlan_of(frame);
  unsigned receivers = 0;
  bool filtered = false;
  const auto give = [&](DataPort* port) noexcept {
    if (port == this) return qdio::sbalf15::good;
    if (vlan != 0 && !port->takes_vlan(vlan)) [[unlikely]] {
      filtered = true;
      return qdio::sbalf15::good;
    }
    ++receivers;
    return copy_to(*port, header, frame);
  };
  std::uint8_t code = qdio::sbalf15::good;
  if (destination.is_broadcast()) {
    for (DataPort* port : lan_->ports()) give(port);
  } else {
    const auto* ports = lan_->find_mac(destination);
    if (ports != nullptr) {
      for (DataPort* port : *ports) code = give(port);
    }
    for (DataPort* sniffer : lan_->promiscuous_ports()) {
      if (ports == nullptr || std::find(ports->begin(), ports->end(), sniffer) == ports->end()) give(sniffer);
    }
  }
  // A sender is told only of the one station it named.
  if (receivers > 0) return destination.is_group() ? qdio::sbalf15::good : code;
  const Drop nobody = destination.is_group() ? Drop::no_receiver : Drop::unknown_address;
  counters_.drop(filtered ? Drop::vlan_not_registered : nobody, frame.packets());
  return qdio::sbalf15::good;
}

}  // namespace vmlan::guestlan
