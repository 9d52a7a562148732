// A LAN that is watched: its policy between the watchers' before() and after().
#include <utility>

#include "guestlan/lan.h"
#include "guestlan/watcher.h"

namespace vmlan::guestlan {

void Lan::watch(Watcher& watcher) {
  settle();
  watchers_.push_back(&watcher);
  path_ = Path::watched;
}

void Lan::unwatch(Watcher& watcher) noexcept {
  settle();
  std::erase(watchers_, &watcher);
  if (watchers_.empty()) path_ = policy_;
}

std::uint8_t Lan::forward_watched(Port& from, const qdio::Frame& frame) noexcept {
  for (Watcher* watcher : watchers_) watcher->before(from, frame);
  const std::uint8_t code = forward_by(policy_, from, frame);
  for (Watcher* watcher : watchers_) watcher->after(from, frame);
  return code;
}

void Lan::show_control(const Nic& nic, bool to_guest, std::span<const std::byte> message) noexcept {
  for (Watcher* watcher : watchers_) watcher->control(nic, to_guest, message);
}

void Lan::tell_joined(const Port& port) noexcept {
  for (Watcher* watcher : watchers_) watcher->joined(port);
}

void Lan::tell_left(const Port& port) noexcept {
  for (Watcher* watcher : watchers_) watcher->left(port);
}

void Lan::end_watching() noexcept {
  for (Watcher* watcher : std::exchange(watchers_, {})) watcher->ended(*this);
  path_ = policy_;
}

}  // namespace vmlan::guestlan
