// IFCONFIG: shows interfaces, gives them addresses, brings a NIC up without a PROFILE TCPIP.
//
//   IFCONFIG                                       all interfaces
//   IFCONFIG interface                             one
//   IFCONFIG interface|vdev address [[NETMASK] mask] [[MTU] n]
//
// A device number brings up the NIC there as the next free ETHn: this form is ours.
// An IPv6 address may carry "/64".
#include <array>
#include <string>

#include "cms/shell/command.h"
#include "cms/shell/netstat.h"
#include "cms/shell/tcpip_start.h"
#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

Outcome fail_interface_operand(Session& session, std::string_view operand) {
  return session.fail(wrong_operand, "DTCIFC9005E Invalid operand - {}", operand);
}

struct Request {
  wire::IpAddress address;
  std::uint32_t mask = 0xffffff00;
  std::uint32_t mtu = 0;
};

// nothing: `wrong` names the operand.
std::optional<wire::IpAddress> take_address(Operands& operands, std::string& wrong) {
  wrong = operands.take();
  std::string_view text = wrong;
  const bool prefixed = text.size() > 3 && text.substr(text.size() - 3) == "/64";
  const auto address = wire::parse_ip_address(prefixed ? text.substr(0, text.size() - 3) : text);
  if (!address || (prefixed && address->is_v4())) return std::nullopt;
  return address;
}

std::optional<Request> take_request(Operands& operands, std::string& wrong) {
  Request request;
  const auto address = take_address(operands, wrong);
  if (!address) return std::nullopt;
  request.address = *address;
  while (!operands.empty()) {
    const bool mtu_stated = operands.take_keyword("MTU");
    if (!mtu_stated) operands.take_keyword("NETmask");
    wrong = operands.take();
    if (const auto mask = wire::parse_ip_address(wrong); !mtu_stated && mask && mask->is_v4()) {
      request.mask = v4_integer(*mask);
      if (!prefix_length(request.mask)) return std::nullopt;
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
    if (device == nullptr) return session.fail(failed, "DTCIFC9007E Interface {} does not exist", name);
    show_interface(session, *device);
    return 0;
  }
  for (const auto& device : session.tcpip.devices()) show_interface(session, *device);
  return 0;
}

Outcome ifconfig(Session& session, std::string_view text) {
  Operands operands(text);
  const std::string name = operands.take();
  session.tcpip.check_devices();
  if (operands.empty()) return show(session, name);
  std::string wrong;
  const auto request = take_request(operands, wrong);
  if (!request) return fail_interface_operand(session, wrong);

  TcpIp::Device* device = session.tcpip.find_link(name);
  if (device == nullptr) {
    const auto number = parse_device(name);
    if (!number) return session.fail(failed, "DTCIFC9007E Interface {} does not exist", name);
    device = session.tcpip.find_number(*number);
    if (device == nullptr) device = create_interface(session, *number, request->mtu);
    if (device == nullptr) return failed;
  }
  if (!device->started() && !start_device(session, *device)) return failed;
  return assign_address(session, *device, request->address, request->mask) ? 0 : failed;
}

constexpr std::array<Command, 1> commands_for_interfaces{{
    {"IFCONFIG", "[interface|vdev [address [[NETmask] mask] [[MTU] n]]]",
     "shows interfaces, gives them addresses, brings a NIC up", ifconfig},
}};

}  // namespace

std::span<const Command> interface_commands() { return commands_for_interfaces; }

}  // namespace vmlan::cms
