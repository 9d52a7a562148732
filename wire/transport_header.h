// The 32 bytes a qeth driver puts in front of every packet, and the TSO extension behind them.
// Source: Linux, drivers/s390/net/qeth_core_mpc.h and qeth_core.h (struct qeth_hdr_layer2/_layer3,
// qeth_hdr_tso), observed with Linux 6.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"

namespace vmlan::wire {

using arch::be16;
using arch::be32;

enum class TransportId : std::uint8_t { layer3 = 0x01, layer2 = 0x02, layer3_tso = 0x03, layer2_tso = 0x06 };

// Low three bits of Layer3Header::flags.
enum class Cast : std::uint8_t { none = 0, multicast = 4, broadcast = 5, unicast = 6, anycast = 7 };

namespace layer3_flag {
inline constexpr std::uint8_t ipv6 = 0x80;
inline constexpr std::uint8_t passthru = 0x10;  // the payload is an Ethernet frame
inline constexpr std::uint8_t cast_mask = 0x07;
}  // namespace layer3_flag

namespace layer3_extended {
inline constexpr std::uint8_t vlan_id = 0x01;             // VLAN tag in vlan_id, not in the packet
inline constexpr std::uint8_t include_vlan_tag = 0x04;    // VLAN tag in the passthru frame
inline constexpr std::uint8_t source_mac = 0x08;          // receive only
inline constexpr std::uint8_t ip_checksum = 0x10;         // transmit: please fill in
inline constexpr std::uint8_t transport_checksum = 0x20;  // transmit: please fill in; receive: verified
inline constexpr std::uint8_t udp = 0x40;
inline constexpr std::uint8_t checksums = ip_checksum | transport_checksum;
}  // namespace layer3_extended

struct Layer3Header {
  std::uint8_t id = static_cast<std::uint8_t>(TransportId::layer3);
  std::uint8_t flags = 0;
  be16 inbound_checksum;
  be32 token;
  be16 length;  // bytes after the header
  std::uint8_t vlan_priority = 0;
  std::uint8_t extended_flags = 0;
  be16 vlan_id;
  be16 frame_offset;
  // Transmit: next hop (IPv4 in the last four bytes). Receive: source MAC at 2..7, VLAN id at 12..13.
  std::array<std::uint8_t, 16> next_hop{};
};
static_assert(sizeof(Layer3Header) == 32);
static_assert(offsetof(Layer3Header, length) == 0x08);
static_assert(offsetof(Layer3Header, extended_flags) == 0x0b);
static_assert(offsetof(Layer3Header, vlan_id) == 0x0c);
static_assert(offsetof(Layer3Header, next_hop) == 0x10);

namespace layer2_flag {  // Layer2Header::flags[2]
inline constexpr std::uint8_t multicast = 0x01;
inline constexpr std::uint8_t broadcast = 0x02;
inline constexpr std::uint8_t unicast = 0x04;
inline constexpr std::uint8_t vlan = 0x10;
}  // namespace layer2_flag

namespace layer2_checksum {  // Layer2Header::flags[1]
inline constexpr std::uint8_t transport = 0x20;
inline constexpr std::uint8_t udp = 0x40;
}  // namespace layer2_checksum

struct Layer2Header {
  std::uint8_t id = static_cast<std::uint8_t>(TransportId::layer2);
  std::array<std::uint8_t, 3> flags{};
  std::uint8_t port = 0;
  std::uint8_t header_length = 0;
  be16 length;  // Ethernet frame, without FCS
  be16 sequence;
  be16 vlan_id;
  std::array<std::uint8_t, 20> reserved{};
};
static_assert(sizeof(Layer2Header) == 32);
static_assert(offsetof(Layer2Header, length) == 0x06);
static_assert(offsetof(Layer2Header, vlan_id) == 0x0a);

inline constexpr std::size_t transport_header_size = 32;

// Behind the header of a super-frame: a TCP segment longer than the network takes, with the protocol headers
// of its first part; the adapter shall cut it (TCP segmentation offload).
struct TsoExtension {
  be16 length{32};
  std::uint8_t header_number = 1;
  std::uint8_t reserved = 0;
  std::uint8_t type = 1;
  std::uint8_t version = 1;
  be16 rest_length{28};
  be32 payload_length;  // behind the protocol headers
  be16 segment_size;    // payload bytes of each part but the last
  be16 header_length;   // protocol headers: Ethernet if there is one, IP, TCP
  std::array<std::uint8_t, 16> reserved2{};
};
static_assert(sizeof(TsoExtension) == 32);
static_assert(offsetof(TsoExtension, rest_length) == 0x26 - transport_header_size);
static_assert(offsetof(TsoExtension, payload_length) == 0x28 - transport_header_size);
static_assert(offsetof(TsoExtension, segment_size) == 0x2c - transport_header_size);
static_assert(offsetof(TsoExtension, header_length) == 0x2e - transport_header_size);

}  // namespace vmlan::wire
