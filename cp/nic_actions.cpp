#include "cp/nic_actions.h"

#include <fmt/format.h>

#include "cp/coupling.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// The first device of the range that is taken, or nothing.
std::optional<arch::DeviceNumber> taken_device(const VirtualMachine& user, const NicDefinition& definition) {
  for (unsigned i = 0; i < definition.devices; ++i) {
    const arch::DeviceNumber device{static_cast<std::uint16_t>(definition.device.value + i)};
    if (user.device_in_use(device)) return device;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> give_mac(System& system, guestlan::NicSettings& nic, std::optional<std::uint32_t> macid,
                              std::string_view module) {
  auto& macs = system.vmlan.macs;
  const auto answer = macid ? macs.give(nic, *macid) : macs.give_system(nic);
  if (answer == guestlan::MacPool::Answer::given) return std::nullopt;
  return mac_refused(macs, answer, macid.value_or(0), module);
}

Reply mac_refused(const guestlan::MacPool& macs, guestlan::MacPool::Answer why, std::uint32_t macid,
                  std::string_view module) {
  using Answer = guestlan::MacPool::Answer;
  switch (why) {
    case Answer::given:
      break;
    case Answer::in_use:
      return error(Message::macid_in_use, module, {wire::to_string(macs.with_id(macid))});
    case Answer::none_free:
      return error(Message::no_macid_free, module, {});
    case Answer::outside_user_range:
      return error(Message::macid_outside_range, module,
                   {fmt::format("{:06X}", macid), to_string(macs.user_range)});
    case Answer::no_user_range:
      return error(Message::no_user_macids, module, {});
  }
  return {};
}

std::string to_string(const guestlan::MacIdRange& range) {
  return fmt::format("{:06X}-{:06X}", range.first, range.last);
}

Reply create_nic(System& system, VirtualMachine& user, const NicDefinition& definition,
                 std::string_view module) {
  constexpr unsigned highest_device = 0xffff;
  const auto base = to_string(definition.device);
  if (definition.devices < fewest_devices || definition.devices > most_devices(definition.kind)) {
    return error(Message::operand_missing, module, {});
  }
  if (definition.device.value + definition.devices - 1 > highest_device) {
    return error(Message::device_number_invalid, module, {});
  }
  if (const auto taken = taken_device(user, definition)) {
    return error(Message::device_exists, module, {to_string(*taken)});
  }
  const auto subchannel = user.free_subchannels(definition.devices);
  if (!subchannel) return error(Message::no_free_subchannels, module, {base});
  guestlan::NicSettings settings;
  settings.devices = definition.devices;
  if (const auto refused = give_mac(system, settings, definition.macid, module)) return *refused;
  settings.owner = user.userid();
  settings.kind = definition.kind;
  settings.base_device = definition.device;
  settings.channel_path = definition.channel_path.value_or(user.free_channel_path());
  user.add_nic(settings, *subchannel);
  return Reply(fmt::format("NIC {} is created; devices {}-{:04X} defined", base, base,
                           definition.device.value + definition.devices - 1));
}

Reply bring_up_nic(System& system, VirtualMachine& user, const NicDefinition& definition) {
  Reply reply = create_nic(system, user, definition, "NDF");
  if (reply.code != 0 || definition.lan_name.empty()) return reply;
  const Coupling coupling{definition.lan_owner, definition.lan_name, false, std::nullopt};
  const Reply coupled = couple_nic(system, *user.find_nic(definition.device), coupling, "NDF");
  reply.code = coupled.code;
  reply.lines.insert(reply.lines.end(), coupled.lines.begin(), coupled.lines.end());
  return reply;
}

std::string kind_and_name(const guestlan::Lan& lan) {
  const auto& attributes = lan.attributes();
  return fmt::format("{} {} {}", attributes.vswitch ? "VSWITCH" : "LAN", attributes.owner, attributes.name);
}

std::string disconnection(const guestlan::Nic& nic) {
  return fmt::format("NIC {} is disconnected from {}", to_string(nic.settings().base_device),
                     kind_and_name(*nic.lan()));
}

Reply destroy_lan(System& system, std::string_view issuer, guestlan::Lan& lan) {
  Reply reply;
  const auto nics = lan.nics();
  for (auto* nic : nics) {
    auto line = disconnection(*nic);
    nic->uncouple();
    if (nic->settings().owner == issuer) {
      reply.lines.push_back(std::move(line));
    } else {
      system.tell(nic->settings().owner, line);
    }
  }
  const auto gone = kind_and_name(lan) + " is destroyed";
  // Copies: they are the LAN's.
  const auto owner = lan.attributes().owner;
  const auto name = lan.attributes().name;
  system.vmlan.destroy(owner, name);
  reply.lines.push_back(gone);
  return reply;
}

}  // namespace vmlan::cp
