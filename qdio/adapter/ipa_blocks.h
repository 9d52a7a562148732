// The data of IPA commands, behind the 20-byte header. Facts only.
// Source: Linux, drivers/s390/net/qeth_core_mpc.h (struct qeth_ipacmd_*); observed with Linux 6.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "arch/big_endian.h"
#include "qdio/adapter/ipa_commands.h"

namespace vmlan::qdio {

using arch::be16;
using arch::be32;

// Where the data begins.
inline constexpr std::size_t ipa_data = sizeof(IpaHeader);

// SETVMAC, DELVMAC, SETGMAC, DELGMAC.
struct SetMac {
  be32 length;  // 6
  std::array<std::uint8_t, 6> mac{};
};
static_assert(sizeof(SetMac) == 10);

// SETIP, DELIP.
struct SetIp4 {
  std::array<std::uint8_t, 4> address{};
  std::array<std::uint8_t, 4> mask{};
  be32 flags;
};
static_assert(sizeof(SetIp4) == 12);

struct SetIp6 {
  std::array<std::uint8_t, 16> address{};
  std::array<std::uint8_t, 16> mask{};
  be32 flags;
};
static_assert(sizeof(SetIp6) == 36);

// SETIPM, DELIPM; an IPv4 group stands in the last four bytes.
struct SetIpMulticast {
  std::array<std::uint8_t, 6> mac{};
  be16 reserved;
  std::array<std::uint8_t, 16> group{};
};
static_assert(sizeof(SetIpMulticast) == 24);

// CREATE_ADDR.
struct CreateAddress {
  std::array<std::uint8_t, 6> mac{};
  be16 unique_id;
};
static_assert(sizeof(CreateAddress) == 8);

// SETASSPARMS; a command's own data follows.
struct SetAssist {
  be32 assist;
  be16 length;  // from this field's next one on, 8 + data
  be16 command;
  be16 return_code;
  std::uint8_t replies = 0;
  std::uint8_t sequence = 0;
};
static_assert(sizeof(SetAssist) == 12);
static_assert(offsetof(SetAssist, return_code) == 0x1c - ipa_data);
inline constexpr std::size_t set_assist_data = ipa_data + sizeof(SetAssist);
inline constexpr std::uint16_t set_assist_length = 8;

// The answer of the checksum assists and of TSO, whatever was asked. ENABLE asks with `supported` for
// checksums, with `enabled` for TSO. START of TSO answers the largest segment in `supported`.
struct AssistFeatures {
  be32 supported;
  be32 enabled;
  be32 reserved;
};
static_assert(sizeof(AssistFeatures) == 12);
inline constexpr std::uint32_t tso_granted = 1;

// SETASSPARMS ARP QUERY INFORMATION; entries follow in the reply: 32 bytes that are the medium's, then
// ArpEntry, the MAC address if the reply has such, and the IP address.
struct ArpQuery {
  be16 asked;
  be16 given;  // arp_entry_fields
  be32 entries;
};
static_assert(sizeof(ArpQuery) == 8);
struct ArpEntry {
  std::array<std::uint8_t, 32> medium{};
  std::uint8_t mac_type = 1;  // Ethernet
  std::uint8_t ip_type = 1;   // IPv4
};
static_assert(sizeof(ArpEntry) == 34);
namespace arp_entry_fields {
inline constexpr std::uint16_t with_mac = 7;
inline constexpr std::uint16_t without_mac = 5;  // HiperSockets
}  // namespace arp_entry_fields

// SETADAPTERPARMS; a subcommand's own data follows.
struct SetAdapter {
  be32 supported;
  be32 enabled;
  be16 length;  // 16 + data
  be16 reserved;
  be32 subcommand;
  be16 return_code;
  std::uint8_t used_total = 0;
  std::uint8_t sequence = 0;
  std::uint8_t flags = 0;
  std::array<std::uint8_t, 3> reserved2{};
};
static_assert(sizeof(SetAdapter) == 24);
static_assert(offsetof(SetAdapter, subcommand) == 0x20 - ipa_data);
static_assert(offsetof(SetAdapter, return_code) == 0x24 - ipa_data);
static_assert(offsetof(SetAdapter, flags) == 0x28 - ipa_data);
inline constexpr std::size_t set_adapter_data = ipa_data + sizeof(SetAdapter);
inline constexpr std::uint16_t set_adapter_length = 16;
// SetAdapter::flags: the MAC address belongs to this NIC alone; without it Linux makes one up.
inline constexpr std::uint8_t virtual_mac = 0x80;

// SETADAPTERPARMS QUERY COMMANDS.
struct QueryCommands {
  std::uint8_t reserved[3] = {};
  std::uint8_t lan_types = 0;
  std::uint8_t lan_type = 0;
  std::array<std::uint8_t, 3> reserved2{};
  be32 supported;
  std::array<std::uint8_t, 8> reserved3{};
};
static_assert(sizeof(QueryCommands) == 20);

// SETADAPTERPARMS ALTER MAC.
struct AlterMac {
  be32 operation;
  be32 size;
  be32 count;
  std::array<std::uint8_t, 6> mac{};
};
static_assert(sizeof(AlterMac) == 18);
inline constexpr std::uint32_t alter_mac_read = 0;

// SETADAPTERPARMS QUERY CARD INFO, reply: what drivers show as the speed of the link.
struct QueryCardInfo {
  std::uint8_t card_type = 0x64;  // 10 Gigabit fibre
  std::uint8_t reserved = 0;
  be16 port_mode = std::uint16_t{3};   // full duplex
  be32 port_speed = std::uint32_t{8};  // 10 Gbit/s
  be32 reserved2;
};
static_assert(sizeof(QueryCardInfo) == 12);

// SETADAPTERPARMS SET ACCESS CONTROL: how far one user of a card is isolated from the others.
inline constexpr std::uint32_t access_control_none = 0;
// SetAdapter::return_code of it.
inline constexpr std::uint16_t access_control_unsupported = 4;

// SETADAPTERPARMS QUERY OAT (OSA address table), reply: what the physical port is.
struct QueryOat {
  be32 scope;
  std::array<std::uint8_t, 12> reserved{};
  be16 type;
  be16 length;  // from `type` on
  be16 version;
  std::array<std::uint8_t, 43> reserved2{};
  std::uint8_t speed = 0;
  std::uint8_t media = 0;
  std::array<std::uint8_t, 29> reserved3{};
};
static_assert(sizeof(QueryOat) == 96);
static_assert(offsetof(QueryOat, speed) == 0x6d - set_adapter_data);
inline constexpr std::uint16_t oat_physical_port = 4;
inline constexpr std::uint16_t oat_physical_port_length = 0x50;
inline constexpr std::uint16_t oat_version = 1;
inline constexpr std::uint8_t oat_speed_10_gigabit = 8;
inline constexpr std::uint8_t oat_media_short_range = 2;

// SET_DIAG_ASS.
struct SetDiagnose {
  be32 supported;
  be32 enabled;
  be16 length;
  be16 reserved;
  be32 subcommand;
  std::uint8_t type = 0;
  std::uint8_t action = 0;
  be16 options;
  be32 extension;
};
static_assert(sizeof(SetDiagnose) == 24);
static_assert(offsetof(SetDiagnose, extension) == 0x28 - ipa_data);
inline constexpr std::uint32_t diagnose_query = 1;

// Link types of ULP_ENABLE and QUERY COMMANDS.
inline constexpr std::uint8_t link_type_10_gigabit = 0x10;

}  // namespace vmlan::qdio
