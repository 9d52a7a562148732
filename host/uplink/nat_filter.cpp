#include "host/uplink/nat_filter.h"

#include <algorithm>

namespace vmlan::host {

namespace {

constexpr std::uint16_t nat_dhcp_server = 67;
constexpr std::uint16_t nat_dhcp6_server = 547;

// libslirp's own, after its addresses: 52:55 and four bytes of an IPv4 address, 52:56 and four of an IPv6
// one.
bool is_engine_mac(const wire::MacAddress& mac) noexcept {
  return mac.bytes[0] == 0x52 && (mac.bytes[1] == 0x55 || mac.bytes[1] == 0x56);
}

bool is_link_local6(const wire::IpAddress& address) noexcept {
  return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0U) == 0x80;
}

// 0.0.0.0/8 is this host to Linux; 169.254.0.0/16 must not be forwarded (RFC 3927, 7), and at 169.254.169.254
// clouds tell a host its secrets.
bool is_hosts_only4(const wire::IpAddress& address) noexcept {
  const auto* bytes = address.v4_bytes();
  return bytes[0] == 0 || bytes[0] == 127 || (bytes[0] == 169 && bytes[1] == 254);
}

// ::, ::1, ::a.b.c.d: to Linux other names of IPv4 addresses and of the loopback.
bool is_hosts_only6(const wire::IpAddress& address) noexcept {
  return std::all_of(address.bytes.begin(), address.bytes.begin() + 12,
                     [](std::uint8_t byte) { return byte == 0; });
}

bool is_served(const NatPacket& packet) noexcept {
  const auto icmp = packet.kind == NatPacket::Kind::ipv4 ? nat_protocol::icmp : nat_protocol::icmp6;
  return packet.protocol == nat_protocol::tcp || packet.protocol == nat_protocol::udp ||
         packet.protocol == icmp;
}

}  // namespace

std::string_view to_string(NatDrop drop) {
  switch (drop) {
    case NatDrop::malformed:
      return "malformed";
    case NatDrop::foreign_source:
      return "source is not of this network";
    case NatDrop::for_somebody_else:
      return "for somebody else";
    case NatDrop::host_closed:
      return "the host is closed";
    case NatDrop::not_served:
      return "protocol is not served";
    case NatDrop::fragment:
      return "fragment";
    case NatDrop::too_many_connections:
      return "too many connections";
    case NatDrop::too_long:
      return "too long";
    case NatDrop::queue_full:
      return "queue full";
  }
  return "?";
}

void NatFilter::remove_forward(const ForwardedPort& port) {
  std::erase_if(forwards_, [&](const ForwardedPort& one) { return one.listens_as(port); });
  std::ranges::replace_if(
      peers_,
      [&](const Peer& peer) {
        return peer.guest == port.guest_address && peer.guest_port == port.guest_port;
      },
      Peer{});
}

std::optional<NatDrop> NatFilter::judge(const NatPacket& packet, bool any_mac) const noexcept {
  if (packet.mac_source.is_group()) return NatDrop::malformed;
  if (!any_mac && !packet.mac_destination.is_group() && !is_engine_mac(packet.mac_destination)) {
    return NatDrop::for_somebody_else;
  }
  switch (packet.kind) {
    case NatPacket::Kind::ipv4:
      return judge_v4(packet);
    case NatPacket::Kind::ipv6:
      return judge_v6(packet);
    case NatPacket::Kind::arp_request:
    case NatPacket::Kind::arp_reply:
      return judge_arp(packet);
    case NatPacket::Kind::other:
      break;
  }
  return NatDrop::not_served;
}

// Who has no address yet may ask whether one is free.
std::optional<NatDrop> NatFilter::judge_arp(const NatPacket& packet) const noexcept {
  const bool probe = packet.kind == NatPacket::Kind::arp_request && v4_number(packet.source) == 0;
  if (!probe && !plan_.is_guest(packet.source)) return NatDrop::foreign_source;
  return std::nullopt;
}

bool NatFilter::source_is_good(const NatPacket& packet) const noexcept {
  if (plan_.is_guest(packet.source)) return true;
  if (packet.kind == NatPacket::Kind::ipv4) {
    return v4_number(packet.source) == 0 && packet.protocol == nat_protocol::udp &&
           packet.destination_port == nat_dhcp_server && packet.destination.is_limited_broadcast();
  }
  if (packet.destination.is_multicast())
    return packet.source.is_unspecified() || is_link_local6(packet.source);
  return is_link_local6(packet.source) && packet.protocol == nat_protocol::icmp6 &&
         (plan_.contains(packet.destination) || is_link_local6(packet.destination));
}

