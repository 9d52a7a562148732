#include "cp/system.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace vmlan::cp {

namespace {

// Fewer have no use for large pages.
constexpr std::size_t many_users = 64;

}  // namespace

System::System(Options options)
    : disks(directory, options.host_disk, options.leftovers),
      uplinks(options.make_uplink, [this](const std::string& line) { tell_operator(line); }),
      port_groups(options.make_group, uplinks),
      options_(std::move(options)),
      started_at_(options_.clock.date()) {}

System::~System() {
  storages.close();
  // A LAN must outlive the NICs coupled to it. Who came last is found soonest in all lists.
  while (!users_.empty()) destroy(*users_.rbegin()->second);
}

VirtualMachine* System::find(std::string_view userid) const {
  const auto found = by_userid_.find(userid);
  return found == by_userid_.end() ? nullptr : found->second;
}

VirtualMachine* System::create(std::shared_ptr<const UserEntry> entry) {
  try {
    auto user = std::make_unique<VirtualMachine>(*this, std::move(entry), next_sequence_);
    auto* machine = user.get();
    users_.emplace(next_sequence_++, std::move(user));
    by_userid_.emplace(machine->userid(), machine);
    if (users_.size() >= many_users) heap_.tend();
    vmlan.owner_logged_on(machine->userid());
    return machine;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void System::destroy(VirtualMachine& user) {
  const std::string userid(user.userid());
  user.set_program(nullptr);
  while (!user.nics().empty()) user.remove_nic(user.nics().begin()->first);
  by_userid_.erase(user.userid());
  users_.erase(user.sequence());
  vmlan.owner_logged_off(userid);
}

std::string System::assign_terminal() {
  constexpr unsigned terminals = 0x10000;
  return fmt::format("GRAF L{:04X}", next_terminal_++ % terminals);
}

void System::schedule_logoff(const VirtualMachine& user, std::string_view by) {
  if (!logoff_pending(user.userid())) pending_logoffs_.emplace_back(user.userid(), by);
}

bool System::logoff_pending(std::string_view userid) const {
  return std::any_of(pending_logoffs_.begin(), pending_logoffs_.end(),
                     [&](const auto& logoff) { return logoff.first == userid; });
}

void System::tell_operator(std::string_view line) {
  tell(find(operator_userid) != nullptr ? operator_userid : system_userid, line);
}

void System::tell_operator_unless(std::string_view userid, std::string_view line) {
  if (userid != operator_userid) tell_operator(line);
}

void System::uncouple(guestlan::Nic& nic) {
  guestlan::Lan* lan = nic.lan();
  if (lan == nullptr) return;
  nic.uncouple();
  vmlan.nic_left(*lan);
}

}  // namespace vmlan::cp
