// Which frames of guests a NAT engine gets to see. It is the wall around the host: libslirp's own switch
// (disable_host_loopback) knows one address only, and cuts off the answers to ports forwarded by UDP.
//
// A frame passes if its source is an address of the network (or one that has none yet asks for it) and its
// destination is outside of it or a service of the NAT's own. Never a destination: 127.0.0.0/8 and ::1 under
// any of their names, which libslirp would connect to, link-local addresses and multicast groups of the
// host's networks. The host itself, under the NAT's name for it and its own addresses: only if it is open;
// else what answers somebody who came through a forwarded port.
//
// Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "host/uplink/nat_packet.h"
#include "host/uplink/nat_settings.h"

namespace vmlan::host {

enum class NatDrop : std::uint8_t {
  malformed,
  foreign_source,        // not of the network, or one of the NAT's own
  for_somebody_else,     // a neighbor's, or nobody's
  host_closed,           // the host, or what only it may reach
  not_served,            // a protocol that the engine does not know
  fragment,              // of IPv4: libslirp 4.7.0 ends the process when one comes alone
  too_many_connections,  // this would open another one
  too_long,              // longer than the MTU
  queue_full,            // towards the LAN: it takes less than the engine gives
};
inline constexpr std::size_t nat_drops = 9;
std::string_view to_string(NatDrop drop);

class NatFilter {
 public:
  // Peers of forwarded UDP ports that are remembered, so that answers reach them.
  static constexpr std::size_t most_peers = 256;

  NatFilter(const NatPlan& plan, bool host_is_open) : plan_(plan), host_is_open_(host_is_open) {}

  // The host's own addresses.
  void set_host_addresses(std::vector<wire::IpAddress> addresses) { host_addresses_ = std::move(addresses); }
  void add_forward(const ForwardedPort& port) { forwards_.push_back(port); }
  void remove_forward(const ForwardedPort& port);
  const std::vector<ForwardedPort>& forwards() const noexcept { return forwards_; }

  // Why a guest's frame does not pass. `any_mac`: whatever Ethernet address it is sent to.
  std::optional<NatDrop> judge(const NatPacket& packet, bool any_mac) const noexcept;
  // A frame on its way to a guest.
  void note_outgoing(const NatPacket& packet) noexcept;

 private:
  struct Peer {
    wire::IpAddress peer;
    wire::IpAddress guest;
    std::uint16_t peer_port = 0;
    std::uint16_t guest_port = 0;
    bool operator==(const Peer&) const = default;
  };

  bool source_is_good(const NatPacket& packet) const noexcept;
  std::optional<NatDrop> judge_arp(const NatPacket& packet) const noexcept;
  std::optional<NatDrop> judge_v4(const NatPacket& packet) const noexcept;
  std::optional<NatDrop> judge_v6(const NatPacket& packet) const noexcept;
  std::optional<NatDrop> judge_host(const NatPacket& packet) const noexcept;
  bool is_host(const wire::IpAddress& address) const noexcept;
  bool answers_a_peer(const NatPacket& packet) const noexcept;

  NatPlan plan_;
  bool host_is_open_;
  std::vector<wire::IpAddress> host_addresses_;
  std::vector<ForwardedPort> forwards_;
  std::array<Peer, most_peers> peers_{};  // the oldest makes room
  std::size_t next_peer_ = 0;
};

}  // namespace vmlan::host
