#include "cp/vlan_operands.h"

#include <algorithm>

#include "cp/system.h"

namespace vmlan::cp {
namespace {

// "0A00" or "0A00.P00".
std::optional<arch::DeviceNumber> parse_rdev(std::string_view word) {
  constexpr std::string_view port = ".P00";
  if (word.size() > port.size() && word.substr(word.size() - port.size()) == port)
    word.remove_suffix(port.size());
  return parse_device(word);
}

}  // namespace

Operand<std::uint16_t> take_vlan(Request& request) {
  const auto vlan = take_number(request, guestlan::lowest_vlan, guestlan::highest_vlan);
  return {static_cast<std::uint16_t>(vlan.value), vlan.error};
}

Operand<std::optional<unsigned>> take_maxconn(Request& request) {
  constexpr unsigned most_connections = 1024;
  if (request.words.take("INFinite")) return {};
  const auto count = take_number(request, 1, most_connections);
  return {count.value, count.error};
}

Operand<guestlan::MacProtection> take_mac_protection(Request& request) {
  using guestlan::MacProtection;
  if (request.words.take("UNSPECified")) return {MacProtection::unspecified, std::nullopt};
  const auto on = take_on_off(request.words);
  if (!on) return {{}, request.fail(Message::operand_missing)};
  return {*on ? MacProtection::on : MacProtection::off, std::nullopt};
}

Operand<std::string> take_controllers(Request& request) {
  constexpr unsigned most_controllers = 8;
  if (request.words.take("*")) return {"*", std::nullopt};
  auto names = take_name(request);
  for (unsigned count = 1; names && count < most_controllers && valid_name(request.words.peek()); ++count) {
    names.value += " " + request.words.next();
  }
  return names;
}

Operand<unsigned> take_queue_storage(Request& request) {
  constexpr unsigned most_megabytes = 256;
  auto word = request.words.next();
  if (!word.empty() && word.back() == 'M') word.pop_back();
  const auto megabytes = parse_decimal(word);
  if (!megabytes || *megabytes < 1 || *megabytes > most_megabytes) {
    return {0, request.fail(Message::operand_missing)};
  }
  return {*megabytes, std::nullopt};
}

Operand<unsigned> take_ip_timeout(Request& request) {
  constexpr unsigned longest = 240;
  return take_number(request, 1, longest);
}

Operand<bool> take_port_type(Request& request) {
  if (request.words.take("ACCESS")) return {false, std::nullopt};
  if (request.words.take("TRUNK")) return {true, std::nullopt};
  if (request.at_end()) return {false, request.fail(Message::operand_missing)};
  return {false, request.fail(Message::invalid_operand, {request.words.next()})};
}

Operand<std::vector<guestlan::Uplink*>> take_rdevs(Request& request) {
  if (request.words.take("NONE")) return {};
  return take_some_rdevs(request, Uplinks::most_of_a_lan);
}

Operand<std::vector<guestlan::Uplink*>> take_group_uplink(Request& request) {
  const auto name = take_name(request);
  if (!name) return {{}, name.error};
  const auto* group = request.system.port_groups.find(name.value);
  if (group == nullptr) return {{}, request.fail(Message::no_such_group, {name.value})};
  return {{group->uplink.get()}, std::nullopt};
}

Operand<std::vector<guestlan::Uplink*>> take_some_rdevs(Request& request, std::size_t most) {
  std::vector<guestlan::Uplink*> uplinks;
  do {
    const auto device = parse_rdev(request.words.next());
    if (!device) return {{}, request.fail(Message::device_number_invalid)};
    auto* uplink = request.system.uplinks.find(*device);
    if (uplink == nullptr) return {{}, request.fail(Message::device_does_not_exist, {to_string(*device)})};
    if (std::count(uplinks.begin(), uplinks.end(), uplink) > 0) {
      return {{}, request.fail(Message::conflicting_option, {to_string(*device)})};
    }
    uplinks.push_back(uplink);
  } while (uplinks.size() < most && parse_rdev(request.words.peek()));
  return {uplinks, std::nullopt};
}

Reply serve_lan(Request& request, guestlan::Lan& lan, const std::vector<guestlan::Uplink*>& uplinks) {
  const auto& attributes = lan.attributes();
  if (!uplinks.empty() && attributes.vswitch && attributes.vswitch->no_uplink) {
    return request.fail(Message::conflicting_option, {"NOUPLINK"});
  }
  for (const auto* uplink : uplinks) {
    if (const auto* other = uplink->lan(); other != nullptr && other != &lan) {
      const auto name = uplink->group_name().empty() ? to_string(uplink->device_number()) : label_of(*uplink);
      return request.fail(Message::uplink_in_use,
                          {name, other->attributes().owner, other->attributes().name});
    }
    if (const auto* group = request.system.port_groups.of(*uplink); group != nullptr) {
      if (group->uplink.get() != uplink) {
        return request.fail(Message::uplink_in_group, {to_string(uplink->device_number()), group->name});
      }
    }
  }
  request.system.uplinks.serve(lan, uplinks);
  return Reply("Command complete");
}

}  // namespace vmlan::cp
