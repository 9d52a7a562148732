// What SET VSWITCH GRANT, SET VSWITCH PORTNUMBER and NICDEF say of one port of a virtual switch.
//
// Source: CP Commands, SET VSWITCH ("Grant and Portnumber Options"); CP Planning, NICDEF. Threads: the
// base's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cp/operands.h"
#include "guestlan/lan.h"

namespace vmlan::cp {

struct PortOperand {
  std::string_view keyword;
  std::string_view takes;  // "ACCESS or TRUNK"
  // What stands behind the keyword; the word that is wrong, empty if there is none; nothing: fine.
  std::optional<std::string> (*parse)(Words& words, guestlan::PortWishes& wishes);
  bool of_vlans = false;  // means nothing on a switch that is VLAN unaware
};
// nullptr: no such operand.
const PortOperand* find_port_operand(std::string_view word);

// All that is left of the line.
Operand<guestlan::PortWishes> take_port_wishes(Request& request, const guestlan::Lan& lan);
// 1-2048: HCP026E, HCP002E.
Operand<unsigned> take_port_number(Request& request);
std::optional<unsigned> parse_port_number(std::string_view word);

}  // namespace vmlan::cp
