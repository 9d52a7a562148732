// `vmlan capture`: the frames of a LAN of the running system, live, as pcapng; by hand or as Wireshark's
// extcap.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <string>

#include "apps/system/exit_code.h"

namespace vmlan::apps {

struct CaptureOptions {
  std::string socket;  // of the system; empty: where vmlan serve listens
  std::string lan_owner;
  std::string lan_name;
  std::string user;          // empty: everybody's frames
  bool dropped = false;      // only frames of which a copy went nowhere
  bool control = false;      // also what guests and their adapters say to each other
  std::uint32_t length = 0;  // bytes kept of a frame; 0: all
  std::string output = "-";
  std::string filter;  // tcpdump's language
  bool quiet = false;  // no summary
};

// Until Ctrl-C, the reader's end, or the LAN's.
ExitCode capture(const CaptureOptions& options);

// What Wireshark asks of a program in its extcap folder. Source: extcap(4).
struct ExtcapOptions {
  enum class Wish : std::uint8_t { interfaces, link_types, configuration, check_filter };
  Wish wish = Wish::interfaces;
  std::string version;  // of vmlan
  std::string socket;
  std::string filter;
};
ExitCode answer_extcap(const ExtcapOptions& options);

// "SYSTEM.LAN1", or "LAN1" of owner SYSTEM, as --extcap-interface has it with the prefix "vmlan-"; false: no
// such name.
bool parse_lan_name(std::string_view text, std::string& owner, std::string& name);

}  // namespace vmlan::apps
