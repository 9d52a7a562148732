// The door of a running system for guests outside: the socket, and the desk behind it, on the system's loop.
//
// Owns: both. Threads: the base's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apps/serve/link_desk.h"
#include "apps/system/running_system.h"
#include "host/stream_server.h"

namespace vmlan::apps {

class GuestDoor final : private host::EventSource {
 public:
  // The door, or why there is none. From now on guests come in whenever the system waits.
  static std::variant<std::unique_ptr<GuestDoor>, std::string> open(RunningSystem& system,
                                                                    const std::string& path);
  // Every guest is told that the system goes down.
  ~GuestDoor() override;
  GuestDoor(const GuestDoor&) = delete;
  GuestDoor& operator=(const GuestDoor&) = delete;

  const LinkDesk& desk() const noexcept { return desk_; }

 private:
  explicit GuestDoor(RunningSystem& system);

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  void add_to(std::vector<pollfd>&) override { turn_due_ = true; }
  void happened(std::span<const pollfd>) override {}

  host::EventLoop& loop_;
  LinkDesk desk_;
  std::unique_ptr<host::StreamServer> sockets_;
  arch::Time looked_{0};
  bool turn_due_ = false;  // the descriptors have been looked at since the last one
};

}  // namespace vmlan::apps
