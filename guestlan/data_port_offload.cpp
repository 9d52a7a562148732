// The one path, for packets whose sender left checksums or segmentation to its adapter: each receiver gets
// what it can take. Sniffers and members of a group are receivers like others.
#include "guestlan/data_port.h"
#include "guestlan/lan.h"
#include "guestlan/nic.h"

namespace vmlan::guestlan {

using qdio::Frame;
using qdio::GiveResult;

// A super-frame was counted as one packet.
void DataPort::count_parts(const Frame& frame) noexcept {
  counters_.tx_packets += frame.packets() - 1;
  counters_.tx_bytes += frame.bytes() - frame.length;
}

std::uint8_t DataPort::copy_finished(DataPort& receiver, const qdio::ReceiveHeader& header,
                                     const Frame& frame) noexcept {
  if (receiver.queues_ == nullptr && receiver.sink_ == nullptr) {
    counters_.drop(Drop::receiver_not_active, frame.packets());
    return qdio::sbalf15::good;
  }
  qdio::Offload offload = qdio::offload_of(frame);
  offload.whole = receiver.nic_.settings().whole_super_frames;
  qdio::FinishedPackets packets(offload, frame.segment.data(), frame.segments, frame.length);
  if (!packets.usable()) {
    counters_.drop(Drop::malformed, frame.packets());
    return qdio::sbalf15::good;
  }
  const bool verified = packets.summed() && receiver.inbound_checksum(packets.version());
  qdio::HeaderForReceiver finished(header, frame.is_ethernet(), verified);
  if (receiver.queues_ == nullptr) return give_unfinished(receiver, finished, offload, frame);
  return give_finished(receiver, finished, packets);
}

std::uint8_t DataPort::give_finished(DataPort& receiver, qdio::HeaderForReceiver& header,
                                     qdio::FinishedPackets& packets) noexcept {
  qdio::DataQueues& queues = *receiver.queues_;
  const bool untouched = !queues.unpublished();
  // A sender that is told would send all of it again: only as long as nothing has arrived.
  bool tell = queues.kind() == qdio::AdapterKind::iqd;
  std::uint8_t code = qdio::sbalf15::good;
  for (unsigned number = 0; number < packets.count(); ++number) {
    const auto packet = packets.packet(number);
    const GiveResult result =
        queues.give(header.with_length(packet.length), packet.segment, packet.segments, packet.length);
    const bool full = result == GiveResult::no_empty_buffer;
    const unsigned rest = full ? packets.count() - number - 1 : 0;
    code |= count_copy(receiver, result, packet.bytes, tell, packet.counts + rest);
    if (full) break;
    tell = false;
  }
  if (untouched && queues.unpublished()) lan_->touched().push_back(&receiver);
  return code;
}

std::uint8_t DataPort::give_unfinished(DataPort& receiver, const qdio::HeaderForReceiver& header,
                                       const qdio::Offload& offload, const Frame& frame) {
  const GiveResult result = receiver.sink_->give_unfinished(header.bytes(), offload, frame.segment.data(),
                                                            frame.segments, frame.length);
  if (result == GiveResult::given) touch_sink(receiver);
  const bool lossless = receiver.nic_.settings().kind == qdio::AdapterKind::iqd;
  return count_copy(receiver, result, frame.bytes(), lossless, frame.packets());
}

}  // namespace vmlan::guestlan
