// One link of an aggregate: what is known of the system at its other end, when to tell it something, and
// whether frames may go through it. The link itself is the caller's.
//
// Source: IEEE 802.1AX-2008, 5.4: receive, periodic and transmit machines as they stand there; of the mux
// machine the independent form, without the two seconds in which a switch would wait for further links: our
// links are known. It collects as soon as it belongs to the aggregate, since a partner of the coupled form
// sends before it says so, and distributes once the partner collects. Observed with Open vSwitch 3.1.
//
// Owns: nothing. Time is an argument. Threads: one.
#pragma once

#include <optional>

#include "arch/clock.h"
#include "wire/lacp.h"

namespace vmlan::host {

class LacpPort {
 public:
  LacpPort(const wire::MacAddress& system, std::uint16_t key, std::uint16_t port);

  enum class Partner : std::uint8_t {
    none,       // the link is down
    asked,      // nothing heard lately, within three seconds
    defaulted,  // nobody answers
    current,
  };
  Partner partner_state() const noexcept { return state_; }
  // All zero but for its state: unknown.
  const wire::LacpInformation& partner() const noexcept { return partner_; }
  const wire::LacpInformation& actor() const noexcept { return actor_; }
  // Are both links' partners the same system, and may be one aggregate?
  bool goes_with(const LacpPort& other) const noexcept;

  void set_link(bool up, arch::Time now);
  // The aggregate wants it.
  void select(bool on);
  void receive(const wire::LacpPdu& pdu, arch::Time now);
  // What time brings.
  void tend(arch::Time now);
  // What to tell the partner now; once.
  std::optional<wire::LacpPdu> take_due(arch::Time now);
  std::optional<arch::Time> deadline() const;

  // Frames from it are the aggregate's; and may be sent through it too.
  bool collects() const noexcept { return (actor_.state & wire::lacp_state::collecting) != 0; }
  bool carries() const noexcept { return (actor_.state & wire::lacp_state::distributing) != 0; }

 private:
  void forget_partner(std::uint8_t state) noexcept;
  void update_mux() noexcept;
  bool is_known_to_partner(const wire::LacpInformation& as_told) const noexcept;

  wire::LacpInformation actor_;
  wire::LacpInformation partner_;
  Partner state_ = Partner::none;
  bool selected_ = false;
  bool partner_collects_ = false;  // and is in sync, with us
  bool to_tell_ = false;
  arch::Time partner_until_{0};  // what is known of it is believed so long
  arch::Time next_periodic_{0};
  arch::Time next_allowed_{0};
};

}  // namespace vmlan::host
