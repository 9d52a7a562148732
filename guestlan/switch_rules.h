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
inline constexpr std::uint16_t no_vlan = 0;  // in a set: it is said to be empty, not left to others

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
  bool priority_queuing = false;  // what goes to the uplink goes by its senders' PortRules::priority
  bool port_based = false;        // who is on none of its numbered ports has no rights: SwitchPorts

  bool guests_are_apart() const noexcept { return isolation || vepa; }
};

// PQUPLINKTX: in which order frames go to the uplink of a switch that queues them by priority.
enum class UplinkPriority : std::uint8_t { low, normal, high };

// ACCESS: its guest knows no tags, and is in one VLAN. TRUNK: its guest sends and gets tagged frames of the
// VLANs it may use; untagged ones are those of the native VLAN.
struct PortRules {
  bool trunk = false;
  // ACCESS: its VLAN; TRUNK: the native one; 0: none, what is untagged is dropped.
  std::uint16_t untagged = 0;
  VlanSet allowed;  // TRUNK
  UplinkPriority priority = UplinkPriority::normal;

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

// What a grant, a numbered port or a NICDEF statement says of a port; what it does not say is left to who
// comes after it, last of all to the switch.
struct PortWishes {
  std::optional<bool> promiscuous = {};
  std::optional<bool> trunk = {};
  std::optional<UplinkPriority> priority = {};
  VlanSet vlans = {};  // none: says nothing of them
};
// What `first` says; of what it does not, what `then` says.
PortWishes combined(const PortWishes& first, const PortWishes& then);
// What `wishes` says but for what `overruled_by` says too.
PortWishes without(const PortWishes& wishes, const PortWishes& overruled_by);
// A port that is said nothing of has the switch's default VLAN, if there is one.
VlanSet vlans_of(const SwitchAttributes& attributes, const PortWishes& wishes);
bool is_trunk(const SwitchAttributes& attributes, const PortWishes& wishes);
// An ACCESS port has one VLAN: nothing else fits it.
bool fits_port_type(const SwitchAttributes& attributes, const PortWishes& wishes);
PortRules rules_for(const SwitchAttributes& attributes, const LanRules& rules, const PortWishes& wishes);
// Of these rights one VLAN, untagged; none if it is not among them.
PortRules narrowed(const PortRules& rules, std::uint16_t vlan) noexcept;

}  // namespace vmlan::guestlan
