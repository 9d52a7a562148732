// Takes packets for a port that is no input queue in this process: a Hercules guest behind a link, an uplink,
// a capture. Stands where a local user's input queue stands.
#pragma once

#include <cstdint>

#include "qdio/queues/data_queues.h"
#include "qdio/queues/finished_packets.h"

namespace vmlan::guestlan {

// Without room for a frame: may its sender be made to wait, or does the frame go under a name? Nobody waits
// for one of many receivers.
enum class WhenFull : std::uint8_t { sender_waits, drop };

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // The frame as it was sent, its transport header with it, and the header for the receiver. As
  // DataQueues::give(): no_empty_buffer when there is no room.
  virtual qdio::GiveResult give(const qdio::ReceiveHeader& header, const qdio::Frame& frame,
                                WhenFull when_full) = 0;
  // The same for a frame of which something is still to be done, by whoever is nearest to the guest's
  // storage. The header is as for the finished packets, but for their lengths.
  virtual qdio::GiveResult give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                           const qdio::Frame& frame, WhenFull when_full) = 0;
  // The batch is over: send what was given.
  virtual void publish() = 0;
};

}  // namespace vmlan::guestlan
