// GuestNic: packets between the guest's queues and the base.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "arch/machine.h"
#include "hercules/guest_nic.h"
#include "link/unfinished_frame.h"
#include "qdio/adapter/idx.h"

namespace vmlan::hercules {

using link::MessageType;

namespace {

// Rings looked through for one signal: a guest that primes as fast as we take must not hold the others up.
constexpr unsigned most_rings = 4;

constexpr std::uint32_t mask_of_queue(unsigned queue) noexcept { return 0x8000'0000U >> queue; }

std::byte* append(std::byte* to, const void* from, std::size_t length) noexcept {
  std::memcpy(to, from, length);
  return to + length;
}

// The answer to IDX ACTIVATE repeats the request; the guest shall see what it sent.
void restore_names(qdio::Message& reply, std::span<const qdio::IdxDataPath> asked) noexcept {
  constexpr std::size_t names_at = offsetof(qdio::IdxMessage, data_path);
  const auto names = std::as_bytes(asked);
  const bool is_idx = reply.size() >= 4 && std::memcmp(reply.data(), "\x00\x00\x80\x00", 4) == 0;
  if (!is_idx || reply.size() != names_at + names.size()) return;
  std::memcpy(reply.data() + names_at, names.data(), names.size());
}

}  // namespace

// The SBALF 15 code. What the base can't be told is lost like on a cable that is not plugged in.
std::uint8_t GuestNic::take_frame(unsigned index, const qdio::Frame& frame) {
  constexpr std::size_t header_size = wire::transport_header_size;
  const std::size_t extension_size = frame.is_super_frame() ? sizeof(frame.tso) : 0;
  const std::size_t length = header_size + extension_size + frame.length;
  if (!units_[index].known_to_base) {
    counters_[index].no_base += frame.packets();
    return qdio::sbalf15::good;
  }
  if (length > link::max_body) {
    ++counters_[index].malformed;
    return qdio::sbalf15::invalid_frame;
  }
  std::byte* to = to_base_.add_space(MessageType::frame, index, length).data();
  to = append(to, &frame.layer3, header_size);
  to = append(to, &frame.tso, extension_size);
  for (std::uint32_t segment = 0; segment < frame.segments; ++segment) {
    to = append(to, frame.segment[segment].data, frame.segment[segment].length);
  }
  counters_[index].sent += frame.packets();
  return qdio::sbalf15::good;
}

void GuestNic::transmit(unsigned index, qdio::DataQueues& queues, std::uint32_t queue_mask) {
  still_to_do_ = 0;
  for (unsigned queue = 0; queue < queues.output_queues(); ++queue) {
    if ((queue_mask & mask_of_queue(queue)) == 0) continue;
    bool more = true;
    // For one buffer of the longest more: what waits for the base is bounded by bytes, not by buffers.
    const auto has_room = [this] { return to_base_.has_room(link::max_body); };
    for (unsigned ring = 0; ring < most_rings && more && has_room(); ++ring) {
      const auto taken = queues.take(
          queue, [this, index](const qdio::Frame& frame) { return take_frame(index, frame); }, has_room);
      counters_[index].malformed += taken.malformed;
      more = taken.buffers > 0;
      if (more) units_[index].completed = true;
      // A driver that finds the buffer before its new one still primed does not signal: our last state
      // change has to be seen before we look for the new one (facts: "fast requeue", Linux 6.1 qdio).
      std::atomic_thread_fence(std::memory_order_seq_cst);
    }
    if (more) still_to_do_ |= mask_of_queue(queue);
  }
}

std::uint32_t GuestNic::transmit(unsigned index, std::uint32_t queue_mask) {
  still_to_do_ = 0;
  device_->signal_adapter(index, static_cast<std::uint32_t>(arch::Siga::Function::write), queue_mask);
  return std::exchange(still_to_do_, 0);
}

bool GuestNic::receive(const link::MessageView& message) {
  if (message.type == MessageType::frame) return give(message);
  if (message.type == MessageType::unfinished_frame) return give_unfinished(message);
  if (message.type != MessageType::control) return true;
  Unit& unit = units_[message.device_index];
  qdio::Message reply(message.body.begin(), message.body.end());
  restore_names(reply, unit.asked);
  rename_data_path(reply, unit.named, unit.asked);
  trace_.to_guest(message.device_index, reply);
  unit.offline.learn(reply);
  device_->reply(message.device_index, std::move(reply));
  return true;
}

bool GuestNic::give(const link::MessageView& message) {
  constexpr std::size_t header_size = wire::transport_header_size;
  Unit& unit = units_[message.device_index];
  offered_ = {};
  if (unit.queues == nullptr) {
    ++counters_[message.device_index].not_active;
    return true;
  }
  wire::Layer3Header header;
  std::memcpy(static_cast<void*>(&header), message.body.data(), header_size);
  const auto payload = message.body.subspan(header_size);
  const qdio::Segment segment{payload.data(), static_cast<std::uint32_t>(payload.size())};
  if (give_packet(message.device_index, {&header, header.flags, header.length},
                  {&segment, 1, segment.length}))
    return true;
  offered_ = {.device = message.device_index, .left = 1};
  return false;
}

// Goes on where the guest's buffers ended the last time.
bool GuestNic::give_unfinished(const link::MessageView& message) {
  Unit& unit = units_[message.device_index];
  const link::UnfinishedFrame frame = link::parse_unfinished(message.body);
  qdio::FinishedPackets packets(frame.offload, &frame.payload, 1, frame.payload.length);
  unsigned number = std::exchange(offered_, {}).next_packet;
  if (!packets.usable()) {
    ++counters_[message.device_index].too_long;
    return true;
  }
  qdio::HeaderForReceiver header(frame.header);
  bool progress = false;
  for (; number < packets.count(); ++number) {
    const auto packet = packets.packet(number);
    const unsigned left = packet.counts + packets.count() - number - 1;
    if (unit.queues == nullptr) {
      counters_[message.device_index].not_active += left;
      return true;
    }
    if (!give_packet(message.device_index, header.with_length(packet.length), packet)) {
      offered_ = {message.device_index, number, left, progress};
      return false;
    }
    progress = true;
  }
  return true;
}

bool GuestNic::give_packet(unsigned index, const qdio::ReceiveHeader& header,
                           const qdio::FinishedPackets::Packet& packet) {
  Unit& unit = units_[index];
  switch (unit.queues->give(header, packet.segment, packet.segments, packet.length)) {
    case qdio::GiveResult::given:
      counters_[index].received += packet.counts;
      unit.given = true;
      return true;
    case qdio::GiveResult::no_empty_buffer:
      return false;
    case qdio::GiveResult::too_long:
    case qdio::GiveResult::buffer_error:
      counters_[index].too_long += packet.counts;
      return true;
  }
  return true;
}

void GuestNic::drop() noexcept {
  const Offered given_up = std::exchange(offered_, {});
  counters_[given_up.device].no_buffer += given_up.left;
}

namespace {

// What has to be told yet; the rest of a number that is too large for its field is told the next time.
arch::be32 news(std::uint64_t now, std::uint64_t& told) noexcept {
  const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(now - told, 0xffff'ffffU));
  told += part;
  return part;
}

}  // namespace

bool GuestNic::tell_losses() {
  bool told = false;
  for (unsigned index = 0; joined_ && index < counters_.size(); ++index) {
    const Counters& now = counters_[index];
    Counters& before = told_[index];
    if (now.lost() == before.lost()) continue;
    link::LossesBody body;
    body.no_system = news(now.no_base, before.no_base);
    body.malformed = news(now.malformed, before.malformed);
    body.no_empty_buffer = news(now.no_buffer, before.no_buffer);
    body.unusable_buffer = news(now.too_long, before.too_long);
    body.not_active = news(now.not_active, before.not_active);
    to_base_.add(MessageType::losses, index, {std::as_bytes(std::span(&body, 1))});
    told = true;
  }
  return told;
}

void GuestNic::publish() {
  for (const Unit& unit : units_) {
    if (unit.queues != nullptr) unit.queues->publish();
  }
}

}  // namespace vmlan::hercules
