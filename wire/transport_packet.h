// Where the headers of a TCP segment or UDP datagram lie in a packet, as far as it takes to fill in their
// checksums. No state, no sums.
//
// Source: RFC 791, RFC 8200, RFC 9293, RFC 768.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ip_address.h"

namespace vmlan::wire {

namespace ip_protocol {
inline constexpr std::uint8_t hop_by_hop = 0;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t routing = 43;
inline constexpr std::uint8_t destination_options = 60;
}  // namespace ip_protocol

struct TcpHeader {
  arch::be16 source_port;
  arch::be16 destination_port;
  arch::be32 sequence;
  arch::be32 acknowledgment;
  std::uint8_t data_offset = 0x50;  // in words, in the upper half
  std::uint8_t flags = 0;
  arch::be16 window;
  arch::be16 checksum;
  arch::be16 urgent;
};
static_assert(sizeof(TcpHeader) == 20);

namespace tcp_flag {
inline constexpr std::uint8_t fin = 0x01;
inline constexpr std::uint8_t push = 0x08;
inline constexpr std::uint8_t acknowledgment = 0x10;
inline constexpr std::uint8_t congestion_window_reduced = 0x80;
}  // namespace tcp_flag

struct UdpHeader {
  arch::be16 source_port;
  arch::be16 destination_port;
  arch::be16 length;
  arch::be16 checksum;
};
static_assert(sizeof(UdpHeader) == 8);

// Offsets count from the packet's first byte, its Ethernet header if there is one.
struct IpLayout {
  IpVersion version = IpVersion::v4;
  std::uint32_t ip = 0;
  std::uint32_t payload = 0;  // behind the IP header, without IPv6's extension headers
  std::uint32_t end = 0;      // of the IP packet, as its header says; what follows pads the frame
  std::uint8_t next = 0;      // IPv4: protocol, IPv6: next header
  bool fragment = false;      // IPv4
};

struct TransportLayout {
  std::uint8_t protocol = 0;  // tcp or udp
  std::uint32_t begin = 0;    // of its header
};

// `head`: the packet's first bytes. Nothing: it is no IP packet, or its IP header is not whole in there.
std::optional<IpLayout> find_ip(std::span<const std::byte> head, bool ethernet) noexcept;

// Nothing: neither TCP nor UDP, a fragment, on its way along a source route (whose checksum names another
// destination), encrypted or authenticated, or its header is not whole in `head`.
std::optional<TransportLayout> find_transport(std::span<const std::byte> head, const IpLayout& ip) noexcept;

// What the sum of a TCP segment or UDP datagram of `length` bytes starts with: its pseudo header.
InternetSum pseudo_header(std::span<const std::byte> head, const IpLayout& ip, std::uint8_t protocol,
                          std::uint32_t length) noexcept;

}  // namespace vmlan::wire
