// A way out without rights: guests' connections become sockets of this process (libslirp), DHCP, DNS and
// router advertisements for them included. Ports of the host may be forwarded to guests.
//
// Guests can open what the host's user could, but not the host itself unless it is declared open
// (NatSettings::host_is_open); NatFilter says what passes. Names are resolved by the first server in the
// host's /etc/resolv.conf.
//
// Nothing here waits: every socket is non-blocking, and what the LAN does not take stays in the sockets. Of
// DHCP there are 16 leases, which never end (libslirp).
//
// Owns: the engine and its sockets. Threads: the base's.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "host/uplink/ethernet_device.h"
#include "host/uplink/nat_filter.h"
#include "host/uplink/nat_settings.h"

namespace vmlan::host {

class NatDevice : public EthernetDevice {
 public:
  // The device with its forwarded ports open, or why there is none: wrong settings, a port that is taken, or
  // "this vmlan was built without NAT; install libslirp-dev and build again".
  static std::variant<std::unique_ptr<NatDevice>, std::string> make(const NatSettings& settings);

  static constexpr std::size_t most_forwards = 256;

  // Nothing: done; else why not.
  virtual std::optional<std::string> add_forward(const ForwardedPort& port) = 0;
  // Connections through it go on.
  virtual std::optional<std::string> remove_forward(const ForwardedPort& port) = 0;

  // For a LAN whose guests know no Ethernet: every address of the network is at this one, and what the engine
  // asks about addresses is answered here and not given on.
  void answer_for(std::optional<wire::MacAddress> mac) override = 0;
  bool answers() const final { return true; }

  virtual const NatPlan& plan() const noexcept = 0;
  virtual const std::array<std::uint64_t, nat_drops>& drops() const noexcept = 0;
  std::uint64_t dropped(NatDrop drop) const noexcept { return drops()[static_cast<std::size_t>(drop)]; }
  // Sockets that serve guests now.
  virtual std::size_t connections() const noexcept = 0;
};

}  // namespace vmlan::host
