// COUPLE, at whoever's wish: finds what directory, access list and numbered ports allow, and puts the NIC
// there.
//
// Threads: the base's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cp/command.h"

namespace vmlan::cp {

class VirtualNic;

struct Coupling {
  std::string owner;
  std::string lan;
  bool authorized = false;       // somebody vouches for the user, whatever access list and ports say
  std::optional<unsigned> port;  // of a PORTBASED switch, as somebody has named it; 0: AUTO
};

// A NICDEF of the user that names this NIC and this LAN authorizes it, and what it says of the port goes
// before grant, numbered port and switch. `module` names the speaker of error messages.
Reply couple_nic(System& system, VirtualNic& nic, const Coupling& coupling, std::string_view module);

}  // namespace vmlan::cp
