#include "apps/link_desk.h"

#include <algorithm>

#include "apps/link_guest.h"

namespace vmlan::apps {

LinkDesk::LinkDesk(cp::ControlProgram& system, LinkDefaults defaults)
    : system_(system), defaults_(std::move(defaults)) {}

LinkDesk::~LinkDesk() = default;

void LinkDesk::connected(host::ConnectionId id) { guests_.emplace(id, std::make_unique<Guest>(*this, id)); }

bool LinkDesk::received(host::ConnectionId id, std::span<const std::byte> bytes) {
  return guests_.at(id)->received(bytes);
}

void LinkDesk::closed(host::ConnectionId id) { guests_.erase(id); }

void LinkDesk::sweep() {
  for (const auto& [id, guest] : guests_) {
    if (guest->lost_its_nic())
      guest->end("VMLLNK004I The virtual NIC was taken away", link::AfterEnd::stay_away);
  }
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
