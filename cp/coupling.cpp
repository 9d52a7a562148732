#include "cp/coupling.h"

#include <fmt/format.h>

#include <algorithm>

#include "cp/nic_actions.h"
#include "cp/system.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {
namespace {

// What the directory says of this connection, if it may authorize any (VMLAN DNA); nullptr: nothing.
const NicDefinition* directory_word(const System& system, const guestlan::Nic& nic,
                                    const Coupling& coupling) {
  const auto* user = system.find(nic.settings().owner);
  if (user == nullptr || !system.vmlan.directory_network_authorization) return nullptr;
  const auto& nics = user->entry().nics;
  const auto found = std::find_if(nics.begin(), nics.end(), [&](const NicDefinition& definition) {
    return definition.device == nic.settings().base_device && definition.lan_owner == coupling.owner &&
           definition.lan_name == coupling.lan;
  });
  return found == nics.end() ? nullptr : &*found;
}

class Couple {
 public:
  Couple(System& system, guestlan::Nic& nic, guestlan::Lan& lan, const Coupling& coupling,
         std::string_view module)
      : nic_(nic),
        lan_(lan),
        coupling_(coupling),
        module_(module),
        directory_(directory_word(system, nic, coupling)),
        vouched_(coupling.authorized || directory_ != nullptr) {}

  Reply run() {
    auto refused = unfit();
    if (!refused && lan_.rules().port_based) refused = take_port();
    if (!refused) refused = couple();
    if (!refused) {
      return Reply(fmt::format("NIC {} is connected to {}", base(), kind_and_name(lan_)));
    }
    if (nic_.lan() == nullptr) {
      lan_.switch_ports().leave(nic_);
      nic_.set_directory({});
      nic_.set_port_rules(std::nullopt);
    }
    return *refused;
  }

 private:
  using Refusal = std::optional<Reply>;

  std::string base() const { return to_string(nic_.settings().base_device); }
  Refusal fail(Message message) const { return error(message, module_, {coupling_.owner, coupling_.lan}); }
  Refusal needs(std::string_view what, std::string_view kind) const {
    return error(Message::nic_needs, module_, {base(), what, kind, kind_and_name(lan_)});
  }

  // What somebody asked for, and this LAN has not.
  Refusal unfit() const {
    const bool numbered = coupling_.port || (directory_ != nullptr && directory_->port_number);
    if (numbered && !lan_.rules().port_based) return needs("PORTNUMBER", "PORTBASED VSWITCH");
    if (directory_ == nullptr) return std::nullopt;
    const auto& port = directory_->port;
    constexpr std::string_view aware = "VLAN-aware VSWITCH";
    if (!lan_.rules().vlan_aware && port.vlans.any()) return needs("VLAN", aware);
    if (!lan_.rules().vlan_aware && port.trunk) return needs("PORTTYPE", aware);
    if (!lan_.attributes().vswitch && port.priority) return needs("PQUPLINKTX", "VSWITCH");
    return std::nullopt;
  }

  Refusal take_port() {
    auto& ports = lan_.switch_ports();
    const auto& userid = nic_.settings().owner;
    const unsigned of_directory = directory_ == nullptr ? 0 : directory_->port_number.value_or(0);
    auto number = coupling_.port.value_or(of_directory);
    bool may_define = coupling_.authorized || (number != 0 && number == of_directory);
    if (number == 0) {
      auto found = ports.free_port_of(userid);
      may_define = vouched_;
      if (!found && vouched_) found = ports.unused_number();
      if (!found && (vouched_ || ports.has_port(userid))) {
        return error(Message::no_free_port, module_, {userid, coupling_.owner, coupling_.lan});
      }
      if (!found) return fail(Message::not_authorized_to_couple);
      number = *found;
    }
    auto* entry = ports.find(number);
    const bool anothers = entry == nullptr ? !may_define : entry->userid != userid;
    if (anothers && !may_define) return fail(Message::not_authorized_to_couple);
    if (anothers || (entry != nullptr && entry->nic != nullptr)) {
      return error(Message::port_in_use, module_, {std::to_string(number), coupling_.owner, coupling_.lan});
    }
    if (entry == nullptr) {
      entry = &ports.define(number, userid, {});
      entry->by_directory = true;
    }
    entry->nic = &nic_;
    return std::nullopt;
  }

  // Rights first: a driver that is told of its LAN may send at once.
  Refusal couple() {
    if (directory_ != nullptr) nic_.set_directory(directory_->port);
    const auto& vswitch = lan_.attributes().vswitch;
    if (vswitch && lan_.rules().vlan_aware && !guestlan::fits_port_type(*vswitch, lan_.wishes_of(nic_))) {
      return needs("more than one VLAN", "TRUNK port, as PORTTYPE says");
    }
    lan_.apply_rights(nic_);
    switch (nic_.couple(lan_, vouched_)) {
      case guestlan::CoupleResult::coupled:
        break;
      case guestlan::CoupleResult::already_coupled:
      case guestlan::CoupleResult::wrong_type:
        return error(Message::wrong_lan_type, module_, {base(), coupling_.owner, coupling_.lan});
      case guestlan::CoupleResult::not_authorized:
        return fail(Message::not_authorized_to_couple);
      case guestlan::CoupleResult::lan_full:
        return fail(Message::lan_full);
    }
    return std::nullopt;
  }

  guestlan::Nic& nic_;
  guestlan::Lan& lan_;
  const Coupling& coupling_;
  std::string_view module_;
  const NicDefinition* directory_;
  bool vouched_;
};

}  // namespace

Reply couple_nic(System& system, VirtualNic& nic, const Coupling& coupling, std::string_view module) {
  if (const auto* present = nic.base().lan()) {
    return error(Message::already_connected, module,
                 {to_string(nic.base().settings().base_device), present->attributes().owner,
                  present->attributes().name});
  }
  auto* lan = system.vmlan.find(coupling.owner, coupling.lan);
  if (lan == nullptr) {
    return error(Message::lan_does_not_exist, module, {coupling.owner, coupling.lan});
  }
  return Couple(system, nic.base(), *lan, coupling, module).run();
}

}  // namespace vmlan::cp
