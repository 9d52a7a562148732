// Where Hercules guests come in: turns the messages of a link into what the base does for any other user, and
// the base's answers into messages.
//
// One connection is one virtual NIC of one user. What CP does to it meanwhile (FORCE, DETACH NIC, COUPLE) is
// noticed: a NIC that is gone ends its connection, with the reason.
//
// A sender of HiperSockets waits while its receiver is slow (apps/serve/link_congestion.h): its connection is
// paused.
//
// Owns: the guests, not the system nor the sockets. Threads: the base's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "apps/serve/link_congestion.h"
#include "cp/control_program.h"
#include "guestlan/frame_sink.h"
#include "host/connections.h"
#include "link/decoder.h"
#include "link/protocol.h"

namespace vmlan::apps {

// What a guest that names no LAN gets.
struct LinkDefaults {
  std::string lan_owner = "SYSTEM";
  std::string qdio_lan = "LAN1";
  std::string hipers_lan = "HIPER1";
  // A LAN that does not exist is defined by the first guest that names it.
  bool create_lans = true;
};

class LinkDesk final : public host::StreamHandler {
 public:
  // Of those who have not joined: one that says nothing for so long is ended, and of more than so many the
  // one that has been silent longest.
  static constexpr arch::Time most_silence = std::chrono::seconds(30);
  static constexpr std::size_t most_strangers = 256;
  // Of those who were ended and have not gone yet. Nobody else is let in then.
  static constexpr std::size_t most_leaving = 256;

  // Captures at the same time.
  static constexpr std::size_t most_captures = 16;

  // NICs that were taken away from who did not hear it; the oldest is forgotten.
  static constexpr std::size_t most_unheard_ends = 256;

  LinkDesk(cp::ControlProgram& system, const arch::Clock& clock, LinkDefaults defaults);
  ~LinkDesk() override;

  // Before the first connection.
  void attach(host::Connections& connections) noexcept { connections_ = &connections; }
  // After each wait for the sockets: ends the connections whose NIC CP has destroyed, and lets senders go on
  // whose receivers have taken what they were sent.
  void look_after();
  // Once per pass: those whose turn ended before what they said did have their next one. All connections
  // together have one command in a pass, in turn: a command may take long, and frames do not wait for many.
  void give_turns();
  bool turns_are_wanted() const noexcept;
  // Nobody is connected, joined or not.
  bool empty() const noexcept { return guests_.empty(); }
  // NICs that have joined, and whether there ever was one.
  std::size_t guests() const noexcept;
  bool had_guests() const noexcept { return had_guests_; }
  // Tells every guest that the system goes down.
  void shut_down();

  void connected(host::ConnectionId id) override;
  bool received(host::ConnectionId id, std::span<const std::byte> bytes) override;
  void closed(host::ConnectionId id) override;

  // For the sinks. May a frame be given to a receiver of HiperSockets, and: one was, whose sender may wait.
  host::Connections& connections() noexcept { return *connections_; }
  bool may_give(host::ConnectionId receiver, guestlan::WhenFull when_full) const;
  void was_given(host::ConnectionId receiver);

 private:
  class JoinedConnection;

  // An emulator whose NIC was taken away and that took nothing then, since it was stopped, say: it may come
  // back and not know. It is told when it does, and by that once.
  struct UnheardEnd {
    std::string user;
    std::uint64_t instance;
    arch::DeviceNumber nic;
    bool operator==(const UnheardEnd&) const = default;
  };
  void note_unheard_end(const link::Hello& guest);
  bool take_unheard_end(const link::Hello& guest);

  void end_lost();
  void end_silent();
  bool make_room();
  // false: this pass has had its command.
  bool take_command_turn(host::ConnectionId id) noexcept;
  void give_command_turn();
  void let_go_on();

  cp::ControlProgram& system_;
  const arch::Clock& clock_;
  LinkDefaults defaults_;
  host::Connections* connections_ = nullptr;
  std::map<host::ConnectionId, std::unique_ptr<JoinedConnection>> guests_;
  Congestion congestion_;
  std::optional<host::ConnectionId>
      sender_;  // of the frame that is being forwarded, if it came over the link
  bool had_guests_ = false;
  bool had_command_ = false;           // in this pass
  host::ConnectionId last_command_{};  // whose the last one was
  std::deque<UnheardEnd> unheard_ends_;
};

}  // namespace vmlan::apps
