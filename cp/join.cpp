#include "cp/join.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "cp/coupling.h"
#include "cp/logon.h"
#include "cp/nic_actions.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

constexpr std::string_view speaker = "VNI";

std::string first_line(const Reply& reply) {
  return reply.lines.empty() ? std::string() : reply.lines.front();
}

// Not for the directory: whoever reaches the socket can name users without end, and they go with their guest.
std::shared_ptr<const UserEntry> unknown_user(const std::string& userid) {
  UserEntry entry;
  entry.userid = userid;
  entry.storage = megabyte;  // its storage is the emulator's; this one stays untouched
  return std::make_shared<const UserEntry>(std::move(entry));
}

// nullptr: refused, and why.
VirtualMachine* logged_on(System& system, const JoinRequest& request, std::string& refusal) {
  if (!valid_userid(request.userid)) {
    refusal = format(Message::invalid_userid, speaker, {request.userid});
    return nullptr;
  }
  if (auto* user = system.find(request.userid)) {
    if (request.may_be_logged_on) return user;
    refusal = format(Message::already_logged_on, "LGA",
                     {request.userid, user->connected() ? user->terminal() : "disconnected"});
    return nullptr;
  }
  auto entry = system.directory.find(request.userid);
  if (entry == nullptr) entry = unknown_user(request.userid);
  if (entry->rule == LogonRule::never) {
    refusal = format(Message::logon_unsuccessful, "LGA");
    return nullptr;
  }
  LogonOptions options;
  options.silent = true;
  options.no_ipl = true;
  auto* user = log_on(system, entry, options);
  if (user == nullptr) refusal = format(Message::no_storage, "LGN", {request.userid});
  return user;
}

// nullptr: the directory knows no such NIC of this user.
const NicDefinition* find_definition(const VirtualMachine& user, arch::DeviceNumber device) {
  const auto& nics = user.entry().nics;
  const auto found = std::find_if(nics.begin(), nics.end(),
                                  [device](const NicDefinition& nic) { return nic.device == device; });
  return found == nics.end() ? nullptr : &*found;
}

// Creates a NIC and couples it to the LAN its definition names; whether it is on a LAN is judged later.
Reply make_nic(System& system, VirtualMachine& user, const NicDefinition& definition) {
  Reply reply = create_nic(system, user, definition, speaker);
  if (reply.code != 0 || definition.lan_name.empty()) return reply;
  couple_nic(system, *user.find_nic(definition.device),
             {definition.lan_owner, definition.lan_name, false, std::nullopt}, speaker);
  return reply;
}

// The directory's NICs come with the logon. One of them that its guest has left and comes back to is made
// again as the directory has it. `made`: there was none before.
Reply provide_nic(System& system, VirtualMachine& user, const JoinRequest& request, bool& made) {
  const auto number = request.nic.device;
  const auto* present = user.find_nic(number);
  made = present == nullptr;
  if (made) {
    if (const auto* definition = find_definition(user, number)) {
      const Reply reply = make_nic(system, user, *definition);
      if (reply.code != 0) return reply;
    } else {
      NicDefinition alone = request.nic;  // is coupled later, with the user's own rights
      alone.lan_owner.clear();
      alone.lan_name.clear();
      return make_nic(system, user, alone);
    }
    present = user.find_nic(number);
  }
  const auto& settings = present->base().settings();
  if (settings.kind != request.nic.kind || settings.devices < request.nic.devices) {
    return error(Message::device_exists, speaker, {to_string(number)});
  }
  if (present->in_use()) return error(Message::nic_in_use, speaker, {to_string(number)});
  return {};
}

// A MAC address that the directory names stays, and one the pool does not give out is nobody's to wish for.
bool may_have(const System& system, const VirtualMachine& user, const JoinRequest& request) {
  const auto* definition = find_definition(user, request.nic.device);
  const bool named = definition != nullptr && definition->macid;
  return !named && system.vmlan.macs.is_of_system(*request.mac);
}

// Where MAC protection holds, nobody outside names an address: it would be the one that is protected.
bool may_name(const System& system, const guestlan::Nic& nic, const JoinRequest& request) {
  const auto* lan = nic.lan();
  if (lan == nullptr) lan = system.vmlan.find(request.nic.lan_owner, request.nic.lan_name);
  const bool by_default = lan == nullptr ? system.vmlan.mac_protect() : lan->protects_guests();
  return !guestlan::protects(nic.settings().mac_protect, by_default);
}

Reply set_mac(System& system, VirtualMachine& user, guestlan::Nic& nic, const JoinRequest& request) {
  const guestlan::NicSettings present = nic.settings();
  if (!request.mac || *request.mac == present.mac) return {};
  if (request.mac_is_wish && !may_have(system, user, request)) return {};
  if (!request.mac_is_wish) {
    const auto text = wire::to_string(*request.mac);
    if (request.mac->is_group()) return error(Message::invalid_operand, speaker, {text});
    if (!may_name(system, nic, request)) {
      return error(Message::mac_not_given, speaker, {text, to_string(present.base_device)});
    }
  }
  guestlan::NicSettings wanted = present;
  wanted.mac = *request.mac;
  auto& macs = system.vmlan.macs;
  macs.release(present);  // one of its own stations may have had it
  if (!macs.reserve(wanted)) {
    macs.reserve(present);
    if (request.mac_is_wish) return {};
    return error(Message::macid_in_use, speaker, {wire::to_string(*request.mac)});
  }
  nic.set_mac(*request.mac);
  return {};
}

