// PRIQUEUING: frames for an uplink wait and then go in the order of their senders' priority, HIGH first. They
// wait for release(), if somebody calls it, so that ports overtake each other; else for the end of their
// batch.
//
// It stands where the uplink's own sink stood, so that nobody on the way knows of it. A batch that does not
// fit loses frames under a name, of the lowest priority and the last of it first: `uplink busy`. When one is
// over and more than half of the room is taken, all go at once: batches do not lose frames to each other.
//
// Source: CP Commands, DEFINE VSWITCH (PRIQUEUING), SET VSWITCH (PQUPLINKTX). Owns: copies of the frames that
// wait. Threads: the base's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "guestlan/counters.h"
#include "guestlan/frame_sink.h"
#include "guestlan/switch_rules.h"

namespace vmlan::guestlan {

class Port;

class PriorityQueue final : public FrameSink {
 public:
  // For the frames of `port`, which used to go to `behind`; both outlive this, and so does `sender`: the
  // priority of whoever has sent what is given. `most`: bytes, with 64 more a frame. `released`: somebody
  // calls release() soon after something waits.
  PriorityQueue(Port& port, FrameSink& behind, const UplinkPriority& sender, std::size_t most, bool released)
      : port_(port), behind_(behind), sender_(sender), released_(released), most_(most) {}

  qdio::GiveResult give(const qdio::ReceiveHeader& header, const qdio::Frame& frame,
                        WhenFull when_full) override;
  qdio::GiveResult give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                   const qdio::Frame& frame, WhenFull when_full) override;
  void publish() override;

  bool anything_waits() const noexcept { return used_ != 0; }
  // All that waits goes.
  void release();

  // While nothing waits.
  void hold_at_most(std::size_t bytes) noexcept { most_ = bytes; }
  FrameSink& behind() const noexcept { return behind_; }

 private:
  // A frame but for its bytes.
  struct Held {
    wire::Layer3Header sent;
    wire::Layer3Header header;
    qdio::ReceiveHeader received;  // of a finished one, without its pattern
    qdio::Offload offload;
    bool finished = true;
    std::size_t at = 0;
    std::uint32_t length = 0;
    std::uint64_t packets = 1;
  };
  struct Level {
    std::vector<Held> frames;
    std::vector<std::byte> bytes;
  };
  static constexpr std::size_t per_frame = 64;

  qdio::GiveResult hold(Held held, const qdio::Frame& frame);
  bool make_room(std::size_t size, std::size_t level);
  void forward(Level& level);
  void lose(qdio::GiveResult why, std::uint64_t packets) noexcept;

  Port& port_;
  FrameSink& behind_;
  const UplinkPriority& sender_;
  bool released_;
  std::size_t most_;
  std::size_t used_ = 0;
  std::array<Level, 3> levels_;  // as UplinkPriority counts
};

}  // namespace vmlan::guestlan
