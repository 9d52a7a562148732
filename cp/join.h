// A guest that runs outside of the base, in an emulator, logs on as a user of the system: its NIC stands in
// the base like any other, only its queues are at the other end of a link.
//
// Threads: the base's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cp/user_entry.h"
#include "guestlan/lan.h"
#include "qdio/adapter/adapter.h"
#include "wire/mac_address.h"

namespace vmlan::cp {

class System;

struct JoinRequest {
  std::string userid;
  NicDefinition nic;                    // lan_owner and lan_name may be empty: not coupled
  std::optional<wire::MacAddress> mac;  // instead of one of the system's
  bool mac_is_wish = false;  // only if it is free and the system could have given it; else no matter
  bool create_lan = false;   // a LAN that does not exist is defined, with `transport`
  qdio::Transport transport = qdio::Transport::ethernet;
  bool whole_super_frames = false;  // the NIC's guest takes them
  std::uint16_t vlan = 0;  // of a switch that knows VLANs: the one it is to be in, untagged; 0: its user's
  bool may_be_logged_on = false;  // another NIC of a guest that has joined already
};

struct Joined {
  guestlan::Nic* nic = nullptr;  // nullptr: refused
  std::string refusal;           // "HCPLGA054E ..."
};

// Logs the user on if needed (as the directory says, without IPL; class G if the directory does not know it),
// makes the NIC or takes the one its NICDEF made, couples it. `replies` gets the adapter's answers.
Joined join(System& system, const JoinRequest& request, qdio::ControlReplies& replies);
// The emulator's card is gone: the NIC is destroyed, and with the last card of this guest the user is logged
// off, whatever NICs the directory has given it besides.
void leave(System& system, std::string_view userid, arch::DeviceNumber nic, bool last);

}  // namespace vmlan::cp
