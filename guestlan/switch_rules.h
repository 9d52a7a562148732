// What a LAN or virtual switch demands beyond its transport's tables, and what one port may do there.
//
// Source: Connectivity ("VLAN", "port isolation", "VEPA", "MAC protection"), marks of certainty in
// docs/DECISIONS.md.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "wire/mac_address.h"

namespace vmlan::guestlan {

inline constexpr std::uint16_t lowest_vlan = 1;
inline constexpr std::uint16_t highest_vlan = 4094;
using VlanSet = std::bitset<4096>;

// MACPROTECT: does a guest send under its own addresses only? What a NIC leaves open its LAN decides, and
// what that leaves open the system.
enum class MacProtection : std::uint8_t { unspecified, off, on };
constexpr bool protects(MacProtection own, bool by_default) noexcept {
  return own == MacProtection::unspecified ? by_default : own == MacProtection::on;
}

struct LanRules {
  bool vlan_aware = false;   // ports have VLANs: PortRules
  std::uint16_t native = 1;  // of a VLAN-aware switch: what is untagged on its uplink; 0: none, is dropped
  bool isolation = false;    // guests reach the uplink, and not each other
  bool vepa = false;         // and what one sends to another goes to the switch beyond the uplink
  MacProtection mac_protect = MacProtection::unspecified;

  bool guests_are_apart() const noexcept { return isolation || vepa; }
};

// ACCESS: its guest knows no tags, and is in one VLAN. TRUNK: its guest sends and gets tagged frames of the
// VLANs it may use; untagged ones are those of the native VLAN.
struct PortRules {
  bool trunk = false;
  // ACCESS: its VLAN; TRUNK: the native one; 0: none, what is untagged is dropped.
  std::uint16_t untagged = 0;
  VlanSet allowed;  // TRUNK

  bool has(std::uint16_t vlan) const noexcept { return trunk ? allowed[vlan] : vlan == untagged; }
};

// What makes a LAN a virtual switch, besides its rules: DEFINE VSWITCH.
struct SwitchAttributes {
  std::uint16_t default_vlan = 0;  // of ports whose grant names none; 0: AWARE, they have none
  bool trunk_by_default = false;
  unsigned queue_storage = 8;    // megabytes
  std::string controller = "*";  // a name: nothing has to be controlled
  bool no_uplink = false;        // NOUPLINK: it never gets one
  wire::MacAddress mac = {};     // its own, one of the system's
};

// What a port gets on a switch that is VLAN aware, of what its grant or NICDEF say.
struct PortWishes {
  std::optional<bool> trunk;
  VlanSet vlans;  // none: the default
};
PortRules rules_for(const SwitchAttributes& attributes, const LanRules& rules, const PortWishes& wishes);

}  // namespace vmlan::guestlan
