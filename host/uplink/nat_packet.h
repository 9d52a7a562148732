// What an uplink has to know of a frame: who to whom, which protocol, which ports.
//
// Frames are hostile: every access is bounded. Source: RFC 826, 791, 8200, 4861, 2131.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/ip_address.h"
#include "wire/mac_address.h"

namespace vmlan::host {

namespace nat_protocol {
inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t icmp6 = 58;
}  // namespace nat_protocol

namespace nat_icmp6_type {
inline constexpr std::uint8_t echo_request = 128;
inline constexpr std::uint8_t neighbor_solicitation = 135;
inline constexpr std::uint8_t neighbor_advertisement = 136;
}  // namespace nat_icmp6_type

struct NatPacket {
  enum class Kind : std::uint8_t { ipv4, ipv6, arp_request, arp_reply, other };

  Kind kind = Kind::other;
  wire::MacAddress mac_destination;
  wire::MacAddress mac_source;
  wire::IpAddress source;  // of ARP: the sender's
  wire::IpAddress destination;
  std::uint8_t protocol = 0;
  bool fragment = false;          // of IPv4; ports and type are unknown then
  std::uint16_t source_port = 0;  // TCP, UDP
  std::uint16_t destination_port = 0;
  std::uint8_t icmp_type = 0;  // of either version
  std::uint8_t hop_limit = 0;  // of IPv6
  bool opens = false;          // TCP: SYN without ACK

  bool is_ip() const noexcept { return kind == Kind::ipv4 || kind == Kind::ipv6; }
  // Whoever waits for a neighbor may go on.
  bool answers_neighbor_question() const noexcept {
    return kind == Kind::arp_reply || (kind == Kind::ipv6 && protocol == nat_protocol::icmp6 &&
                                       icmp_type == nat_icmp6_type::neighbor_advertisement);
  }
};

// Nothing: a header is cut short, or contradicts itself.
std::optional<NatPacket> parse_nat_packet(std::span<const std::byte> frame) noexcept;

// A DHCP server's ACK: which address was given to whom.
struct NatLease {
  wire::IpAddress address;
  wire::MacAddress mac;
};
std::optional<NatLease> parse_lease(const NatPacket& packet, std::span<const std::byte> frame) noexcept;

}  // namespace vmlan::host
