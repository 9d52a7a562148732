#include "guestlan/switch_ports.h"

#include <algorithm>
#include <cassert>

namespace vmlan::guestlan {

SwitchPorts::Entry* SwitchPorts::find(unsigned number) noexcept {
  const auto found = entries_.find(number);
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<unsigned> SwitchPorts::number_of(const Nic& nic) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry.second.nic == &nic; });
  return found == entries_.end() ? std::nullopt : std::optional(found->first);
}

const SwitchPorts::Entry* SwitchPorts::of(const Nic& nic) const noexcept {
  const auto number = number_of(nic);
  return number ? &entries_.find(*number)->second : nullptr;
}

bool SwitchPorts::has_port(std::string_view userid) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return entry.second.userid == userid; });
}

std::optional<unsigned> SwitchPorts::free_port_of(std::string_view userid) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.userid == userid && entry.second.nic == nullptr;
  });
  return found == entries_.end() ? std::nullopt : std::optional(found->first);
}

std::optional<unsigned> SwitchPorts::unused_number() const noexcept {
  for (unsigned number = first_unnumbered; number <= highest; ++number) {
    if (entries_.find(number) == entries_.end()) return number;
  }
  for (unsigned number = lowest; number < first_unnumbered; ++number) {
    if (entries_.find(number) == entries_.end()) return number;
  }
  return std::nullopt;
}

SwitchPorts::Entry& SwitchPorts::define(unsigned number, std::string_view userid, const PortWishes& wishes) {
  assert(number >= lowest && number <= highest && find(number) == nullptr);
  return entries_.emplace(number, Entry{std::string(userid), wishes}).first->second;
}

void SwitchPorts::leave(const Nic& nic) {
  const auto number = number_of(nic);
  if (!number) return;
  Entry& entry = entries_.find(*number)->second;
  entry.nic = nullptr;
  if (entry.by_directory) entries_.erase(*number);
}

}  // namespace vmlan::guestlan
