#include "apps/serve/link_desk.h"

#include <algorithm>
#include <utility>

#include "apps/serve/joined_connection.h"

namespace vmlan::apps {

LinkDesk::LinkDesk(cp::ControlProgram& system, const arch::Clock& clock, LinkDefaults defaults)
    : system_(system), clock_(clock), defaults_(std::move(defaults)) {}

// Its guests have left with the server's connections, which end first.
LinkDesk::~LinkDesk() = default;

void LinkDesk::connected(host::ConnectionId id) {
  const bool room = make_room();
  const auto newcomer = guests_.emplace(id, std::make_unique<JoinedConnection>(*this, id)).first;
  if (!room) newcomer->second->close();
}

bool LinkDesk::received(host::ConnectionId id, std::span<const std::byte> bytes) {
  return guests_.at(id)->received(bytes);
}

void LinkDesk::closed(host::ConnectionId id) {
  congestion_.forget(id);
  // The others are still to be seen while this one leaves.
  const auto leaving = std::move(guests_.at(id));
  guests_.erase(id);
}

void LinkDesk::look_after() {
  end_lost();
  end_silent();
  let_go_on();
}

void LinkDesk::end_lost() {
  for (const auto& [id, guest] : guests_) {
    if (!guest->ending() && guest->lost_its_nic()) guest->end_for_good();
  }
}

void LinkDesk::note_unheard_end(const link::Hello& guest) {
  if (unheard_ends_.size() >= most_unheard_ends) unheard_ends_.pop_front();
  unheard_ends_.push_back({guest.user, guest.instance, guest.base_device});
}

bool LinkDesk::take_unheard_end(const link::Hello& guest) {
  const auto found =
      std::ranges::find(unheard_ends_, UnheardEnd{guest.user, guest.instance, guest.base_device});
  if (found == unheard_ends_.end()) return false;
  unheard_ends_.erase(found);
  return true;
}

void LinkDesk::end_silent() {
  const auto now = clock_.now();
  for (const auto& [id, guest] : guests_) {
    if (!guest->joined() && !guest->captures() && !guest->ending() && now - guest->heard() >= most_silence)
      guest->close();
  }
}

// Who was ended here may take what it was sent before it goes. false: too many do.
bool LinkDesk::make_room() {
  std::size_t strangers = 0;
  std::size_t leaving = 0;
  auto longest = guests_.end();
  for (auto entry = guests_.begin(); entry != guests_.end(); ++entry) {
    if (entry->second->ending()) {
      ++leaving;
      continue;
    }
    if (entry->second->joined() || entry->second->captures()) continue;
    ++strangers;
    if (longest == guests_.end() || entry->second->heard() < longest->second->heard()) longest = entry;
  }
  if (leaving >= most_leaving) return false;
  if (strangers >= most_strangers) longest->second->close();
  return true;
}

void LinkDesk::let_go_on() {
  const auto owed = [this](host::ConnectionId id) { return connections_->owed(id); };
  for (const host::ConnectionId id : congestion_.take_released(clock_.now(), owed)) {
    connections_->pause(id, false);
    guests_.at(id)->go_on();
  }
}

bool LinkDesk::take_command_turn(host::ConnectionId id) noexcept {
  if (std::exchange(had_command_, true)) return false;
  last_command_ = id;
  return true;
}

// To the next one behind whose the last one was.
void LinkDesk::give_command_turn() {
  const auto is_due = [](const auto& entry) {
    return entry.second->has_command() && entry.second->wants_a_turn();
  };
  const auto behind = guests_.upper_bound(last_command_);
  auto next = std::find_if(behind, guests_.end(), is_due);
  if (next == guests_.end()) next = std::find_if(guests_.begin(), behind, is_due);
  if (next == guests_.end() || !is_due(*next)) return;
  connections_->pause(next->first, false);
  next->second->go_on();
}

void LinkDesk::give_turns() {
  had_command_ = false;
  give_command_turn();
  for (const auto& [id, guest] : guests_) {
    if (!guest->wants_a_turn() || guest->has_command()) continue;
    connections_->pause(id, false);
    guest->go_on();
  }
}

bool LinkDesk::turns_are_wanted() const noexcept {
  return std::any_of(guests_.begin(), guests_.end(),
                     [](const auto& entry) { return entry.second->wants_a_turn(); });
}

// A sender in this process can be told that its target is full, as the hardware does. One behind the link has
// its buffer back already: its frame is taken, and then it waits. Not for one of many: a broadcast goes on
// without who is slow.
bool LinkDesk::may_give(host::ConnectionId receiver, guestlan::WhenFull when_full) const {
  if (connections_->owed(receiver) <= Congestion::most_owed) return true;
  return when_full == guestlan::WhenFull::sender_waits && sender_ && !congestion_.in_vain(receiver);
}

void LinkDesk::was_given(host::ConnectionId receiver) {
  if (!sender_ || connections_->owed(receiver) <= Congestion::most_owed) return;
  congestion_.wait_for(receiver, *sender_, clock_.now());
  connections_->pause(*sender_, true);
}

std::size_t LinkDesk::guests() const noexcept {
  return static_cast<std::size_t>(std::count_if(guests_.begin(), guests_.end(),
                                                [](const auto& entry) { return entry.second->joined(); }));
}

void LinkDesk::shut_down() {
  for (const auto& [id, guest] : guests_)
    guest->end("VMLLNK005I The system goes down", link::AfterEnd::come_again);
}

}  // namespace vmlan::apps
