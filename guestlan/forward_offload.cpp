// The one path, for packets whose sender left checksums or segmentation to its adapter: each receiver gets
// what it can take. Sniffers and members of a group are receivers like others.
#include "guestlan/lan.h"
#include "guestlan/port.h"

namespace vmlan::guestlan {

using qdio::Frame;
using qdio::GiveResult;

std::uint8_t Lan::copy_finished(Port& from, Port& receiver, const qdio::ReceiveHeader& header,
                                const Frame& frame, WhenFull when_full) noexcept {
  if (receiver.queues_ == nullptr && receiver.sink_ == nullptr) {
    from.counters_.drop(Drop::receiver_not_active, frame.packets());
    return qdio::sbalf15::good;
  }
  qdio::Offload offload = qdio::offload_of(frame);
  offload.whole = receiver.whole_super_frames_;
  qdio::FinishedPackets packets(offload, frame.segment.data(), frame.segments, frame.length);
  if (!packets.usable()) {
    from.counters_.drop(Drop::malformed, frame.packets());
    return qdio::sbalf15::good;
  }
  const bool verified = packets.summed() && receiver.inbound_checksum(packets.version());
  qdio::HeaderForReceiver finished(header, frame.is_ethernet(), verified);
  if (receiver.queues_ == nullptr)
    return give_unfinished(from, receiver, finished, offload, frame, when_full);
  return give_finished(from, receiver, finished, packets, when_full);
}

std::uint8_t Lan::give_finished(Port& from, Port& receiver, qdio::HeaderForReceiver& header,
                                qdio::FinishedPackets& packets, WhenFull when_full) noexcept {
  qdio::DataQueues& queues = *receiver.queues_;
  const bool untouched = !queues.unpublished();
  std::uint8_t code = qdio::sbalf15::good;
  for (unsigned number = 0; number < packets.count(); ++number) {
    const auto packet = packets.packet(number);
    const GiveResult result =
        queues.give(header.with_length(packet.length), packet.segment, packet.segments, packet.length);
    const bool full = result == GiveResult::no_empty_buffer;
    const unsigned rest = full ? packets.count() - number - 1 : 0;
    code |= count_copy(from, receiver, result, packet.bytes, when_full, packet.counts + rest);
    if (full) break;
    // A sender that is told would send all of it again: only as long as nothing has arrived.
    when_full = WhenFull::drop;
  }
  if (untouched && queues.unpublished()) touched_.push_back(&receiver);
  return code;
}

std::uint8_t Lan::give_unfinished(Port& from, Port& receiver, const qdio::HeaderForReceiver& header,
                                  const qdio::Offload& offload, const Frame& frame, WhenFull when_full) {
  const GiveResult result = receiver.sink_->give_unfinished(header.bytes(), offload, frame, when_full);
  if (result == GiveResult::given) touch_sink(receiver);
  return count_copy(from, receiver, result, frame.bytes(), when_full, frame.packets());
}

}  // namespace vmlan::guestlan
