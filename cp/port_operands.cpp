#include "cp/port_operands.h"

#include <algorithm>
#include <array>

namespace vmlan::cp {
namespace {

using guestlan::PortWishes;
using guestlan::UplinkPriority;

std::optional<std::uint16_t> parse_vlan_id(std::string_view word) {
  const auto number = parse_decimal(word);
  if (!number || *number < guestlan::lowest_vlan || *number > guestlan::highest_vlan) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// "10", "20-29"; false: it is no VLAN id or range, and the set is as it was.
bool add_vlans(std::string_view word, guestlan::VlanSet& vlans) {
  const auto dash = word.find('-');
  const auto first = parse_vlan_id(word.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_vlan_id(word.substr(dash + 1));
  if (!first || !last || *last < *first) return false;
  for (unsigned vlan = *first; vlan <= *last; ++vlan) vlans.set(vlan);
  return true;
}

bool begins_number(std::string_view word) { return !word.empty() && word[0] >= '0' && word[0] <= '9'; }

std::optional<std::string> parse_vlans(Words& words, PortWishes& wishes) {
  wishes.vlans.reset();
  do {
    const auto word = words.next();
    if (!add_vlans(word, wishes.vlans)) return word;
  } while (begins_number(words.peek()));
  return std::nullopt;
}

std::optional<std::string> parse_port_type(Words& words, PortWishes& wishes) {
  const auto word = words.next();
  if (word != "ACCESS" && word != "TRUNK") return word;
  wishes.trunk = word == "TRUNK";
  return std::nullopt;
}

std::optional<std::string> parse_priority(Words& words, PortWishes& wishes) {
  const auto word = words.next();
  if (word == "LOW") {
    wishes.priority = UplinkPriority::low;
  } else if (word == "NORMAL") {
    wishes.priority = UplinkPriority::normal;
  } else if (word == "HIGH") {
    wishes.priority = UplinkPriority::high;
  } else {
    return word;
  }
  return std::nullopt;
}

template <bool on>
std::optional<std::string> set_promiscuous(Words&, PortWishes& wishes) {
  wishes.promiscuous = on;
  return std::nullopt;
}

constexpr std::array port_operands{
    PortOperand{"PROmiscuous", "", set_promiscuous<true>},
    PortOperand{"NOPROmiscuous", "", set_promiscuous<false>},
    PortOperand{"PORTType", "ACCESS or TRUNK", parse_port_type, true},
    PortOperand{"PQUPLINKTX", "LOW, NORMAL or HIGH", parse_priority},
    PortOperand{"VLAN", "ids of 1-4094 and ranges of them, as in 10 20-29", parse_vlans, true},
};

}  // namespace

const PortOperand* find_port_operand(std::string_view word) {
  const auto* row = std::find_if(port_operands.begin(), port_operands.end(),
                                 [&](const auto& operand) { return matches(word, operand.keyword); });
  return row == port_operands.end() ? nullptr : row;
}

Operand<PortWishes> take_port_wishes(Request& request, const guestlan::Lan& lan) {
  PortWishes wishes;
  while (!request.at_end()) {
    const auto word = request.words.next();
    const auto* operand = find_port_operand(word);
    if (operand == nullptr) return {{}, request.fail(Message::invalid_operand, {word})};
    if (operand->of_vlans && !lan.rules().vlan_aware) {
      return {{}, request.fail(Message::conflicting_option, {to_upper(operand->keyword)})};
    }
    if (const auto wrong = operand->parse(request.words, wishes)) {
      if (wrong->empty()) return {{}, request.fail(Message::operand_missing)};
      return {{}, request.fail(Message::invalid_operand, {*wrong})};
    }
  }
  return {wishes, std::nullopt};
}

std::optional<unsigned> parse_port_number(std::string_view word) {
  const auto number = parse_decimal(word);
  const bool fits =
      number && *number >= guestlan::SwitchPorts::lowest && *number <= guestlan::SwitchPorts::highest;
  return fits ? std::optional<unsigned>(*number) : std::nullopt;
}

Operand<unsigned> take_port_number(Request& request) {
  const auto number = take_number(request, guestlan::SwitchPorts::lowest, guestlan::SwitchPorts::highest);
  return {number.value, number.error};
}

}  // namespace vmlan::cp
