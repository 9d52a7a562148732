// Return codes of IPA commands. Source: Linux, drivers/s390/net/qeth_core_mpc.h (enum qeth_ipa_return_codes).
#pragma once

#include <cstdint>

namespace vmlan::qdio {

enum class IpaCode : std::uint16_t {
  success = 0x0000,
  not_supported = 0x0001,
  ipv6_table_full = 0x0002,
  unknown_command = 0x0003,
  bad_format = 0x0006,
  not_registered = 0x0011,
  layer2_unsupported = 0x2003,
  duplicate_mac = 0x2005,
  mac_table_full = 0x2006,
  group_mac_not_found = 0x200b,
  mac_not_authorized = 0x200c,
  mac_not_found = 0x2010,
  invalid_vlan = 0x2015,
  duplicate_vlan = 0x2016,
  vlan_not_found = 0x2017,
  duplicate_ip_address = 0xe005,
  ip_table_full = 0xe006,
  startlan_missing = 0xe008,
  address_already_used = 0xe00a,
  multicast_not_found = 0xe00b,
  unsupported_subcommand = 0xe00e,
  primary_exists = 0xe010,  // on DELIP: address not defined
  secondary_exists = 0xe011,
  invalid_routing_indicator = 0xe012,
  lan_offline = 0xe080,
  invalid_ip_version = 0xf001,
  unknown_error = 0xffff,  // never sent here: a driver's own word for "no answer"
};

// SETRTG types.
enum class RouterType : std::uint8_t {
  none = 0,
  primary = 1,
  secondary = 2,
  multicast = 3,
  primary_connector = 4,
  secondary_connector = 5,
};

namespace set_ip_flag {
inline constexpr std::uint32_t vipa = 0x01;      // no gratuitous ARP
inline constexpr std::uint32_t takeover = 0x02;  // don't fail on conflict: the address moves here
}  // namespace set_ip_flag

}  // namespace vmlan::qdio
