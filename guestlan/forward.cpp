// The one path: take, route, copy. Lan::route() decides, by one function per policy (route_ip.h,
// route_ethernet.h); what an adapter shall do to a packet besides is in forward_offload.cpp. The line that
// copies a datagram is DataQueues::give_at_once (qdio/queues/data_queues_inline.h), called from copy_to().
// No allocation, no lock, no system call, no virtual call per packet.
#include <utility>

#include "guestlan/lan.h"
#include "guestlan/look_ahead.h"
#include "guestlan/port.h"
#include "guestlan/route_ethernet.h"
#include "guestlan/route_ip.h"
#include "guestlan/untag.h"

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

void Port::transmit(qdio::DataQueues& queues, std::uint32_t mask) {
  if (lan_ != nullptr) {
    // So many senders have more than a cache holds, as a rule.
    constexpr std::uint64_t batches_in_a_cache = 64;
    const auto batch = lan_->next_batch();
    const auto before = std::exchange(last_batch_, batch);
    if (batch - before > batches_in_a_cache) look_ahead(*lan_, queues);
  }
  for (unsigned queue = 0; queue < queues.output_queues(); ++queue) {
    if ((mask & 0x80000000U >> queue) == 0) continue;
    const qdio::Taken taken =
        queues.take(queue, [this](const Frame& frame) noexcept { return transmit(frame); });
    if (taken.malformed != 0) [[unlikely]]
      count_malformed(taken.malformed);
  }
  publish();
}

std::uint8_t Port::transmit(const Frame& frame) noexcept {
  ++counters_.tx_packets;
  counters_.tx_bytes += frame.length;
  if (frame.offloaded) [[unlikely]]
    count_parts(frame);
  if (sends_to_ == nullptr) [[unlikely]] {
    counters_.drop(lan_ == nullptr ? Drop::not_coupled : Drop::not_started, frame.packets());
    return qdio::sbalf15::good;
  }
  return sends_to_->forward(*this, frame);
}

Route Lan::route(const Port& from, const Frame& frame) const noexcept {
  return attributes_.transport == qdio::Transport::ip ? route_ip(*this, from, frame)
                                                      : route_ethernet(*this, from, frame);
}

// To one station, as a rule.
inline std::uint8_t Lan::deliver(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                                 const Frame& frame) noexcept {
  if (route.kind != Route::Kind::station) [[unlikely]] {
    deliver_elsewhere(from, route, header, frame);
    return qdio::sbalf15::good;
  }
  if (!route.others->empty()) [[unlikely]]
    sniff(from, route, header, frame);
  return copy_to(from, *route.station, header, frame, WhenFull::sender_waits);
}

// Straight to the usual policy: forward_by() alone is a call more, ten instructions.
std::uint8_t Lan::forward(Port& from, const Frame& frame) noexcept {
  if (path_ == Path::ip) [[likely]]
    return forward_ip(from, frame);
  return forward_by(path_, from, frame);
}

std::uint8_t Lan::forward_by(Path path, Port& from, const Frame& frame) noexcept {
  switch (path) {
    case Path::ip:
      return forward_ip(from, frame);
    case Path::ethernet:
      return forward_ethernet(from, frame);
    case Path::switched:
      return forward_switched(from, frame);
    case Path::waiting:
      return forward_waiting(from, frame);
    case Path::watched:
      return forward_watched(from, frame);
  }
  return qdio::sbalf15::good;
}

std::uint8_t Lan::forward_ip(Port& from, const Frame& frame) noexcept {
  if (!is_tagged_inside(frame)) [[likely]]
    return forward_datagram(from, frame);
  Frame untagged = frame;
  return forward_datagram(from, untag(untagged) ? untagged : frame);
}

std::uint8_t Lan::forward_datagram(Port& from, const Frame& frame) noexcept {
  using namespace wire;
  const Route decision = route_ip(*this, from, frame);
  const Layer3Header& sent = frame.layer3;
  const auto kept = sent.flags & (layer3_flag::ipv6 | layer3_flag::passthru);
  const auto flags = static_cast<std::uint8_t>(kept | static_cast<int>(decision.cast));
  const auto length = static_cast<std::uint16_t>(frame.length);
  if ((sent.extended_flags & layer3_extended::vlan_id) == 0) [[likely]]
    return deliver(from, decision, {&from.source_header_, flags, length}, frame);

  Layer3Header tagged = from.source_header_;
  tagged.extended_flags = static_cast<std::uint8_t>(layer3_extended::vlan_id | tagged.extended_flags);
  tagged.vlan_id = sent.vlan_id;
  return deliver(from, decision, {&tagged, flags, length}, frame);
}

std::uint8_t Lan::forward_ethernet(Port& from, const Frame& frame) noexcept {
  const wire::Layer3Header as_sent = frame.layer3;  // the whole header
  return deliver(from, route_ethernet(*this, from, frame), {&as_sent, as_sent.flags, as_sent.length}, frame);
}

void Lan::deliver_elsewhere(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                            const Frame& frame) noexcept {
  if (route.kind == Route::Kind::group) return flood(from, route, header, frame);
  from.counters_.drop(route.reason, frame.packets());
}

// Copies of unicast traffic for ports in promiscuous mode.
void Lan::sniff(Port& from, const Route& route, const qdio::ReceiveHeader& header,
                const Frame& frame) noexcept {
  for (Port* sniffer : *route.others) {
    if (sniffer != &from && sniffer != route.station) copy_to(from, *sniffer, header, frame, WhenFull::drop);
  }
}

std::uint8_t Lan::copy_to(Port& from, Port& receiver, const qdio::ReceiveHeader& header, const Frame& frame,
                          WhenFull when_full) noexcept {
  if (frame.offloaded) [[unlikely]]
    return copy_finished(from, receiver, header, frame, when_full);
  qdio::DataQueues* queues = receiver.queues_;
  if (queues == nullptr) [[unlikely]]
    return copy_to_sink(from, receiver, header, frame, when_full);
  const bool first = !queues->unpublished();
  const GiveResult result = queues->give(header, frame.segment.data(), frame.segments, frame.length);
  if (first && queues->unpublished()) touched_.push_back(&receiver);
  return count_copy(from, receiver, result, frame.length, when_full);
}

std::uint8_t Lan::copy_to_sink(Port& from, Port& receiver, const qdio::ReceiveHeader& header,
                               const Frame& frame, WhenFull when_full) {
  if (receiver.sink_ == nullptr) {
    from.counters_.drop(Drop::receiver_not_active);
    return qdio::sbalf15::good;
  }
  const GiveResult result = receiver.sink_->give(header, frame, when_full);
  if (result == GiveResult::given) touch_sink(receiver);
  return count_copy(from, receiver, result, frame.length, when_full);
}

void Lan::touch_sink(Port& receiver) {
  if (receiver.sink_touched_) return;
  receiver.sink_touched_ = true;
  touched_.push_back(&receiver);
}

std::uint8_t Lan::count_refused(Port& from, Port& receiver, GiveResult result, WhenFull when_full,
                                std::uint64_t packets) noexcept {
  const bool busy = receiver.is_uplink() && result == GiveResult::no_empty_buffer;
  from.counters_.drop(busy ? Drop::uplink_busy : drop_reason(result), packets);
  receiver.counters_.rx_discarded += packets;
  if (result == GiveResult::buffer_error) receiver.counters_.rx_errors += packets;
  const bool tell =
      result == GiveResult::no_empty_buffer && receiver.lossless_ && when_full == WhenFull::sender_waits;
  return tell ? qdio::sbalf15::target_full : qdio::sbalf15::good;
}

}  // namespace vmlan::guestlan
