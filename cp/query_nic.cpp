// QUERY NIC, QUERY VIRTUAL NIC. Source: CP Commands; columns from logs of z/VM 6.x (see the tests).
#include <fmt/format.h>

#include "cp/commands.h"
#include "cp/display.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// "LAN: SYSTEM GLAN7", "LAN: * None"; a HiperSockets NIC alone works on a LAN of its own.
std::string lan_text(const guestlan::Nic& nic) {
  if (const auto* lan = nic.lan())
    return fmt::format("{}: {} {}", lan->attributes().vswitch ? "VSWITCH" : "LAN", lan->attributes().owner,
                       lan->attributes().name);
  return nic.settings().kind == qdio::AdapterKind::iqd ? "LAN: * Internal" : "LAN: * None";
}

void append_brief(std::vector<std::string>& lines, const guestlan::Nic& nic) {
  const auto& settings = nic.settings();
  lines.push_back(fmt::format("Adapter {}.P00 Type: {:<9} Name: {:<11} Devices: {}",
                              to_string(settings.base_device), type_name(settings.kind), port_name(nic),
                              settings.devices));
  lines.push_back(fmt::format("  MAC: {:<25} {}", wire::to_string(settings.mac), lan_text(nic)));
}

std::string_view state_name(guestlan::SessionState state) {
  return state == guestlan::SessionState::startup ? "Startup" : "Session Established";
}

void append_details(std::vector<std::string>& lines, const guestlan::Nic& nic) {
  const auto protection = nic.settings().mac_protect;
  if (protection != guestlan::MacProtection::unspecified) {
    lines.push_back(fmt::format("  MAC Protection: {}", protection_name(protection)));
  }
  append_port_rights(lines, "  ", nic);
  if (!nic.ports().empty()) append_counters(lines, "  ", nic.total());
  for (const auto& port : nic.ports()) {
    lines.push_back(fmt::format("  Connection Name: {:<10}State: {}", printable(port->ulp_name()),
                                state_name(port->state())));
  }
  for (unsigned device = 0; device < nic.settings().devices; ++device) {
    lines.push_back(device_line(nic, device));
    for (const auto& port : nic.ports()) {
      if (port->device_index() == device) append_port(lines, *port);
    }
  }
}

void append(std::vector<std::string>& lines, const guestlan::Nic& nic, bool details) {
  append_brief(lines, nic);
  if (details) append_details(lines, nic);
}

// [ALL | vdev] [DETails] for one user's NICs.
Reply query_nics_of(Request& request, const VirtualMachine& user) {
  std::optional<arch::DeviceNumber> device;
  const auto first = request.words.peek();
  if (!first.empty() && !matches(first, "DETails") && !request.words.take("ALL")) {
    const auto operand = take_device(request);
    if (!operand) return *operand.error;
    device = operand.value;
  }
  const bool details = request.words.take("DETails");
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  if (device) {
    const auto* nic = user.nic_of_device(*device);
    if (nic == nullptr) return request.fail(Message::device_does_not_exist, {to_string(*device)});
    append(reply.lines, nic->base(), details);
    return reply;
  }
  for (const auto& [base, nic] : user.nics()) append(reply.lines, nic->base(), details);
  return reply.lines.empty() ? request.fail(Message::no_nic) : reply;
}

Reply query_all_users(Request& request) {
  const bool details = request.words.take("DETails");
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  for (const auto& [sequence, user] : request.system.users()) {
    if (user->nics().empty()) continue;
    reply.lines.push_back(fmt::format("User: {}", user->userid()));
    for (const auto& [base, nic] : user->nics()) append(reply.lines, nic->base(), details);
  }
  return reply.lines.empty() ? request.fail(Message::no_nic) : reply;
}

}  // namespace

Reply query_nic(Request& request) {
  if (!request.has_class("B") || !request.words.take("USERid")) {
    if (request.machine == nullptr) return request.fail_without_machine();
    return query_nics_of(request, *request.machine);
  }
  if (request.words.take("ALL")) return query_all_users(request);
  const auto userid = take_owner(request);
  if (!userid) return *userid.error;
  const auto* user = request.system.find(userid.value);
  if (user == nullptr) return request.fail(Message::not_logged_on, {userid.value});
  return query_nics_of(request, *user);
}

Reply query_virtual_nic(Request& request) { return query_nics_of(request, request.own_machine()); }

}  // namespace vmlan::cp
