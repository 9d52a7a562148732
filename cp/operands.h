// Operands several commands share.
#pragma once

#include <optional>
#include <string>

#include "cp/command.h"
#include "cp/user_entry.h"
#include "cp/virtual_nic.h"

namespace vmlan::cp {

// An operand, or the error reply that ends the command.
template <class T>
struct Operand {
  T value{};
  std::optional<Reply> error;
  explicit operator bool() const noexcept { return !error.has_value(); }
};

// A required device number: HCP022E.
Operand<arch::DeviceNumber> take_device(Request& request);
// One device, or a range: 0600-0602.
struct DeviceRange {
  arch::DeviceNumber first;
  arch::DeviceNumber last;
};
Operand<DeviceRange> take_devices(Request& request);
// A required 1-8 character name: HCP026E, HCP002E.
Operand<std::string> take_name(Request& request);
// The word after OWNERid: a user id, SYSTEM, or * for the issuer.
Operand<std::string> take_owner(Request& request);
// The NIC of the issuer at a base device number: HCP022E, HCP040E, HCP9015E for another
// device of a NIC, HCP006E for something else.
Operand<VirtualNic*> take_nic(Request& request);

// May the issuer act for this LAN owner? Class G: only for itself.
bool may_act_for(const Request& request, std::string_view owner);

}  // namespace vmlan::cp
