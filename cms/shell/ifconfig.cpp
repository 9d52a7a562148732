// IFCONFIG: shows interfaces, gives them addresses, brings a NIC up without a PROFILE TCPIP.
//
//   IFCONFIG [-ALL]                                interfaces that are up, or all
//   IFCONFIG interface                             one
//   IFCONFIG interface|vdev address[/length] [[NETMASK] mask] [[MTU] n]
//   IFCONFIG interface|vdev DHCP
//   IFCONFIG interface UP|DOWN
//   IFCONFIG interface MTU n
//
// A device number brings up the NIC there as the next free ETHn: this form and DHCP are ours.
// An IPv6 address may carry "/64".
#include <array>
#include <string>

#include "cms/shell/command.h"
#include "cms/shell/dhcp_user.h"
#include "cms/shell/netstat.h"
#include "cms/shell/tcpip_start.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

Outcome fail_interface_operand(Session& session, std::string_view operand) {
  if (operand.empty()) return session.fail(wrong_operand, "DTCIFC9004E Operand missing");
  return session.fail(wrong_operand, "DTCIFC9005E Invalid operand - {}", operand);
}

Outcome fail_no_interface(Session& session, std::string_view name) {
  return session.fail(failed, "DTCIFC9007E Interface {} does not exist", name);
}

struct Request {
  enum class Action : std::uint8_t { change, up, down, dhcp };

  Action action = Action::change;
  std::optional<wire::IpAddress> address;
  std::uint32_t mask = 0xffffff00;
  std::uint32_t mtu = 0;  // 0: as it is

  bool needs_interface() const noexcept { return action != Action::dhcp && !address; }
};

// "10.1.1.1", "10.1.1.1/24", "FD00::1", "FD00::1/64". false: it is none.
bool take_address(std::string_view text, Request& request) {
  constexpr unsigned longest_v4 = 32;
  constexpr unsigned only_v6 = 64;
  const auto slash = std::min(text.find('/'), text.size());
  request.address = wire::parse_ip_address(text.substr(0, slash));
  if (!request.address) return false;
  if (slash == text.size()) return true;
  const auto length = parse_decimal(text.substr(slash + 1));
  if (!length) return false;
  if (!request.address->is_v4()) return *length == only_v6;
  if (*length == 0 || *length > longest_v4) return false;
  request.mask = subnet_mask(*length);
  return true;
}

// The first word of what shall be done.
bool take_action(Operands& operands, std::string& wrong, Request& request) {
  using Action = Request::Action;
  if (matches(operands.peek(), "MTU")) return true;
  wrong = operands.take();
  for (const auto& [keyword, action] :
       {std::pair{"UP", Action::up}, std::pair{"DOWN", Action::down}, std::pair{"DHCP", Action::dhcp}}) {
    if (wrong != keyword) continue;
    request.action = action;
    return true;
  }
  return take_address(wrong, request);
}

// nothing: `wrong` names the operand.
std::optional<Request> take_request(Operands& operands, std::string& wrong) {
  Request request;
  if (!take_action(operands, wrong, request)) return std::nullopt;
  while (!operands.empty()) {
    const bool mtu_stated = operands.take_keyword("MTU");
    if (!mtu_stated) operands.take_keyword("NETmask");
    wrong = operands.take();
    if (request.action != Request::Action::change) return std::nullopt;
    if (const auto mask = wire::parse_ip_address(wrong); !mtu_stated && mask && mask->is_v4()) {
      request.mask = v4_integer(*mask);
      if (!request.address || !prefix_length(request.mask)) return std::nullopt;
    } else if (const auto mtu = parse_decimal(wrong); mtu && *mtu >= 576 && *mtu <= 65535) {
      request.mtu = *mtu;
    } else {
      return std::nullopt;
    }
  }
  return request;
}

std::string free_name(Session& session, std::string_view prefix) {
  unsigned number = 0;
  while (session.tcpip.find_link(fmt::format("{}{}", prefix, number)) != nullptr) ++number;
  return fmt::format("{}{}", prefix, number);
}

// Brings up the NIC at `number`; nullptr: told why not.
TcpIp::Device* create_interface(Session& session, arch::DeviceNumber number, std::uint32_t mtu) {
  std::string error;
  if (!session.tcpip.start(error)) {
    session.say("DTCTCP9001E The TCP/IP stack can't be started: {}", error);
    return nullptr;
  }
  TcpIp::Device wanted;
  wanted.number = number;
  wanted.name = "DEV@" + to_string(number);
  wanted.link_name = free_name(session, "ETH");
  wanted.mtu = mtu;
  TcpIp::Device& device = session.tcpip.add_device(std::move(wanted));
  if (start_device(session, device)) return &device;
  session.tcpip.remove_device(device);
  return nullptr;
}

Outcome show(Session& session, std::string_view name) {
  if (!name.empty()) {
    const TcpIp::Device* device = session.tcpip.find_link(name);
    if (device == nullptr) return fail_no_interface(session, name);
    show_interface(session, *device);
    return 0;
  }
  for (const auto& device : session.tcpip.devices()) {
    if (device->started()) show_interface(session, *device);
  }
  return 0;
}

Outcome show_all(Session& session) {
  for (const auto& device : session.tcpip.devices()) show_interface(session, *device);
  return 0;
}

// Requires a started device.
Outcome change(Session& session, TcpIp::Device& device, const Request& request) {
  if (request.mtu > device.link->mtu()) {
    return session.fail(failed, "DTCIFC9008E MTU {} is more than the {} of the LAN", request.mtu,
                        device.link->mtu());
  }
  if (request.mtu != 0) {
    device.mtu = request.mtu;
    device.interface->set_mtu(request.mtu);
  }
  if (!request.address) return 0;
  if (request.address->is_v4()) session.tcpip.end_dhcp(device);
  return assign_address(session, device, *request.address, request.mask) ? 0 : failed;
}

Outcome ifconfig(Session& session, std::string_view text) {
  Operands operands(text);
  const std::string name = operands.take();
  session.tcpip.check_devices();
  if (operands.empty()) return name == "-ALL" ? show_all(session) : show(session, name);
  std::string wrong;
  const auto request = take_request(operands, wrong);
  if (!request) return fail_interface_operand(session, wrong);

  TcpIp::Device* device = session.tcpip.find_link(name);
  if (device == nullptr) {
    const auto number = parse_device(name);
    if (!number) return fail_no_interface(session, name);
    device = session.tcpip.find_number(*number);
    if (device == nullptr && request->needs_interface()) return fail_no_interface(session, name);
    if (device == nullptr) device = create_interface(session, *number, request->mtu);
    if (device == nullptr) return failed;
  }
  if (request->action == Request::Action::down) {
    session.tcpip.stop_device(*device);
    return 0;
  }
  if (!device->started() && !start_device(session, *device)) return failed;
  if (request->action == Request::Action::dhcp) return ask_for_address(session, *device);
  return change(session, *device, *request);
}

constexpr std::array<Command, 1> commands_for_interfaces{{
    {"IFCONFIG", "[-ALL|interface|vdev [address[/length] [[NETmask] mask] [[MTU] n]|DHCP|UP|DOWN|MTU n]]",
     "shows interfaces, gives them addresses, brings a NIC up or down", ifconfig},
}};

}  // namespace

std::span<const Command> interface_commands() { return commands_for_interfaces; }

}  // namespace vmlan::cms
