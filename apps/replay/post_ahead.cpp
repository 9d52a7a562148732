// What the waiting batches will need, brought to the processor for all of them at once.
#include <algorithm>
#include <array>

#include "apps/replay/post.h"

namespace vmlan::apps {

namespace {

// Fewer users are in a cache after their first packets.
constexpr std::uint32_t many_users = 64;
constexpr std::size_t most_foreseen = 32;

}  // namespace

void Post::bring_near() const {
  if (members_.size() < many_users) return;
  std::array<std::uint32_t, most_foreseen> users;
  std::size_t count = 0;
  for (const Batch& batch : batches_) {
    if (count < users.size()) users[count++] = batch.sender;
  }
  for (const auto user : receivers_waiting_) {
    if (count < users.size()) users[count++] = user;
  }
  for (unsigned step = 0; step < Members::steps_to_bring_near; ++step) {
    for (std::size_t index = 0; index < count; ++index) members_.bring_near(users[index], step);
  }
}

}  // namespace vmlan::apps
