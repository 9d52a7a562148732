// What the user directory says about one virtual machine (CP Planning and Administration, USER DIRECT).
//
// Values only; cp/directory.h parses them from text, a program that needs many users fills them itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/types.h"
#include "cp/logical_lines.h"
#include "guestlan/switch_rules.h"
#include "qdio/adapter/adapter_port.h"

namespace vmlan::cp {

// Who may log on: the password operand of the USER statement.
enum class LogonRule : std::uint8_t {
  password,      // anybody who knows it
  no_password,   // NOPASS
  autolog_only,  // AUTOONLY, LBYONLY: XAUTOLOG only
  never,         // NOLOG: owns things (minidisks, LANs), never runs
};

// NICDEF, SPECIAL, DEFINE NIC.
struct NicDefinition {
  arch::DeviceNumber device;
  qdio::AdapterKind kind = qdio::AdapterKind::iqd;
  unsigned devices = 3;
  std::optional<std::uint8_t> channel_path;
  std::optional<std::uint32_t> macid;  // low three bytes of the MAC address
  // Couple at logon; empty = no LAN. `*` has been replaced by the user id.
  std::string lan_owner;
  std::string lan_name;
  // Of its connection to that LAN: what is not said is left to the LAN or switch.
  guestlan::PortWishes port;
  std::optional<unsigned> port_number;
};

// MDISK. Without a host path the disk lives in memory and as long as the system.
struct DiskDefinition {
  arch::DeviceNumber device;
  std::string host_path;
  bool read_only = false;
};

// LINK: somebody else's minidisk under a number of one's own.
struct LinkDefinition {
  std::string owner;
  arch::DeviceNumber owner_device;
  arch::DeviceNumber device;
  bool read_only = true;
};

inline constexpr std::uint64_t megabyte = std::uint64_t{1} << 20U;

struct UserEntry {
  std::string userid;  // 1-8 characters, upper case
  LogonRule rule = LogonRule::no_password;
  std::string password;
  std::uint64_t storage = 32 * megabyte;  // bytes
  std::string classes = "G";              // privilege classes, letters A-Z
  arch::DeviceNumber console{0x0009};
  std::optional<char> line_end = default_line_end;
  std::vector<NicDefinition> nics;
  std::vector<DiskDefinition> disks;
  std::vector<LinkDefinition> links;
  std::vector<std::string> commands;  // COMMAND, &USERID not yet replaced
  std::string ipl_system;             // "CMS" or a device number; empty = none
  std::string ipl_parameters;
  std::vector<std::string> autologgers;  // XAUTOLOG: who may start this user without class A or B
};

}  // namespace vmlan::cp
