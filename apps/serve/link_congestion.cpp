#include "apps/serve/link_congestion.h"

#include <algorithm>

namespace vmlan::apps {

using host::ConnectionId;

void Congestion::wait_for(ConnectionId receiver, ConnectionId sender, arch::Time now) {
  full_.try_emplace(receiver, Full{now});
  waits_.push_back({sender, receiver});
}

bool Congestion::waits(ConnectionId sender) const noexcept {
  return std::any_of(waits_.begin(), waits_.end(),
                     [sender](const Wait& wait) { return wait.sender == sender; });
}

bool Congestion::in_vain(ConnectionId receiver) const noexcept {
  const auto found = full_.find(receiver);
  return found != full_.end() && found->second.in_vain;
}

bool Congestion::may_go_on(const Wait& wait) const {
  const auto receiver = full_.find(wait.receiver);
  return receiver == full_.end() || receiver->second.in_vain;
}

std::vector<ConnectionId> Congestion::take_released(arch::Time now, const Owed& owed) {
  if (full_.empty() && waits_.empty()) return {};
  std::erase_if(full_, [&](const auto& entry) { return owed(entry.first) <= most_owed / 2; });
  for (auto& [receiver, full] : full_) full.in_vain = full.in_vain || now - full.since >= patience;

  std::vector<ConnectionId> released;
  for (const Wait& wait : waits_) {
    if (may_go_on(wait)) released.push_back(wait.sender);
  }
  std::erase_if(waits_, [this](const Wait& wait) { return may_go_on(wait); });
  // A group's sender may have waited for several receivers, and may still.
  std::erase_if(released, [this](ConnectionId sender) { return waits(sender); });
  return released;
}

void Congestion::forget(ConnectionId connection) {
  full_.erase(connection);
  std::erase_if(waits_, [connection](const Wait& wait) { return wait.sender == connection; });
}

}  // namespace vmlan::apps
