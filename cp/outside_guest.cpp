#include "cp/outside_guest.h"

#include <algorithm>

#include "cp/nic_actions.h"
#include "cp/session.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

constexpr std::string_view speaker = "VNI";

std::string first_line(const Reply& reply) {
  return reply.lines.empty() ? std::string() : reply.lines.front();
}

UserEntry unknown_user(const std::string& userid) {
  UserEntry entry;
  entry.userid = userid;
  entry.storage = megabyte;  // its storage is the emulator's; this one stays untouched
  return entry;
}

// nullptr: refused, and why.
VirtualMachine* logged_on(System& system, const OutsideGuest& guest, std::string& refusal) {
  if (!valid_userid(guest.userid)) {
    refusal = format(Message::invalid_userid, speaker, {guest.userid});
    return nullptr;
  }
  if (auto* user = system.find(guest.userid)) {
    if (guest.may_be_logged_on) return user;
    refusal = format(Message::already_logged_on, "LGA",
                     {guest.userid, user->connected() ? user->terminal() : "disconnected"});
    return nullptr;
  }
  auto entry = system.directory.find(guest.userid);
  if (entry == nullptr) {
    system.directory.add(unknown_user(guest.userid));
    entry = system.directory.find(guest.userid);
  }
  if (entry->rule == LogonRule::never) {
    refusal = format(Message::logon_unsuccessful, "LGA");
    return nullptr;
  }
  LogonOptions options;
  options.silent = true;
  options.no_ipl = true;
  auto* user = log_on(system, entry, options);
  if (user == nullptr) refusal = format(Message::no_storage, "LGN", {guest.userid});
  return user;
}

// nullptr: the directory knows no such NIC of this user.
const NicDefinition* find_definition(const VirtualMachine& user, arch::DeviceNumber device) {
  const auto& nics = user.entry().nics;
  const auto found = std::find_if(nics.begin(), nics.end(),
                                  [device](const NicDefinition& nic) { return nic.device == device; });
  return found == nics.end() ? nullptr : &*found;
}

// The directory's NICs come with the logon. One of them that its guest has left and comes back to is made
// again as the directory has it.
Reply make_nic(System& system, VirtualMachine& user, const OutsideGuest& guest) {
  const auto number = guest.nic.device;
  const auto* definition = find_definition(user, number);
  if (user.find_nic(number) == nullptr) {
    Reply reply = create_nic(system, user, definition != nullptr ? *definition : guest.nic, speaker);
    if (reply.code != 0) return reply;
    if (definition != nullptr && !definition->lan_name.empty()) {
      constexpr bool authorized_by_directory = true;
      couple_nic(system, *user.find_nic(number), definition->lan_owner, definition->lan_name,
                 authorized_by_directory, speaker);
    }
  }
  const auto& settings = user.find_nic(number)->base().settings();
  const bool fits = settings.kind == guest.nic.kind && settings.devices >= guest.nic.devices;
  return fits ? Reply{} : error(Message::device_exists, speaker, {to_string(number)});
}

// A MAC address that the directory names stays, and one the pool does not give out is nobody's to wish for.
bool may_have(const System& system, const VirtualMachine& user, const OutsideGuest& guest) {
  const auto* definition = find_definition(user, guest.nic.device);
  const bool named = definition != nullptr && definition->macid;
  constexpr unsigned macid_bits = 24;
  const std::uint64_t number = guest.mac->as_integer();
  const std::uint64_t macid = number & ((1U << macid_bits) - 1U);
  return !named && macid != 0 && number >> macid_bits == system.vmlan.mac_prefix;
}

Reply set_mac(System& system, VirtualMachine& user, guestlan::Nic& nic, const OutsideGuest& guest) {
  const auto present = nic.settings().mac;
  if (!guest.mac || *guest.mac == present) return {};
  if (guest.mac_is_wish && !may_have(system, user, guest)) return {};
  if (!system.reserve_mac(*guest.mac)) {
    if (guest.mac_is_wish) return {};
    return error(Message::macid_in_use, speaker, {wire::to_string(*guest.mac)});
  }
  system.release_mac(present);
  nic.set_mac(*guest.mac);
  return {};
}

Reply couple(System& system, VirtualNic& nic, const OutsideGuest& guest) {
  if (guest.nic.lan_name.empty() || nic.base().lan() != nullptr) return {};
  if (guest.create_lan && system.vmlan.find(guest.nic.lan_owner, guest.nic.lan_name) == nullptr) {
    guestlan::LanAttributes attributes;
    attributes.owner = guest.nic.lan_owner;
    attributes.name = guest.nic.lan_name;
    attributes.transport = guest.transport;
    attributes.type =
        guest.nic.kind == qdio::AdapterKind::iqd ? guestlan::LanType::hipers : guestlan::LanType::qdio;
    system.vmlan.create(attributes);
  }
  constexpr bool authorized_by_directory = false;
  return couple_nic(system, nic, guest.nic.lan_owner, guest.nic.lan_name, authorized_by_directory, speaker);
}

}  // namespace

Joined join(System& system, const OutsideGuest& guest, qdio::ControlReplies& replies) {
  Joined joined;
  const bool was_there = system.find(guest.userid) != nullptr;
  auto* user = logged_on(system, guest, joined.refusal);
  if (user == nullptr) return joined;
  Reply reply = make_nic(system, *user, guest);
  if (reply.code == 0) {
    auto& nic = *user->find_nic(guest.nic.device);
    reply = set_mac(system, *user, nic.base(), guest);
    if (reply.code == 0) reply = couple(system, nic, guest);
    joined.nic = &nic.base();
    nic.base().take_whole_super_frames(guest.whole_super_frames);
    nic.base().attach(replies);
  }
  if (reply.code == 0) return joined;
  joined.refusal = first_line(reply);
  joined.nic = nullptr;
  if (was_there) {
    user->remove_nic(guest.nic.device);
  } else {
    log_off(system, *user, "");
  }
  return joined;
}

void leave(System& system, std::string_view userid, arch::DeviceNumber nic, bool last) {
  auto* user = system.find(userid);
  if (user == nullptr) return;
  if (user->find_nic(nic) != nullptr) user->remove_nic(nic);
  if (last) log_off(system, *user, "");
}

}  // namespace vmlan::cp
