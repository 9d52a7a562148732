// What commands and directory statements do to virtual NICs: create, couple, uncouple, destroy.
//
// Threads: the base's.
#pragma once

#include <string>
#include <string_view>

#include "cp/command.h"
#include "cp/user_entry.h"
#include "guestlan/lan_registry.h"

namespace vmlan::cp {

inline constexpr unsigned fewest_devices = 3;
// "QDIO 3-240, HIPERS 3-3072".
constexpr unsigned most_devices(qdio::AdapterKind kind) noexcept {
  return kind == qdio::AdapterKind::osd ? 240 : 3072;
}

// `module` names the speaker of error messages.
Reply create_nic(System& system, VirtualMachine& user, const NicDefinition& definition,
                 std::string_view module);
// NICDEF at logon: creates the NIC and couples it to its LAN, authorized by the directory.
Reply bring_up_nic(System& system, VirtualMachine& user, const NicDefinition& definition);
// An address for the NIC: its MACID, or one of the system's. Nothing: it has it.
std::optional<Reply> give_mac(System& system, guestlan::NicSettings& nic, std::optional<std::uint32_t> macid,
                              std::string_view module);
std::string to_string(const guestlan::MacIdRange& range);  // 000001-FFFFFF
// Why there is none.
Reply mac_refused(const guestlan::MacPool& macs, guestlan::MacPool::Answer why, std::uint32_t macid,
                  std::string_view module);
// "LAN SYSTEM GLAN7", "VSWITCH SYSTEM VSW2"
std::string kind_and_name(const guestlan::Lan& lan);
// "NIC 0700 is disconnected from LAN SYSTEM GLAN7"
std::string disconnection(const guestlan::Nic& nic);
// Every NIC leaves, its owner is told; then the LAN is gone. `issuer` gets its own lines as the result.
Reply destroy_lan(System& system, std::string_view issuer, guestlan::Lan& lan);

}  // namespace vmlan::cp
