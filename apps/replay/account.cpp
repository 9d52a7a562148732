#include "apps/replay/account.h"

#include <algorithm>

namespace vmlan::apps {

std::string_view Ending::name() const noexcept {
  if (*this == queue_full()) return "link: queue full";
  if (*this == lost_on_link()) return "link: lost";
  return to_string(static_cast<guestlan::Drop>(index_ - 2));
}

void Account::drop(Ending ending, std::uint64_t packets) {
  const auto known =
      std::find_if(dropped.begin(), dropped.end(), [&](const auto& entry) { return entry.first == ending; });
  if (known == dropped.end()) {
    dropped.emplace_back(ending, packets);
  } else {
    known->second += packets;
  }
}

std::uint64_t Account::dropped_packets() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [ending, packets] : dropped) sum += packets;
  return sum;
}

}  // namespace vmlan::apps
