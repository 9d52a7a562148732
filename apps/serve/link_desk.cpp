#include "apps/serve/link_desk.h"

#include <algorithm>

#include "apps/serve/joined_connection.h"

namespace vmlan::apps {

LinkDesk::LinkDesk(cp::ControlProgram& system, const arch::Clock& clock, LinkDefaults defaults)
    : system_(system), clock_(clock), defaults_(std::move(defaults)) {}

// Its guests have left with the server's connections, which end first.
LinkDesk::~LinkDesk() = default;

void LinkDesk::connected(host::ConnectionId id) {
  make_room();
  guests_.emplace(id, std::make_unique<JoinedConnection>(*this, id));
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
    if (guest->lost_its_nic())
      guest->end("VMLLNK004I The virtual NIC was taken away", link::AfterEnd::stay_away);
  }
}

void LinkDesk::end_silent() {
  const auto now = clock_.now();
  for (const auto& [id, guest] : guests_) {
    if (!guest->joined() && now - guest->heard() >= most_silence) connections_->close(id);
  }
}

// Who was ended here may take what it was sent before it goes, and counts until then.
void LinkDesk::make_room() {
  std::size_t strangers = 0;
  auto longest = guests_.end();
  for (auto entry = guests_.begin(); entry != guests_.end(); ++entry) {
    if (entry->second->joined()) continue;
    ++strangers;
    if (longest == guests_.end() || entry->second->heard() < longest->second->heard()) longest = entry;
  }
  if (strangers >= most_strangers) connections_->close(longest->first);
}

void LinkDesk::let_go_on() {
  const auto owed = [this](host::ConnectionId id) { return connections_->owed(id); };
  for (const host::ConnectionId id : congestion_.take_released(clock_.now(), owed)) {
    connections_->pause(id, false);
    if (!guests_.at(id)->go_on()) connections_->close(id);
  }
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
