// DEFINE, DETACH, SET and QUERY UPLINK, SET LAN ... UPLINK: ways out of a LAN. z/VM has real OSAs instead;
// the commands are ours, what CP tells its operator of a connection is z/VM's.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cp/commands.h"
#include "cp/display.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

using Kind = UplinkDefinition::Kind;

// 1-65535; 0: it is none.
std::uint16_t parse_port(std::string_view word) {
  const auto number = parse_decimal(word);
  return number && *number <= 0xffff ? static_cast<std::uint16_t>(*number) : std::uint16_t{0};
}

// address:port; IPv6 in brackets. The address may be missing if `address` is allowed to be.
bool parse_endpoint(std::string_view word, bool address_may_lack, std::string& address, std::uint16_t& port) {
  const auto colon = word.rfind(':');
  port = parse_port(colon == std::string_view::npos ? word : word.substr(colon + 1));
  std::string_view host = colon == std::string_view::npos ? std::string_view() : word.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  address = host;
  if (host.empty()) return port != 0 && address_may_lack;
  return port != 0 && wire::parse_ip_address(host).has_value();
}

// TCP or UDP, where the host listens and, if that is asked for, where the guest does.
Operand<UplinkDefinition::Forward> take_forward(Request& request, bool with_guest) {
  UplinkDefinition::Forward forward;
  forward.udp = request.words.take("UDP");
  if (!forward.udp && !request.words.take("TCP")) return {{}, request.fail(Message::operand_missing)};
  for (const bool guest : {false, true}) {
    if (guest && !with_guest) break;
    const auto word = request.words.next_as_written();
    if (word.empty()) return {{}, request.fail(Message::operand_missing)};
    auto& address = guest ? forward.guest_address : forward.host_address;
    auto& port = guest ? forward.guest_port : forward.host_port;
    if (!parse_endpoint(word, !guest, address, port)) {
      return {{}, request.fail(Message::invalid_operand, {word})};
    }
  }
  return {forward, std::nullopt};
}

std::optional<Reply> parse_forward(Request& request, UplinkDefinition& uplink) {
  const auto forward = take_forward(request, true);
  if (!forward) return forward.error;
  uplink.forwards.push_back(forward.value);
  return std::nullopt;
}

std::optional<Reply> parse_network(Request& request, UplinkDefinition& uplink) {
  uplink.network = request.words.next();
  if (uplink.network.empty()) return request.fail(Message::operand_missing);
  return std::nullopt;
}

std::optional<Reply> parse_mtu(Request& request, UplinkDefinition& uplink) {
  const auto word = request.words.next();
  uplink.mtu = parse_decimal(word);
  if (word.empty()) return request.fail(Message::operand_missing);
  if (!uplink.mtu) return request.fail(Message::invalid_operand, {word});
  return std::nullopt;
}

std::optional<Reply> parse_no_ipv6(Request&, UplinkDefinition& uplink) {
  uplink.ipv6 = false;
  return std::nullopt;
}

std::optional<Reply> parse_open_host(Request&, UplinkDefinition& uplink) {
  uplink.host_is_open = true;
  return std::nullopt;
}

using NatOperand = KeywordOperand<UplinkDefinition>;
constexpr std::array nat_operands{
    NatOperand{"NETwork", parse_network}, NatOperand{"MTU", parse_mtu},
    NatOperand{"NOIPV6", parse_no_ipv6},  NatOperand{"OPENhost", parse_open_host},
    NatOperand{"FORward", parse_forward},
};

std::optional<Reply> parse_place(Request& request, UplinkDefinition& uplink) {
  uplink.place = request.words.next_as_written();
  if (uplink.place.empty()) return request.fail(Message::operand_missing);
  uplink.listen = uplink.kind == Kind::stream && request.words.take("LISTEN");
  if (!request.at_end()) return request.fail_excess();
  return std::nullopt;
}

struct UplinkKindRow {
  std::string_view keyword;
  Kind kind;
};
constexpr std::array uplink_kinds{
    UplinkKindRow{"NAT", Kind::nat},
    UplinkKindRow{"TAP", Kind::tap},
    UplinkKindRow{"INTERFace", Kind::interface},
    UplinkKindRow{"VDE", Kind::vde},
    UplinkKindRow{"STREAM", Kind::stream},
};

std::optional<Reply> parse_uplink(Request& request, UplinkDefinition& uplink) {
  const auto word = request.words.next();
  if (word.empty()) return request.fail(Message::operand_missing);
  const auto row = std::find_if(uplink_kinds.begin(), uplink_kinds.end(),
                                [&](const auto& kind) { return matches(word, kind.keyword); });
  if (row == uplink_kinds.end()) return request.fail(Message::invalid_operand, {word});
  uplink.kind = row->kind;
  return uplink.kind == Kind::nat ? parse_operands(request, uplink, nat_operands)
                                  : parse_place(request, uplink);
}

Operand<guestlan::Uplink*> take_uplink(Request& request) {
  const auto device = take_device(request);
  if (!device) return {nullptr, device.error};
  auto* uplink = request.system.uplinks.find(device.value);
  if (uplink == nullptr) {
    return {nullptr, request.fail(Message::device_does_not_exist, {to_string(device.value)})};
  }
  return {uplink, std::nullopt};
}

std::string_view state_word(const guestlan::Uplink& uplink) {
  switch (uplink.state()) {
    case guestlan::Uplink::State::ready:
      return "Ready";
    case guestlan::Uplink::State::not_ready:
      return "Not ready";
    case guestlan::Uplink::State::dead:
      break;
  }
  return "Dead";
}

