#include "guestlan/uplink.h"

#include "guestlan/lan.h"

namespace vmlan::guestlan {

void Uplink::rules_changed() {
  publish();
  queue_by_priority(lan()->rules().priority_queuing);
}

void Uplink::queue_by_priority(bool on) {
  release();
  if (!on) {
    if (queue_ == nullptr) return;
    give_to(&queue_->behind());
    queue_.reset();
    return;
  }
  constexpr std::size_t megabyte = 1U << 20U;
  const auto& vswitch = lan()->attributes().vswitch;
  const std::size_t most = megabyte * (vswitch ? vswitch->queue_storage : SwitchAttributes{}.queue_storage);
  if (queue_ != nullptr) return queue_->hold_at_most(most);
  queue_ = std::make_unique<PriorityQueue>(*this, *sink(), lan()->sender_priority(), most, released_);
  give_to(queue_.get());
}

}  // namespace vmlan::guestlan
