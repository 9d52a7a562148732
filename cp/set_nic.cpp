// SET NIC. Source: CP Commands; marks of certainty in docs/DECISIONS.md.
#include "cp/commands.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/vlan_operands.h"

namespace vmlan::cp {
namespace {

Reply set_promiscuous(Request& request, VirtualNic& nic, arch::DeviceNumber device, bool on) {
  for (const auto& port : nic.base().ports()) {
    if (port->device_number() != device) continue;
    if (port->set_promiscuous(on) == qdio::IpaCode::success) return Reply("Command complete");
    const auto* lan = nic.base().lan();
    if (lan == nullptr) break;
    return request.fail(Message::not_authorized_for_promiscuous,
                        {lan->attributes().owner, lan->attributes().name});
  }
  if (nic.base().lan() == nullptr) {
    return request.fail(Message::not_connected, {to_string(nic.base().settings().base_device)});
  }
  return request.fail(Message::no_active_data_device, {to_string(device)});
}

// Of the whole NIC. Its driver has the address in its head and in its neighbours', so only while none uses
// it.
Reply set_macid(Request& request, VirtualNic& nic) {
  const bool of_system = request.words.take("SYStem");
  const bool of_user = !of_system && request.words.take("USEr");
  std::optional<std::uint32_t> macid;
  if (!of_system && !of_user) {
    macid = parse_macid(request.words.next());
    if (!macid) return request.fail(Message::operand_missing);
  }
  if (!request.at_end()) return request.fail_excess();
  const guestlan::NicSettings present = nic.base().settings();
  if (nic.in_use()) return request.fail(Message::nic_in_use, {to_string(present.base_device)});
  auto& macs = request.system.vmlan.macs;
  auto wanted = present;
  macs.release(present);  // it may get the one it has
  const auto answer = of_system ? macs.give_system(wanted)
                      : of_user ? macs.give_user(wanted)
                                : macs.give(wanted, *macid);
  if (answer != guestlan::MacPool::Answer::given) {
    macs.reserve(present);
    return mac_refused(macs, answer, macid.value_or(0), request.command->module);
  }
  nic.base().set_mac(wanted.mac);
  return Reply("Command complete");
}

Reply set_mac_protection(Request& request, VirtualNic& nic) {
  const auto protection = take_mac_protection(request);
  if (!protection) return *protection.error;
  if (!request.at_end()) return request.fail_excess();
  nic.base().set_mac_protection(protection.value);
  return Reply("Command complete");
}

}  // namespace

Reply set_nic(Request& request) {
  VirtualMachine* user = request.machine;
  if (request.words.take("USERid")) {
    if (!request.has_class("B")) return request.fail(Message::invalid_option, {"USERID"});
    const auto userid = take_owner(request);
    if (!userid) return *userid.error;
    user = request.system.find(userid.value);
    if (user == nullptr) return request.fail(Message::not_logged_on, {userid.value});
  }
  if (user == nullptr) return request.fail_without_machine();
  const auto device = take_device(request);
  if (!device) return *device.error;
  if (request.at_end()) return request.fail(Message::operand_missing);
  const auto word = request.words.next();
  const bool on = matches(word, "PROmiscuous");
  const bool promiscuity = on || matches(word, "NOPROmiscuous");
  const bool macid = matches(word, "MACID");
  const bool known = promiscuity || macid || matches(word, "MACProtect");
  if (!known || (!promiscuity && !request.has_class("B")))
    return request.fail(Message::invalid_option, {word});
  if (promiscuity && !request.at_end()) return request.fail_excess();
  auto* nic = user->nic_of_device(device.value);
  if (nic == nullptr) return request.fail(Message::device_does_not_exist, {to_string(device.value)});
  if (promiscuity) return set_promiscuous(request, *nic, device.value, on);
  return macid ? set_macid(request, *nic) : set_mac_protection(request, *nic);
}

}  // namespace vmlan::cp