// `group`: it is a member of that one.
std::string_view traffic_word(const guestlan::Uplink& uplink, const PortGroup* group) {
  bool carries = uplink.active();
  if (group != nullptr && group->uplink->active()) {
    const auto views = group->members->views();
    carries =
        std::ranges::any_of(views, [&](const auto& view) { return view.uplink == &uplink && view.carries; });
  }
  if (carries) return "Active";
  return uplink.state() == guestlan::Uplink::State::ready ? "Standby" : "None";
}

void append_uplink(std::vector<std::string>& lines, System& system, const guestlan::Uplink& uplink,
                   bool details) {
  lines.push_back(
      fmt::format("Uplink {}.P00 {}", to_string(uplink.device_number()), printable(uplink.name())));
  const auto* lan = uplink.lan();
  const auto* group = system.port_groups.of(uplink);
  const std::string served = group != nullptr ? "* Group " + group->name
                             : lan == nullptr ? "* None"
                                              : lan->attributes().owner + " " + lan->attributes().name;
  lines.push_back(fmt::format("  State: {:<11}Traffic: {:<9}LAN: {}", state_word(uplink),
                              traffic_word(uplink, group), served));
  if (const auto trouble = uplink.trouble(); !trouble.empty()) {
    lines.push_back("  Reason: " + printable(trouble));
  }
  if (!details) return;
  lines.push_back("  MAC: " + wire::to_string(uplink.station_mac()));
  append_counters(lines, "  ", uplink.counters());
  for (const auto& line : uplink.details()) lines.push_back("  " + printable(line));
}

}  // namespace

Reply define_uplink(Request& request) {
  const auto device = take_device(request);
  if (!device) return *device.error;
  UplinkDefinition definition;
  definition.device = device.value;
  if (auto failed = parse_uplink(request, definition)) return *failed;
  const auto name = to_string(device.value);
  auto& uplinks = request.system.uplinks;
  if (uplinks.find(device.value) != nullptr) return request.fail(Message::uplink_exists, {name});
  if (uplinks.all().size() >= Uplinks::most) {
    return request.fail(Message::too_many_uplinks, {name, std::to_string(Uplinks::most)});
  }
  const auto mac = request.system.vmlan.macs.give_station();
  if (!mac) return request.fail(Message::uplink_impossible, {name, "no MAC address is free"});
  const auto trouble = uplinks.define(definition, *mac);
  if (!trouble.empty()) {
    request.system.vmlan.macs.release_station(*mac);
    return request.fail(Message::uplink_impossible, {name, trouble});
  }
  return Reply(fmt::format("UPLINK {} is created", name));
}

Reply detach_uplink(Request& request) {
  const auto uplink = take_uplink(request);
  if (!uplink) return *uplink.error;
  if (!request.at_end()) return request.fail_excess();
  const auto device = uplink.value->device_number();
  const auto mac = uplink.value->station_mac();
  leave_port_group(request.system, *uplink.value);
  request.system.uplinks.detach(device);
  request.system.vmlan.macs.release_station(mac);
  return Reply(fmt::format("UPLINK {} is destroyed", to_string(device)));
}

Reply set_uplink_forwards(Request& request) {
  const auto uplink = take_uplink(request);
  if (!uplink) return *uplink.error;
  const auto device = uplink.value->device_number();
  if (request.at_end()) return request.fail(Message::operand_missing);
  const bool add = request.words.take("FORward");
  if (!add && !request.words.take("NOFORward")) {
    return request.fail(Message::invalid_option, {request.words.next()});
  }
  const auto forward = take_forward(request, add);
  if (!forward) return *forward.error;
  if (!request.at_end()) return request.fail_excess();
  auto* forwarder = request.system.uplinks.find_forwarder(device);
  const auto trouble = forwarder == nullptr ? std::string("only NAT forwards ports")
                       : add                ? forwarder->add(forward.value)
                                            : forwarder->remove(forward.value);
  if (!trouble.empty()) return request.fail(Message::uplink_unchanged, {to_string(device), trouble});
  return Reply("Command complete");
}

Reply query_uplink(Request& request) {
  std::optional<arch::DeviceNumber> only;
  const auto first = request.words.peek();
  if (!first.empty() && !matches(first, "DETails") && !request.words.take("ALL")) {
    const auto uplink = take_uplink(request);
    if (!uplink) return *uplink.error;
    only = uplink.value->device_number();
  }
  const bool details = request.words.take("DETails");
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  for (const auto& [device, entry] : request.system.uplinks.all()) {
    if (!only || *only == device) append_uplink(reply.lines, request.system, *entry.device.uplink, details);
  }
  return reply.lines.empty() ? request.fail(Message::no_uplink) : reply;
}

// UPLINK NONE is short for UPLINK RDEV NONE, NOGROUP the same for one with a group.
Reply set_uplink(Request& request, guestlan::Lan& lan) {
  if (!request.has_class("B")) return request.fail(Message::invalid_option, {"UPLINK"});
  if (request.at_end()) return request.fail(Message::operand_missing);
  const bool group = request.words.take("GROup");
  const bool none = !group && request.words.take("NOGroup");
  if (!group && !none && request.words.peek() != "NONE" && !request.words.take("RDEV")) {
    return request.fail(Message::not_supported, {"UPLINK " + request.words.next()});
  }
  const auto uplinks = none    ? Operand<std::vector<guestlan::Uplink*>>{}
                       : group ? take_group_uplink(request)
                               : take_rdevs(request);
  if (!uplinks) return *uplinks.error;
  if (!request.at_end()) return request.fail_excess();
  return serve_lan(request, lan, uplinks.value);
}

}  // namespace vmlan::cp
