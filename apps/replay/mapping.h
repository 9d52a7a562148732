// Who is which user, and on which LAN, by a text of lines such as
//
//   USER WEB   10.1.0.0/16 10.2.0.0/16    these addresses are one user
//   LAN  BACK  10.5.0.0/16                users there are on LAN SYSTEM BACK
//   LAN  ALICE.BLUE VLAN 42               and what the trace has in VLAN 42 is on ALICE's BLUE
//   PORT VLAN 7  10.5.1.0/24              what NICDEF says: in VLAN 7 of the switch
//   IGNORE 192.168.99.0/24                neither users nor destinations
//
// Whatever no line speaks of is a user of its own, R0000001 and so on, on the LAN of the replay. Of several
// prefixes the longest counts, of equally long ones the first. MAC addresses stand without a length.
// Comments begin with # or *, as in Hercules' and CMS' files.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/replay/stations.h"

namespace vmlan::apps {

struct LanName {
  std::string owner = "SYSTEM";
  std::string name = "REPLAY";
  auto operator<=>(const LanName&) const = default;
};

struct Placement {
  std::string userid;  // empty: a user of its own
  std::optional<LanName> lan;
  std::optional<std::uint16_t> port_vlan;
  bool ignored = false;
};

class Mapping {
 public:
  static constexpr std::size_t most_lines = 100'000;

  // The mapping, or "12: ..." what is wrong in which line.
  static std::variant<Mapping, std::string> parse(std::string_view text);

  // `vlan`: what the trace has it in, 0: none.
  Placement place(const wire::IpAddress& address, std::uint16_t vlan) const;
  bool is_empty() const noexcept { return prefixes_.empty() && vlans_.empty(); }

 private:
  struct Prefix {
    wire::IpAddress address;
    unsigned length = 128;
    Placement placement;
    bool covers(const wire::IpAddress& candidate) const noexcept;
  };
  struct VlanLine {
    std::uint16_t vlan;
    LanName lan;
  };
  // Empty = taken.
  std::string take_line(const std::vector<std::string>& words);
  std::string take_prefixes(const std::vector<std::string>& words, std::size_t from,
                            const Placement& placement);

  std::vector<Prefix> prefixes_;
  std::vector<VlanLine> vlans_;
};

}  // namespace vmlan::apps