// Whoever reaches the socket can name LANs without end.
bool guests_may_make_one_more(const System& system) {
  constexpr std::ptrdiff_t most = 64;
  const auto lans = system.vmlan.all();
  return std::count_if(lans.begin(), lans.end(),
                       [](const auto* lan) { return lan->attributes().made_by_guest; }) < most;
}

Reply couple(System& system, VirtualNic& nic, const JoinRequest& request) {
  if (request.nic.lan_name.empty() || nic.base().lan() != nullptr) return {};
  for (const auto& name : {request.nic.lan_owner, request.nic.lan_name}) {
    // Nothing is to exist under a name that no command could type.
    if (!valid_name(name)) return error(Message::invalid_operand, speaker, {printable(name)});
  }
  if (request.create_lan && system.vmlan.find(request.nic.lan_owner, request.nic.lan_name) == nullptr &&
      guests_may_make_one_more(system)) {
    guestlan::LanAttributes attributes;
    attributes.owner = request.nic.lan_owner;
    attributes.name = request.nic.lan_name;
    attributes.transport = request.transport;
    attributes.made_by_guest = true;
    attributes.type =
        request.nic.kind == qdio::AdapterKind::iqd ? guestlan::LanType::hipers : guestlan::LanType::qdio;
    if (system.vmlan.create(attributes) == guestlan::LanRegistry::CreateResult::limit_reached) {
      return error(Message::lan_limit, speaker,
                   {attributes.owner, attributes.name, attributes.persistent() ? "PERSISTENT" : "TRANSIENT"});
    }
  }
  return couple_nic(system, nic, {request.nic.lan_owner, request.nic.lan_name, false, std::nullopt}, speaker);
}

// Its LAN knows VLANs, and its user has a right to this one; 0: to whichever.
Reply take_vlan_of_guest(guestlan::Nic& nic, std::uint16_t vlan) {
  const auto* lan = nic.lan();
  if (vlan == 0) {
    if (lan != nullptr) lan->apply_rights(nic);
    return {};
  }
  if (lan == nullptr || !lan->rules().vlan_aware) {
    return error(Message::lan_knows_no_vlans, speaker,
                 {std::to_string(vlan), lan == nullptr ? std::string("no LAN") : kind_and_name(*lan)});
  }
  lan->apply_rights(nic);
  const auto* rules = nic.port_rules();
  if (rules != nullptr && rules->has(vlan)) return {};
  return error(Message::not_authorized_for_vlan, speaker, {std::to_string(vlan), kind_and_name(*lan)});
}

Reply make_ready(System& system, VirtualMachine& user, VirtualNic& nic, const JoinRequest& request) {
  Reply reply = set_mac(system, user, nic.base(), request);
  if (reply.code != 0) return reply;
  nic.base().choose_vlan(request.vlan);
  reply = couple(system, nic, request);
  return reply.code != 0 ? reply : take_vlan_of_guest(nic.base(), request.vlan);
}

// For the next who joins with it, a NIC is as if the one refused had not been there.
class Undo {
 public:
  explicit Undo(const guestlan::Nic& nic)
      : settings_(nic.settings()), vlan_(nic.chosen_vlan()), coupled_(nic.lan() != nullptr) {}
  void run(System& system, guestlan::Nic& nic) const {
    if (!coupled_) system.uncouple(nic);
    auto& macs = system.vmlan.macs;
    macs.release(nic.settings());
    macs.reserve(settings_);
    nic.set_mac(settings_.mac);
    nic.choose_vlan(vlan_);
    if (nic.lan() != nullptr) nic.lan()->apply_rights(nic);
  }

 private:
  guestlan::NicSettings settings_;
  std::uint16_t vlan_;
  bool coupled_;
};

}  // namespace

Joined join(System& system, const JoinRequest& request, qdio::ControlReplies& replies) {
  Joined joined;
  const bool was_there = system.find(request.userid) != nullptr;
  auto* user = logged_on(system, request, joined.refusal);
  if (user == nullptr) return joined;
  bool made = false;
  Reply reply = provide_nic(system, *user, request, made);
  auto* nic = reply.code == 0 ? user->find_nic(request.nic.device) : nullptr;
  if (nic != nullptr) {
    const Undo undo(nic->base());
    reply = make_ready(system, *user, *nic, request);
    if (reply.code != 0) undo.run(system, nic->base());
  }
  if (reply.code == 0 && nic != nullptr) {
    nic->base().take_whole_super_frames(request.whole_super_frames);
    nic->hand_over(replies);
    joined.nic = &nic->base();
    return joined;
  }
  joined.refusal = first_line(reply);
  // What was there before stays as it is, whoever uses it.
  if (was_there) {
    if (made) user->remove_nic(request.nic.device);
  } else {
    log_off(system, *user, "");
  }
  return joined;
}

void leave(System& system, std::string_view userid, arch::DeviceNumber nic, bool last) {
  auto* user = system.find(userid);
  if (user == nullptr) return;
  const auto* left = user->find_nic(nic);
  if (left != nullptr && left->handed_over()) user->remove_nic(nic);
  if (last) log_off(system, *user, "");
}

}  // namespace vmlan::cp
