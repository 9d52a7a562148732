// SET VMLAN and QUERY VMLAN: limits and defaults of all LANs. Source: CP Planning, VMLAN statement (z/VM sets
// some of these there only); columns from logs of z/VM 7.1 (see the tests).
#include <fmt/format.h>

#include <array>

#include "cp/commands.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/system.h"

namespace vmlan::cp {
namespace {

// What is changed at once, when the command has been read to its end.
struct VmlanChange {
  guestlan::LanRegistry::Limits limits;
  guestlan::LanRegistry::Accounting accounting;
  std::uint32_t prefix;
  std::uint32_t user_prefix;
  guestlan::MacIdRange system_range;
  guestlan::MacIdRange user_range;
  bool mac_protect;
  bool directory_network_authorization;
};

std::optional<Reply> parse_limit(Request& request, VmlanChange& change) {
  const bool persistent = request.words.take("PERSISTent");
  if (!persistent && !request.words.take("TRANSient")) return request.fail(Message::operand_missing);
  auto& limit = persistent ? change.limits.persistent : change.limits.transient;
  limit.reset();
  if (request.words.take("INFinite")) return std::nullopt;
  constexpr std::uint32_t most = 999'999'999;
  const auto count = take_number(request, 0, most);
  limit = count.value;
  return count.error;
}

std::optional<Reply> parse_default_accounting(Request& request, VmlanChange& change) {
  const bool system = request.words.take("SYSTEM");
  if (!system && !request.words.take("USER")) return request.fail(Message::operand_missing);
  const auto on = take_on_off(request.words);
  if (!on) return request.fail(Message::operand_missing);
  (system ? change.accounting.system : change.accounting.user) = *on;
  return std::nullopt;
}

template <std::uint32_t VmlanChange::*prefix>
std::optional<Reply> parse_prefix(Request& request, VmlanChange& change) {
  constexpr std::size_t digits = 6;
  constexpr std::uint32_t locally_administered = 0x02;
  const auto word = request.words.next();
  const auto value = parse_hex(word, digits);
  if (!value || word.size() != digits) return request.fail(Message::operand_missing);
  if (*value >> 16U != locally_administered) return request.fail(Message::prefix_not_local, {word});
  change.*prefix = *value;
  return std::nullopt;
}

// "000001-00FFFF"; nothing: it is none.
std::optional<guestlan::MacIdRange> take_macids(Request& request) {
  const auto word = request.words.next();
  const auto dash = word.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto first = parse_macid(std::string_view(word).substr(0, dash));
  const auto last = parse_macid(std::string_view(word).substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return guestlan::MacIdRange{*first, *last};
}

// Without USER there is no USER range any more.
std::optional<Reply> parse_macid_ranges(Request& request, VmlanChange& change) {
  if (!request.words.take("SYSTEM")) return request.fail(Message::operand_missing);
  const auto system = take_macids(request);
  if (!system) return request.fail(Message::operand_missing);
  guestlan::MacIdRange user;
  if (request.words.take("USER")) {
    const auto range = take_macids(request);
    if (!range) return request.fail(Message::operand_missing);
    user = *range;
  }
  if (user.has(system->first) && user.has(system->last)) {
    return request.fail(Message::macids_covered, {to_string(user), to_string(*system)});
  }
  change.system_range = *system;
  change.user_range = user;
  return std::nullopt;
}

std::optional<Reply> parse_protection(Request& request, VmlanChange& change) {
  const auto on = take_on_off(request.words);
  if (!on) return request.fail(Message::operand_missing);
  change.mac_protect = *on;
  return std::nullopt;
}

std::optional<Reply> parse_dna(Request& request, VmlanChange& change) {
  change.directory_network_authorization = request.words.take("ENAble");
  if (change.directory_network_authorization || request.words.take("DISAble")) return std::nullopt;
  return request.fail(Message::operand_missing);
}

template <char const* name>
std::optional<Reply> refuse(Request& request, VmlanChange&) {
  return request.fail(Message::not_supported, {name});
}
constexpr char tracesize[] = "TRACESIZE", ivl[] = "DOMAIN";

using VmlanAttribute = KeywordOperand<VmlanChange>;
constexpr std::array vmlan_attributes{
    VmlanAttribute{"LIMIT", parse_limit},
    VmlanAttribute{"ACCOUNTing", parse_default_accounting},
    VmlanAttribute{"ACNT", parse_default_accounting},
    VmlanAttribute{"MACPREFIX", parse_prefix<&VmlanChange::prefix>},
    VmlanAttribute{"USERPREFIX", parse_prefix<&VmlanChange::user_prefix>},
    VmlanAttribute{"MACIDRANGE", parse_macid_ranges},
    VmlanAttribute{"MACProtect", parse_protection},
    VmlanAttribute{"DNA", parse_dna},
    VmlanAttribute{"TRACEsize", refuse<tracesize>},
    VmlanAttribute{"DOMain", refuse<ivl>},
};

std::string limit_text(const std::optional<unsigned>& limit) {
  return limit ? std::to_string(*limit) : "INFINITE";
}

std::string_view on_off(bool on) { return on ? "ON" : "OFF"; }

}  // namespace

Reply set_vmlan(Request& request) {
  if (request.at_end()) return request.fail(Message::operand_missing);
  auto& vmlan = request.system.vmlan;
  auto& macs = vmlan.macs;
  VmlanChange change{
      vmlan.limits,      vmlan.accounting, macs.prefix,         macs.user_prefix,
      macs.system_range, macs.user_range,  vmlan.mac_protect(), vmlan.directory_network_authorization};
  if (auto failed = parse_operands(request, change, vmlan_attributes)) return *failed;
  vmlan.limits = change.limits;
  vmlan.accounting = change.accounting;
  macs.prefix = change.prefix;
  macs.user_prefix = change.user_prefix;
  macs.system_range = change.system_range;
  macs.user_range = change.user_range;
  vmlan.set_mac_protect(change.mac_protect);
  vmlan.directory_network_authorization = change.directory_network_authorization;
  return Reply("Command complete");
}

Reply query_vmlan(Request& request) {
  if (!request.at_end()) return request.fail_option();
  const auto& vmlan = request.system.vmlan;
  const auto& macs = vmlan.macs;
  Reply reply;
  reply.lines = {
      "VMLAN maintenance level:",
      "  Latest Service: Base",
      "VMLAN MAC address assignment:",
      fmt::format("  System MAC Protection: {}", on_off(vmlan.mac_protect())),
      fmt::format("  MACADDR Prefix: {:06X} USER Prefix: {:06X}", macs.prefix, macs.user_prefix),
      fmt::format("  MACIDRANGE SYSTEM: {}", to_string(macs.system_range)),
      fmt::format("             USER:   {}", to_string(macs.user_range)),
      "VMLAN default accounting status:",
      fmt::format("  SYSTEM Accounting: {:<9} USER Accounting: {}", on_off(vmlan.accounting.system),
                  on_off(vmlan.accounting.user)),
      "VMLAN general activity:",
      fmt::format("  PERSISTENT Limit: {:<10} Current: {}", limit_text(vmlan.limits.persistent),
                  vmlan.count(true)),
      fmt::format("  TRANSIENT  Limit: {:<10} Current: {}", limit_text(vmlan.limits.transient),
                  vmlan.count(false)),
      "Trace Pages: 0",
      fmt::format("VMLAN Directory Network Authorization: {}",
                  vmlan.directory_network_authorization ? "ENABLED" : "DISABLED"),
      "IVL Domain: None",
  };
  return reply;
}

}  // namespace vmlan::cp
