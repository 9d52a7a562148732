// DEFINE NIC, DETACH NIC, COUPLE, UNCOUPLE, SET NIC. Source: CP Commands.
#include <fmt/format.h>

#include <algorithm>

#include "cp/commands.h"
#include "cp/coupling.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/port_operands.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

std::optional<Reply> parse_devices(Request& request, NicDefinition& nic) {
  const auto count = parse_decimal(request.words.next());
  if (!count || *count < fewest_devices || *count > most_devices(qdio::AdapterKind::iqd)) {
    return request.fail(Message::operand_missing);
  }
  nic.devices = *count;
  return std::nullopt;
}

std::optional<Reply> parse_channel_path(Request& request, NicDefinition& nic) {
  const auto path = parse_hex(request.words.next(), 2);
  if (!path) return request.fail(Message::operand_missing);
  nic.channel_path = static_cast<std::uint8_t>(*path);
  return std::nullopt;
}

// Class G takes its MACID from the directory.
std::optional<Reply> parse_nic_macid(Request& request, NicDefinition& nic) {
  if (!request.has_class("B")) return request.fail(Message::invalid_option, {"MACID"});
  const auto macid = parse_macid(request.words.next());
  if (!macid) return request.fail(Message::operand_missing);
  nic.macid = *macid;
  return std::nullopt;
}

std::optional<Reply> parse_operand(Request& request, NicDefinition& nic) {
  auto& words = request.words;
  if (words.take("HIPERsockets")) {
    nic.kind = qdio::AdapterKind::iqd;
  } else if (words.take("QDIO")) {
    nic.kind = qdio::AdapterKind::osd;
  } else if (words.take("DEVices")) {
    return parse_devices(request, nic);
  } else if (words.take("CHPID")) {
    return parse_channel_path(request, nic);
  } else if (words.take("MACID")) {
    return parse_nic_macid(request, nic);
  } else {
    return request.fail_excess();
  }
  return std::nullopt;
}

// What COUPLE without a LAN means: the LAN of the NICDEF statement.
const NicDefinition* configured(const VirtualMachine& user, arch::DeviceNumber base) {
  const auto& nics = user.entry().nics;
  const auto found = std::find_if(nics.begin(), nics.end(), [&](const NicDefinition& nic) {
    return nic.device == base && !nic.lan_name.empty();
  });
  return found == nics.end() ? nullptr : &*found;
}

Reply couple_to_configured(Request& request, VirtualNic& nic) {
  const auto base = nic.base().settings().base_device;
  const auto* definition = configured(request.own_machine(), base);
  if (definition == nullptr) return request.fail(Message::no_network_configured, {to_string(base)});
  return couple_nic(request.system, nic, {definition->lan_owner, definition->lan_name, false, std::nullopt},
                    request.command->module);
}

// PORTNUMBER of a PORTBASED switch; nothing: not named.
std::optional<Reply> parse_coupling_port(Request& request, std::optional<unsigned>& port) {
  if (!request.words.take("PORTNUMber")) return std::nullopt;
  port = 0;
  if (request.words.take("AUTO")) return std::nullopt;
  const auto number = take_port_number(request);
  port = number.value;
  return number.error;
}

// The NIC is there.
std::string destroy_nic(VirtualMachine& user, arch::DeviceNumber base) {
  const unsigned last = base.value + user.find_nic(base)->base().settings().devices - 1;
  user.remove_nic(base);
  return fmt::format("NIC {} is destroyed; devices {}-{:04X} detached", to_string(base), to_string(base),
                     last);
}

}  // namespace

Reply define_nic(Request& request) {
  const auto device = take_device(request);
  if (!device) return *device.error;
  NicDefinition nic;
  nic.device = device.value;
  request.words.take("TYPE");
  while (!request.at_end()) {
    if (auto failed = parse_operand(request, nic)) return *failed;
  }
  return create_nic(request.system, request.own_machine(), nic, request.command->module);
}

Reply detach_nic(Request& request) {
  const auto nic = take_nic(request);
  if (!nic) return *nic.error;
  if (!request.at_end()) return request.fail_excess();
  return Reply(destroy_nic(request.own_machine(), nic.value->base().settings().base_device));
}

// Whole NICs only: a range that ends within one is refused, and nothing is detached.
Reply detach_device(Request& request) {
  if (request.machine == nullptr) return request.fail_without_machine();
  std::vector<arch::DeviceNumber> nics;
  do {
    const auto range = take_devices(request);
    if (!range) return *range.error;
    for (unsigned number = range.value.first.value; number <= range.value.last.value; ++number) {
      const arch::DeviceNumber device{static_cast<std::uint16_t>(number)};
      const auto* nic = request.machine->nic_of_device(device);
      if (nic == nullptr && !request.machine->device_in_use(device)) {
        return request.fail(Message::device_does_not_exist, {to_string(device)});
      }
      if (nic == nullptr) return request.fail(Message::invalid_device_type, {to_string(device)});
      const auto& settings = nic->base().settings();
      if (device != settings.base_device || number + settings.devices - 1 > range.value.last.value) {
        return request.fail(Message::part_of_nic, {to_string(device), to_string(settings.base_device)});
      }
      nics.push_back(device);
      number += settings.devices - 1;
    }
  } while (!request.at_end());
  Reply reply;
  for (const auto nic : nics) {
    if (request.machine->find_nic(nic) != nullptr) reply.lines.push_back(destroy_nic(*request.machine, nic));
  }
  return reply;
}

Reply couple(Request& request) {
  const auto nic = take_nic(request);
  if (!nic) return *nic.error;
  request.words.take("To");
  if (request.at_end()) return couple_to_configured(request, *nic.value);
  // A COMMAND statement of the directory vouches for its user.
  Coupling coupling{{}, {}, request.by_directory, std::nullopt};
  auto owner = take_owner(request);
  if (!owner) return *owner.error;
  coupling.owner = std::move(owner.value);
  auto lan = take_name(request);
  if (!lan) return *lan.error;
  coupling.lan = std::move(lan.value);
  if (auto failed = parse_coupling_port(request, coupling.port)) return *failed;
  if (!request.at_end()) return request.fail_excess();
  return couple_nic(request.system, *nic.value, coupling, request.command->module);
}

Reply uncouple(Request& request) {
  const auto nic = take_nic(request);
  if (!nic) return *nic.error;
  if (!request.at_end()) return request.fail_excess();
  auto& base = nic.value->base();
  if (base.lan() == nullptr) {
    return request.fail(Message::not_connected, {to_string(base.settings().base_device)});
  }
  Reply reply(disconnection(base));
  request.system.uncouple(base);
  return reply;
}

}  // namespace vmlan::cp
