// DEFINE LAN, DETACH LAN, SET LAN. Source: CP Commands; marks of certainty in docs/DECISIONS.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cp/commands.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

std::optional<Reply> parse_owner(Request& request, guestlan::LanAttributes& lan) {
  auto owner = take_owner(request);
  if (!owner) return owner.error;
  lan.owner = std::move(owner.value);
  return std::nullopt;
}

std::optional<Reply> parse_maxconn(Request& request, guestlan::LanAttributes& lan) {
  const auto limit = take_maxconn(request);
  lan.max_connections = limit.value;
  return limit.error;
}

std::optional<Reply> parse_unrestricted(Request&, guestlan::LanAttributes& lan) {
  lan.restricted = false;
  return std::nullopt;
}

std::optional<Reply> parse_restricted(Request&, guestlan::LanAttributes& lan) {
  lan.restricted = true;
  return std::nullopt;
}

std::optional<Reply> parse_accounting(Request& request, guestlan::LanAttributes& lan) {
  if (!request.has_class("B")) return request.fail(Message::invalid_option, {"ACCOUNTING"});
  const auto on = take_on_off(request.words);
  if (!on) return request.fail(Message::operand_missing);
  lan.accounting = *on;
  return std::nullopt;
}

std::optional<Reply> parse_mfs(Request& request, guestlan::LanAttributes& lan) {
  struct FrameSize {
    std::string_view word;
    std::uint32_t bytes;
  };
  static constexpr std::array<FrameSize, 4> sizes{
      {{"16K", 16384}, {"24K", 24576}, {"40K", 40960}, {"64K", 65536}}};
  const auto word = request.words.next();
  const auto size =
      std::find_if(sizes.begin(), sizes.end(), [&](const auto& row) { return row.word == word; });
  if (size == sizes.end()) return request.fail(Message::operand_missing);
  lan.max_frame_size = size->bytes;
  return std::nullopt;
}

void take_transport(Request& request, guestlan::LanAttributes& lan) {
  if (request.words.take("ETHernet")) {
    lan.transport = qdio::Transport::ethernet;
  } else {
    request.words.take("IP");
    lan.transport = qdio::Transport::ip;
  }
}

// HIPERSOCKETS with ETHERNET is ours: the hardware's HiperSockets carry frames, z/VM's guest LAN does not.
std::optional<Reply> parse_type(Request& request, guestlan::LanAttributes& lan) {
  if (request.words.take("HIPERsockets")) {
    lan.type = guestlan::LanType::hipers;
    take_transport(request, lan);
    if (request.words.take("MFS")) return parse_mfs(request, lan);
    return std::nullopt;
  }
  if (!request.words.take("QDIO")) return request.fail(Message::operand_missing);
  lan.type = guestlan::LanType::qdio;
  take_transport(request, lan);
  return std::nullopt;
}

// MFS after TYPE HIPERSOCKETS or, the type being the default, alone.
std::optional<Reply> parse_lone_mfs(Request& request, guestlan::LanAttributes& lan) {
  if (lan.type != guestlan::LanType::hipers) return request.fail(Message::conflicting_option, {"MFS"});
  return parse_mfs(request, lan);
}

using LanOperand = KeywordOperand<guestlan::LanAttributes>;
constexpr std::array define_operands{
    LanOperand{"OWNERid", parse_owner},
    LanOperand{"MAXCONN", parse_maxconn},
    LanOperand{"UNRESTricted", parse_unrestricted},
    LanOperand{"RESTricted", parse_restricted},
    LanOperand{"ACCOUNTing", parse_accounting},
    LanOperand{"TYPE", parse_type},
    LanOperand{"MFS", parse_lone_mfs},
};

Reply creation_refused(const Request& request, guestlan::LanRegistry::CreateResult why,
                       const guestlan::LanAttributes& lan) {
  using Result = guestlan::LanRegistry::CreateResult;
  if (why == Result::limit_reached) {
    return request.fail(Message::lan_limit,
                        {lan.owner, lan.name, lan.persistent() ? "PERSISTENT" : "TRANSIENT"});
  }
  if (why == Result::no_mac) return request.fail(Message::no_macid_free);
  const auto message =
      why == Result::exists ? Message::lan_exists : Message::lan_exists_with_other_attributes;
  return request.fail(message, {lan.owner, lan.name});
}

// lanname [OWNERid owner] of DETACH and SET; the LAN must exist and the issuer may act for its owner.
Operand<guestlan::Lan*> take_lan(Request& request) {
  const auto name = take_name(request);
  if (!name) return {nullptr, name.error};
  std::string owner(request.issuer);
  if (request.words.take("OWNERid")) {
    auto named = take_owner(request);
    if (!named) return {nullptr, named.error};
    owner = std::move(named.value);
  }
  if (!may_act_for(request, owner)) return {nullptr, request.fail(Message::lan_owner_not_permitted, {owner})};
  auto* lan = request.system.vmlan.find(owner, name.value);
  // A switch's grants name VLANs: SET VSWITCH, DETACH VSWITCH.
  if (lan == nullptr || lan->attributes().vswitch) {
    return {nullptr, request.fail(Message::lan_does_not_exist, {owner, name.value})};
  }
  return {lan, std::nullopt};
}

Reply grant(Request& request, guestlan::Lan& lan) {
  const auto userid = take_name(request);
  if (!userid) return *userid.error;
  guestlan::Grant rights;
  if (request.words.take("PROmiscuous")) {
    rights.promiscuous = true;
  } else {
    request.words.take("NOPROmiscuous");
  }
  if (!request.at_end()) return request.fail_excess();
  lan.grant(userid.value, rights);
  return Reply("Command complete");
}

}  // namespace

Reply define_lan(Request& request) {
  guestlan::LanAttributes lan;
  const auto name = take_name(request);
  if (!name) return *name.error;
  lan.name = name.value;
  lan.owner = request.issuer;
  lan.type = guestlan::LanType::hipers;
  if (auto failed = parse_operands(request, lan, define_operands)) return *failed;
  if (!may_act_for(request, lan.owner)) return request.fail(Message::lan_owner_not_permitted, {lan.owner});
  const auto result = request.system.vmlan.create(lan);
  if (result != guestlan::LanRegistry::CreateResult::created) return creation_refused(request, result, lan);
  return Reply(fmt::format("LAN {} {} is created", lan.owner, lan.name));
}

Reply detach_lan(Request& request) {
  const auto lan = take_lan(request);
  if (!lan) return *lan.error;
  if (!request.at_end()) return request.fail_excess();
  return destroy_lan(request.system, request.issuer, *lan.value);
}

Reply set_lan(Request& request) {
  const auto lan = take_lan(request);
  if (!lan) return *lan.error;
  if (request.words.take("GRAnt")) return grant(request, *lan.value);
  if (request.words.take("UPLINK")) return set_uplink(request, *lan.value);
  return set_lan_attribute(request, *lan.value);
}

}  // namespace vmlan::cp
