#include "qdio/adapter/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "qdio/adapter/ipa_blocks.h"
#include "qdio/adapter/ipa_codes.h"
#include "qdio/adapter/ipa_message.h"
#include "qdio/adapter/mpc.h"

namespace vmlan::qdio {

namespace {

struct Name {
  std::uint32_t code;
  std::string_view name;
  bool optional;
};

// Linux, drivers/s390/net/qeth_core_mpc.h (enum qeth_ipa_cmds, qeth_ipa_setadp_cmd, qeth_ipa_funcs).
constexpr std::array commands{
    Name{0x01, "STARTLAN", false},
    Name{0x02, "STOPLAN", false},
    Name{0x21, "SETVMAC", false},
    Name{0x22, "DELVMAC", false},
    Name{0x23, "SETGMAC", false},
    Name{0x24, "DELGMAC", false},
    Name{0x25, "SETVLAN", false},
    Name{0x26, "DELVLAN", false},
    Name{0x2a, "VNICC", true},
    Name{0x2b, "SETBRIDGEPORT (OSA)", true},
    Name{0x41, "SETCCID", false},
    Name{0x42, "DELCCID", false},
    Name{0x43, "MODCCID", false},
    Name{0xb1, "SETIP", false},
    Name{0xb2, "QIPASSIST", false},
    Name{0xb3, "SETASSPARMS", false},
    Name{0xb4, "SETIPM", false},
    Name{0xb5, "DELIPM", false},
    Name{0xb6, "SETRTG", false},
    Name{0xb7, "DELIP", false},
    Name{0xb8, "SETADAPTERPARMS", false},
    Name{0xb9, "SET_DIAG_ASS", true},
    Name{0xbe, "SETBRIDGEPORT (IQD)", true},
    Name{0xc3, "CREATE_ADDR", false},
    Name{0xc4, "DESTROY_ADDR", false},
};
constexpr std::array adapter_subcommands{
    Name{0x0000'0001, "QUERY COMMANDS", false},
    Name{0x0000'0002, "ALTER MAC", false},
    Name{0x0000'0004, "ADD/DELETE GROUP", false},
    Name{0x0000'0008, "ADD/DELETE FUNCTIONAL", false},
    Name{0x0000'0010, "SET ADDRESS MODE", false},
    Name{0x0000'0020, "SET CONFIG PARMS", false},
    Name{0x0000'0040, "SET CONFIG PARMS EXTENDED", false},
    Name{0x0000'0080, "SET BROADCAST MODE", false},
    Name{0x0000'0100, "SEND OSA MESSAGE", false},
    Name{0x0000'0200, "SET SNMP CONTROL", false},
    Name{0x0000'0400, "QUERY CARD INFO", false},
    Name{0x0000'0800, "SET PROMISCUOUS", false},
    Name{0x0000'2000, "SET DIAG ASSIST", false},
    Name{0x0001'0000, "SET ACCESS CONTROL", false},
    Name{0x0008'0000, "QUERY OAT", false},
    Name{0x0010'0000, "QUERY SWITCH ATTRIBUTES", false},
};
constexpr std::array assists{
    Name{ipa_assist::arp, "ARP PROCESSING", false},
    Name{ipa_assist::inbound_checksum, "INBOUND CHECKSUM", false},
    Name{ipa_assist::outbound_checksum, "OUTBOUND CHECKSUM", false},
    Name{0x0000'0008, "IP FRAGMENTATION", false},
    Name{ipa_assist::filtering, "FILTERING", false},
    Name{ipa_assist::ipv6, "IPV6", false},
    Name{ipa_assist::multicast, "MULTICAST", false},
    Name{0x0000'0080, "IP REASSEMBLY", false},
    Name{0x0000'0100, "QUERY ARP COUNTERS", false},
    Name{0x0000'0200, "QUERY ARP ADDR INFO", false},
    Name{ipa_assist::adapter_parameters, "SETADAPTERPARMS", false},
    Name{ipa_assist::vlan_priority, "VLAN PRIORITY", false},
    Name{ipa_assist::passthru, "PASSTHRU", false},
    Name{0x0000'2000, "FLUSH ARP SUPPORT", false},
    Name{ipa_assist::full_vlan, "FULL VLAN", false},
    Name{0x0000'8000, "INBOUND PASSTHRU", false},
    Name{ipa_assist::source_mac, "SOURCE MAC", false},
    Name{ipa_assist::osa_multicast_router, "OSA MULTICAST ROUTER", false},
    Name{0x0004'0000, "QUERY ARP ASSIST", false},
    Name{0x0008'0000, "INBOUND TSO", false},
    Name{0x0010'0000, "OUTBOUND TSO", false},
};

template <class Names>
const Name* find(const Names& names, std::uint32_t code) noexcept {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const Name& row) { return row.code == code; });
  return found == names.end() ? nullptr : &*found;
}

template <class Names>
std::string_view name_of(const Names& names, std::uint32_t code) noexcept {
  const Name* name = find(names, code);
  return name == nullptr ? std::string_view("of no known name") : name->name;
}

bool says_unknown(std::uint16_t code) noexcept {
  switch (static_cast<IpaCode>(code)) {
    case IpaCode::not_supported:
    case IpaCode::layer2_unsupported:
    case IpaCode::unsupported_subcommand:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<Refusal> refusal_in(std::span<const std::byte> reply) {
  const auto pdu = parse_pdu(reply);
  if (!pdu || pdu->type != MessageType::ipa) return std::nullopt;
  const IpaMessage message(pdu->body);
  const IpaHeader header = message.header();
  const bool event = header.initiator != static_cast<std::uint8_t>(IpaInitiator::host_or_reply);
  if (!message.whole() || event || !says_unknown(header.return_code)) return std::nullopt;

  const Name* command = find(commands, header.command);
  if (command == nullptr)
    return Refusal{fmt::format("IPA command of no known name ({:02X})", header.command)};
  if (header.command == static_cast<std::uint8_t>(IpaCommand::set_adapter_parameters)) {
    if (const auto data = message.read<SetAdapter>(ipa_data)) {
      const std::uint32_t code = data->subcommand;
      return Refusal{fmt::format("{} {} ({:02X} {:08X})", command->name, name_of(adapter_subcommands, code),
                                 header.command, code)};
    }
  }
  if (header.command == static_cast<std::uint8_t>(IpaCommand::set_assist_parameters)) {
    if (const auto data = message.read<SetAssist>(ipa_data)) {
      const std::uint32_t code = data->assist;
      return Refusal{fmt::format("{} {} ({:02X} {:08X} {:04X})", command->name, name_of(assists, code),
                                 header.command, code, data->command.value())};
    }
  }
  return Refusal{fmt::format("{} ({:02X})", command->name, header.command), command->optional};
}

}  // namespace vmlan::qdio
