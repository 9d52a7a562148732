#include "guestlan/priority_queue.h"

#include "guestlan/port.h"

namespace vmlan::guestlan {

using qdio::GiveResult;

GiveResult PriorityQueue::give(const qdio::ReceiveHeader& header, const qdio::Frame& frame, WhenFull) {
  return hold({frame.layer3, *header.pattern, header, {}, true, 0, frame.length, 1}, frame);
}

GiveResult PriorityQueue::give_unfinished(const wire::Layer3Header& header, const qdio::Offload& offload,
                                          const qdio::Frame& frame, WhenFull) {
  return hold({frame.layer3, header, {}, offload, false, 0, frame.length, frame.packets()}, frame);
}

GiveResult PriorityQueue::hold(Held held, const qdio::Frame& frame) {
  const auto priority = static_cast<std::size_t>(sender_);
  if (!make_room(held.length + per_frame, priority)) return GiveResult::no_empty_buffer;
  Level& level = levels_[priority];
  held.at = level.bytes.size();
  for (unsigned index = 0; index < frame.segments; ++index) {
    const auto& segment = frame.segment[index];
    level.bytes.insert(level.bytes.end(), segment.data, segment.data + segment.length);
  }
  used_ += held.length + per_frame;
  level.frames.push_back(held);
  return GiveResult::given;
}

bool PriorityQueue::make_room(std::size_t size, std::size_t level) {
  if (size > most_) return false;
  for (std::size_t lower = 0; lower < level && used_ + size > most_; ++lower) {
    Level& from = levels_[lower];
    while (!from.frames.empty() && used_ + size > most_) {
      const Held& last = from.frames.back();
      lose(GiveResult::no_empty_buffer, last.packets);
      used_ -= last.length + per_frame;
      from.bytes.resize(last.at);
      from.frames.pop_back();
    }
  }
  return used_ + size <= most_;
}

void PriorityQueue::lose(GiveResult why, std::uint64_t packets) noexcept {
  port_.count_lost(why == GiveResult::too_long ? Drop::too_long : Drop::uplink_busy, packets);
}

void PriorityQueue::forward(Level& level) {
  for (const Held& held : level.frames) {
    qdio::Frame frame;
    frame.layer3 = held.sent;
    frame.length = held.length;
    frame.segments = 1;
    frame.segment[0] = {level.bytes.data() + held.at, held.length};
    const auto result =
        held.finished
            ? behind_.give({&held.header, held.received.flags, held.received.length}, frame, WhenFull::drop)
            : behind_.give_unfinished(held.header, held.offload, frame, WhenFull::drop);
    // Counted as given when it came in.
    if (result != GiveResult::given) lose(result, held.packets);
  }
  level.frames.clear();
  level.bytes.clear();
}

void PriorityQueue::publish() {
  if (!released_ || used_ > most_ / 2) release();
}

void PriorityQueue::release() {
  for (std::size_t level = levels_.size(); level-- > 0;) forward(levels_[level]);
  used_ = 0;
  behind_.publish();
}

}  // namespace vmlan::guestlan
