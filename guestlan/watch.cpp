// A LAN that is watched: its policy between the watchers' before() and after().
#include <algorithm>
#include <span>
#include <utility>

#include "guestlan/lan.h"
#include "guestlan/watcher.h"

namespace vmlan::guestlan {

void Lan::watch(Watcher& watcher) {
  settle();
  tell_passed_over();
  watchers_.push_back(&watcher);
  path_ = Path::watched;
}

void Lan::unwatch(Watcher& watcher) noexcept {
  settle();
  tell_passed_over();
  std::erase(watchers_, &watcher);
  if (watchers_.empty()) path_ = policy_;
}

// Who watches in vain costs the others next to nothing: a jump and a count.
std::uint8_t Lan::forward_watched(Port& from, const qdio::Frame& frame) noexcept {
  if (pass_over_ == 0) return forward_shown(from, frame);
  --pass_over_;
  if (from.passed_over_++ == 0) passed_[passed_ports_++] = &from;
  return forward_by(policy_, from, frame);
}

std::uint8_t Lan::forward_shown(Port& from, const qdio::Frame& frame) noexcept {
  if (passed_ports_ > 0) tell_passed_over();
  bool wanted = false;
  for (Watcher* watcher : watchers_) wanted |= watcher->before(from, frame);
  const std::uint8_t code = forward_by(policy_, from, frame);
  if (!wanted) {
    // A receiver that sends while it is given something has been here before.
    if (watchers_.size() == 1 && passed_ports_ == 0) {
      pass_over_ = std::min(watchers_.front()->passes_over(), Watcher::most_passed_over);
    }
    return code;
  }
  for (Watcher* watcher : watchers_) watcher->after(from, frame);
  return code;
}

void Lan::tell_passed_over() noexcept {
  pass_over_ = 0;
  for (Port* const port : std::span(passed_).first(std::exchange(passed_ports_, 0))) {
    const unsigned frames = std::exchange(port->passed_over_, std::uint8_t{0});
    for (Watcher* watcher : watchers_) watcher->passed_over(*port, frames);
  }
}

void Lan::show_control(const Nic& nic, bool to_guest, std::span<const std::byte> message) noexcept {
  if (passed_ports_ > 0) tell_passed_over();
  for (Watcher* watcher : watchers_) watcher->control(nic, to_guest, message);
}

void Lan::tell_joined(const Port& port) noexcept {
  for (Watcher* watcher : watchers_) watcher->joined(port);
}

void Lan::tell_left(const Port& port) noexcept {
  tell_passed_over();
  for (Watcher* watcher : watchers_) watcher->left(port);
}

void Lan::end_watching() noexcept {
  tell_passed_over();
  for (Watcher* watcher : std::exchange(watchers_, {})) watcher->ended(*this);
  path_ = policy_;
}

}  // namespace vmlan::guestlan
