// What became of a batch.
#include <algorithm>

#include "apps/replay/post.h"

namespace vmlan::apps {

void Post::settle() {
  for (const auto user : receivers_waiting_) {
    for (auto left = receivers_[user].first; left != none; left = expected_[left].next) ++tally_.lost;
  }
}

// The one packet of the batch: as many copies as the LAN has counted, delivered or dropped under its names.
void Post::settle_with_lan(const guestlan::Counters& before) {
  auto told = members_.counters(sent_->sender);
  told -= before;
  const Parcel& parcel = parcels_.front();
  std::uint64_t dropped = 0;
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    if (told.dropped[reason] == 0) continue;
    dropped += told.dropped[reason];
    tally_.drop(static_cast<guestlan::Drop>(reason), told.dropped[reason]);
    if (books_ != nullptr) {
      books_->dropped(parcel.entry, Ending::of(static_cast<guestlan::Drop>(reason)), told.dropped[reason],
                      now_);
    }
  }
  if (told.tx_copies + dropped > 1) tally_.group_copies += told.tx_copies + dropped - 1;
  std::uint64_t missing = settings_.slow ? hold_back() : 0;
  if (!settings_.slow) {
    for (const auto user : receivers_waiting_) {
      for (auto left = receivers_[user].first; left != none; left = expected_[left].next) ++missing;
    }
  }
  if (missing > dropped) tally_.lost += missing - dropped;
}

// What was delivered to slow receivers waits there for deliver(). Returns how many did not get it.
std::uint64_t Post::hold_back() {
  std::uint64_t missing = 0;
  for (std::size_t i = 0; i < receivers_waiting_.size(); ++i) {
    const auto user = receivers_waiting_[i];
    if (members_.counters(user).rx_packets == received_before_[i]) {
      ++missing;
      continue;
    }
    const Parcel& parcel = parcels_.front();
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(parcel.offset);
    auto& [packets, most] = backlog(user);
    packets.push_back({{begin, begin + parcel.length}, parcel.left, parcel.entry});
    most = std::max(most, static_cast<std::uint32_t>(packets.size()));
    ++waiting_;
    arrivals_.push_back(user);
  }
  return missing;
}

}  // namespace vmlan::apps
