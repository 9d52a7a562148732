// Takes packets for a guest whose storage is not in this process: a Hercules guest behind a link. Stands
// where a local user's input queue stands.
#pragma once

#include <cstdint>

#include "qdio/data_queues.h"

namespace vmlan::guestlan {

class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // As DataQueues::give(): no_empty_buffer when the link has no room.
  virtual qdio::GiveResult give(const qdio::ReceiveHeader& header, const qdio::Segment* payload,
                                unsigned segments, std::uint32_t length) = 0;
  // The batch is over: send what was given.
  virtual void publish() = 0;
};

}  // namespace vmlan::guestlan
