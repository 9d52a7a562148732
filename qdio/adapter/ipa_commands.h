// IPA commands, assists and adapter parameters: the numbers both ends of the control channel use.
// Source: Linux, drivers/s390/net/qeth_core_mpc.h; observed with Linux 6.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"

namespace vmlan::qdio {

enum class IpaCommand : std::uint8_t {
  start_lan = 0x01,
  stop_lan = 0x02,
  set_mac = 0x21,
  delete_mac = 0x22,
  set_group_mac = 0x23,
  delete_group_mac = 0x24,
  set_vlan = 0x25,
  delete_vlan = 0x26,
  set_ip = 0xb1,
  query_ip_assist = 0xb2,
  set_assist_parameters = 0xb3,
  set_multicast = 0xb4,
  delete_multicast = 0xb5,
  set_routing = 0xb6,
  delete_ip = 0xb7,
  set_adapter_parameters = 0xb8,
  set_diagnose_assist = 0xb9,
  create_address = 0xc3,
  destroy_address = 0xc4,
};

// IpaHeader::protocol_version. Of QIPASSIST and SETRTG none counts as IPv4 (docs/DECISIONS.md, 67).
inline constexpr std::uint16_t protocol_none = 0;
inline constexpr std::uint16_t protocol_v4 = 4;
inline constexpr std::uint16_t protocol_v6 = 6;
constexpr bool is_protocol(std::uint16_t version) noexcept {
  return version == protocol_none || version == protocol_v4 || version == protocol_v6;
}

// IpaHeader::initiator.
enum class IpaInitiator : std::uint8_t { host_or_reply = 0, adapter = 1 };

// The first 20 bytes of every IPA command and reply.
struct IpaHeader {
  std::uint8_t command = 0;
  std::uint8_t initiator = 0;
  arch::be16 sequence;
  arch::be16 return_code;
  std::uint8_t adapter_type = 1;
  std::uint8_t adapter_number = 0;
  std::uint8_t primitive_version = 1;  // 1 = layer 3, 2 = layer 2
  std::uint8_t parameter_count = 1;
  arch::be16 protocol_version;  // 0, 4 or 6
  arch::be32 supported;
  arch::be32 enabled;
};
static_assert(sizeof(IpaHeader) == 20);
static_assert(offsetof(IpaHeader, return_code) == 0x04);
static_assert(offsetof(IpaHeader, protocol_version) == 0x0a);
static_assert(offsetof(IpaHeader, supported) == 0x0c);

// Assist bits: IpaHeader::supported of QIPASSIST, and the assist number of SETASSPARMS.
namespace ipa_assist {
inline constexpr std::uint32_t arp = 0x0000'0001;
inline constexpr std::uint32_t inbound_checksum = 0x0000'0002;
inline constexpr std::uint32_t outbound_checksum = 0x0000'0004;
inline constexpr std::uint32_t filtering = 0x0000'0010;
inline constexpr std::uint32_t ipv6 = 0x0000'0020;
inline constexpr std::uint32_t multicast = 0x0000'0040;
inline constexpr std::uint32_t adapter_parameters = 0x0000'0400;
inline constexpr std::uint32_t vlan_priority = 0x0000'0800;
inline constexpr std::uint32_t passthru = 0x0000'1000;
inline constexpr std::uint32_t full_vlan = 0x0000'4000;
inline constexpr std::uint32_t source_mac = 0x0001'0000;
inline constexpr std::uint32_t osa_multicast_router = 0x0002'0000;
inline constexpr std::uint32_t outbound_tso = 0x0010'0000;
// In the masks of IPv6 only; SETASSPARMS names them by the numbers above, with protocol version 6.
inline constexpr std::uint32_t inbound_checksum_v6 = 0x0040'0000;
inline constexpr std::uint32_t outbound_checksum_v6 = 0x0080'0000;
}  // namespace ipa_assist

// What the checksum assists can do: asked for and granted by SETASSPARMS.
namespace checksum_feature {
inline constexpr std::uint32_t ip_header = 0x02;
inline constexpr std::uint32_t udp = 0x08;
inline constexpr std::uint32_t tcp = 0x10;
inline constexpr std::uint32_t lp2lp = 0x20;  // also for what stays on this adapter
}  // namespace checksum_feature

// SETASSPARMS commands.
enum class AssistCommand : std::uint16_t {
  start = 1,
  stop = 2,
  configure = 3,  // ARP: set the number of entries
  enable = 4,
  arp_add = 5,
  arp_remove = 6,
  arp_flush = 7,
  add_vlan = 8,  // of vlan_priority, z/VM (SDL-Hercules-390/hyperion issue 372)
  arp_query = 0x0104,
};

// SETADAPTERPARMS subcommands; as bits, what its QUERY answers.
enum class AdapterSubcommand : std::uint32_t {
  query_commands = 0x0000'0001,
  alter_mac = 0x0000'0002,
  query_card_info = 0x0000'0400,
  set_promiscuous = 0x0000'0800,
  set_access_control = 0x0001'0000,
  query_oat = 0x0008'0000,
};

}  // namespace vmlan::qdio
