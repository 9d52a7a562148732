// PRIQUEUING: frames for an uplink wait until their batch is over and then go in the order of their senders'
// priority, HIGH first.
//
// It stands where the uplink's own sink stood, so that nobody on the way knows of it. What does not fit goes
// under a name, of the lowest priority and the last of it first: `uplink busy`.
//
// Source: CP Commands, DEFINE VSWITCH (PRIQUEUING), SET VSWITCH (PQUPLINKTX). Owns: copies of the frames of
// one batch. Threads: the base's.
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
  // priority of whoever has sent what is given. `most`: bytes, with 64 more a frame.
  PriorityQueue(Port& port, FrameSink& behind, const UplinkPriority& sender, std::size_t most)
      : port_(port), behind_(behind), sender_(sender), most_(most) {}

  qdio::GiveResult give(const qdio::ReceiveHeader& header, const qdio::Frame& frame,
                        WhenFull when_full) override;
  qdio::GiveResult give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                   const qdio::Frame& frame, WhenFull when_full) override;
  void publish() override;

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
  std::size_t most_;
  std::size_t used_ = 0;
  std::array<Level, 3> levels_;  // as UplinkPriority counts
};

}  // namespace vmlan::guestlan
