// Operands several commands share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

// A required decimal number within these limits, both included: HCP026E, HCP002E.
Operand<std::uint32_t> take_number(Request& request, std::uint32_t least, std::uint32_t most);
// ON or OFF; nothing: neither.
std::optional<bool> take_on_off(Words& words);

// One of the operands of a command that come in any order: a keyword, and what reads what stands behind it
// (nothing = fine).
template <class Target>
struct KeywordOperand {
  std::string_view keyword;
  std::optional<Reply> (*parse)(Request&, Target&);
};

// One that says what is so anyway.
template <class Target>
std::optional<Reply> accept_operand(Request&, Target&) {
  return std::nullopt;
}
// One that makes no sense here, refused by its name.
template <class Target, char const* name>
std::optional<Reply> refuse_operand(Request& request, Target&) {
  return request.fail(Message::not_supported, {name});
}

// All that is left of the line; nothing = fine. HCP002E for a word that is no keyword.
template <class Target, std::size_t count>
std::optional<Reply> parse_operands(Request& request, Target& target,
                                    const std::array<KeywordOperand<Target>, count>& operands) {
  while (!request.at_end()) {
    const auto word = request.words.next();
    const auto operand = std::find_if(operands.begin(), operands.end(),
                                      [&](const auto& row) { return matches(word, row.keyword); });
    if (operand == operands.end()) return request.fail(Message::invalid_operand, {word});
    if (auto failed = operand->parse(request, target)) return failed;
  }
  return std::nullopt;
}

// May the issuer act for this LAN owner? Class G: only for itself.
bool may_act_for(const Request& request, std::string_view owner);

}  // namespace vmlan::cp
