#include "cp/nic_actions.h"

#include <fmt/format.h>

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
  if (definition.promiscuous) {
    // The directory authorizes what SET LAN GRANT would.
    if (auto* lan = system.vmlan.find(definition.lan_owner, definition.lan_name)) {
      lan->grant(user.userid(), {.promiscuous = true});
    }
  }
  constexpr bool authorized_by_directory = true;
  const Reply coupled = couple_nic(system, *user.find_nic(definition.device), definition.lan_owner,
                                   definition.lan_name, authorized_by_directory, "NDF");
  reply.code = coupled.code;
  reply.lines.insert(reply.lines.end(), coupled.lines.begin(), coupled.lines.end());
  return reply;
}

void set_port_rules(const guestlan::Lan& lan, guestlan::Nic& nic) {
  const auto& vswitch = lan.attributes().vswitch;
  if (!vswitch || !lan.rules().vlan_aware) return nic.set_port_rules(std::nullopt);
  const auto grant = lan.access_list().find(nic.settings().owner);
  const auto wishes = grant == lan.access_list().end() ? guestlan::PortWishes{} : grant->second.port;
  nic.set_port_rules(guestlan::rules_for(*vswitch, lan.rules(), wishes));
}

std::string kind_and_name(const guestlan::Lan& lan) {
  const auto& attributes = lan.attributes();
  return fmt::format("{} {} {}", attributes.vswitch ? "VSWITCH" : "LAN", attributes.owner, attributes.name);
}

Reply couple_nic(System& system, VirtualNic& nic, std::string_view owner, std::string_view lan_name,
                 bool authorized, std::string_view module) {
  const auto base = to_string(nic.base().settings().base_device);
  if (const auto* present = nic.base().lan()) {
    return error(Message::already_connected, module,
                 {base, present->attributes().owner, present->attributes().name});
  }
  auto* lan = system.vmlan.find(owner, lan_name);
  if (lan == nullptr) return error(Message::lan_does_not_exist, module, {owner, lan_name});
  set_port_rules(*lan, nic.base());
  switch (nic.base().couple(*lan, authorized)) {
    case guestlan::CoupleResult::coupled:
      return Reply(fmt::format("NIC {} is connected to {}", base, kind_and_name(*lan)));
    case guestlan::CoupleResult::already_coupled:
      return error(Message::already_connected, module, {base, owner, lan_name});
    case guestlan::CoupleResult::wrong_type:
      return error(Message::wrong_lan_type, module, {base, owner, lan_name});
    case guestlan::CoupleResult::not_authorized:
      return error(Message::not_authorized_to_couple, module, {owner, lan_name});
    case guestlan::CoupleResult::lan_full:
      return error(Message::lan_full, module, {owner, lan_name});
  }
  return {};
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
