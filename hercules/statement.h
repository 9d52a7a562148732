// The operands of a VNIC device statement: keywords, each with a value, in any order and case.
//
//   0A00.3 VNIC user LINUX1 [system PATH] [nic 0600] [devices 3] [lan SYSTEM.LAN1] [vlan 10]
//               [type qdio|hipers] [mac 02-00-00-00-00-01] [chpid 0A] [lro on|off] [trace FILE]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "arch/types.h"
#include "qdio/adapter/adapter_port.h"
#include "wire/mac_address.h"

namespace vmlan::hercules {

struct Statement {
  std::string user;
  std::optional<std::string> system;      // path of the base's socket; none: the host user's own
  std::optional<arch::DeviceNumber> nic;  // virtual device number as CP shows it; none: the guest's own
  unsigned devices = 3;
  std::string lan_owner;  // empty: the base decides
  std::string lan_name;
  std::uint16_t vlan = 0;  // of a virtual switch; 0: the one its user has there
  qdio::AdapterKind kind = qdio::AdapterKind::osd;
  wire::MacAddress mac;                      // zeros: the base assigns one
  std::optional<std::uint8_t> channel_path;  // none: the one Hercules gives the device
  bool whole_super_frames = false;           // lro
  std::string trace;                         // file for the control dialogue; empty: none
};

// The statement, or a message without the device number: "HHC03812E ...".
std::variant<Statement, std::string> parse_statement(std::span<const std::string_view> operands);

}  // namespace vmlan::hercules