std::optional<NatDrop> NatFilter::judge_v4(const NatPacket& packet) const noexcept {
  const auto& to = packet.destination;
  if (!is_served(packet)) return NatDrop::not_served;
  if (packet.fragment) return NatDrop::fragment;
  if (!source_is_good(packet)) return NatDrop::foreign_source;
  if (to.is_limited_broadcast() || to == plan_.broadcast) {
    const bool dhcp = packet.protocol == nat_protocol::udp && packet.destination_port == nat_dhcp_server;
    return dhcp ? std::nullopt : std::optional(NatDrop::for_somebody_else);
  }
  if (to == plan_.name_server) return std::nullopt;
  if (to == plan_.host) return judge_host(packet);
  if (plan_.contains(to)) return NatDrop::for_somebody_else;
  if (is_hosts_only4(to)) return NatDrop::host_closed;
  if (to.v4_bytes()[0] >= 224) return NatDrop::not_served;  // groups, and what is reserved
  if (is_host(to)) return judge_host(packet);
  return std::nullopt;
}

std::optional<NatDrop> NatFilter::judge_v6(const NatPacket& packet) const noexcept {
  const auto& to = packet.destination;
  const bool icmp = packet.protocol == nat_protocol::icmp6;
  if (!plan_.ipv6 || !is_served(packet)) return NatDrop::not_served;
  if (!source_is_good(packet)) return NatDrop::foreign_source;
  if (to.is_multicast()) {
    const bool dhcp = packet.protocol == nat_protocol::udp && packet.destination_port == nat_dhcp6_server;
    return icmp || dhcp ? std::nullopt : std::optional(NatDrop::not_served);
  }
  if (is_link_local6(to)) return icmp ? std::nullopt : std::optional(NatDrop::not_served);
  if (to == plan_.name_server6) return std::nullopt;
  if (to == plan_.host6) return judge_host(packet);
  if (plan_.contains(to)) return NatDrop::for_somebody_else;
  if (to.is_v4() || is_hosts_only6(to)) return NatDrop::host_closed;
  // libslirp has no ping to the outside, and writes a line on standard error for each.
  if (icmp) return NatDrop::not_served;
  if (is_host(to)) return judge_host(packet);
  return std::nullopt;
}

bool NatFilter::is_host(const wire::IpAddress& address) const noexcept {
  return std::ranges::find(host_addresses_, address) != host_addresses_.end();
}

// The host by any of its names. Of TCP libslirp opens a connection for a SYN without ACK only.
std::optional<NatDrop> NatFilter::judge_host(const NatPacket& packet) const noexcept {
  if (host_is_open_) return std::nullopt;
  const bool engine = plan_.is_own(packet.destination);
  switch (packet.protocol) {
    case nat_protocol::icmp:
    case nat_protocol::icmp6:
      if (engine) return std::nullopt;  // answered by the engine itself
      break;
    case nat_protocol::tcp:
      if (!packet.opens) return std::nullopt;
      break;
    case nat_protocol::udp: {
      const auto dhcp = packet.kind == NatPacket::Kind::ipv4 ? nat_dhcp_server : nat_dhcp6_server;
      if ((engine && packet.destination_port == dhcp) || answers_a_peer(packet)) return std::nullopt;
      break;
    }
    default:
      break;
  }
  return NatDrop::host_closed;
}

bool NatFilter::answers_a_peer(const NatPacket& packet) const noexcept {
  const Peer wanted{packet.destination, packet.source, packet.destination_port, packet.source_port};
  return std::ranges::find(peers_, wanted) != peers_.end();
}

void NatFilter::note_outgoing(const NatPacket& packet) noexcept {
  if (host_is_open_ || packet.protocol != nat_protocol::udp || !packet.is_ip() || packet.fragment) return;
  const bool forwarded = std::ranges::any_of(forwards_, [&](const ForwardedPort& port) {
    return port.protocol == ForwardedPort::Protocol::udp && port.guest_address == packet.destination &&
           port.guest_port == packet.destination_port;
  });
  if (!forwarded) return;
  const Peer peer{packet.source, packet.destination, packet.source_port, packet.destination_port};
  if (std::ranges::find(peers_, peer) != peers_.end()) return;
  peers_[next_peer_] = peer;
  next_peer_ = (next_peer_ + 1) % most_peers;
}

}  // namespace vmlan::host
