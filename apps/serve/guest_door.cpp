#include "apps/serve/guest_door.h"

#include <utility>

#include "cms/stack/lwip_library.h"

namespace vmlan::apps {

namespace {

// Who waits for a slow receiver is let go on at the latest so long after its patience has ended.
constexpr arch::Time patience_check = std::chrono::milliseconds(250);

}  // namespace

GuestDoor::GuestDoor(RunningSystem& system)
    : loop_(system.loop()), desk_(system.control_program(), system.clock(), {}) {}

std::variant<std::unique_ptr<GuestDoor>, std::string> GuestDoor::open(RunningSystem& system,
                                                                      const std::string& path) {
  // Before anybody can wait for it, not when the first user starts TCP/IP.
  cms::LwipLibrary::prepare();
  std::unique_ptr<GuestDoor> door(new GuestDoor(system));
  auto listening = host::StreamServer::listen(path, door->desk_);
  if (auto* error = std::get_if<std::string>(&listening)) return std::move(*error);
  door->sockets_ = std::move(std::get<std::unique_ptr<host::StreamServer>>(listening));
  door->desk_.attach(*door->sockets_);
  // The desk sees what the sockets have brought, and the sockets then what the desk has ended.
  door->loop_.add(*door);
  door->loop_.add(*door->sockets_);
  return door;
}

GuestDoor::~GuestDoor() {
  if (sockets_ == nullptr) return;
  desk_.shut_down();
  loop_.remove(*sockets_);
  loop_.remove(*this);
}

void GuestDoor::tend(arch::Time now) {
  looked_ = now;
  desk_.look_after();
  if (std::exchange(turn_due_, false)) desk_.give_turns();
}

std::optional<arch::Time> GuestDoor::deadline() const {
  if (desk_.turns_are_wanted()) return looked_;
  return !desk_.empty() ? std::optional(looked_ + patience_check) : std::nullopt;
}

}  // namespace vmlan::apps
