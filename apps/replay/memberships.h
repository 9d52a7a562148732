// What a packet says of its sender's multicast groups: IGMP and MLD reports.
//
// Source: RFC 1112 and 2236 (IGMPv1, v2), RFC 3376 (v3), RFC 2710 (MLDv1), RFC 3810 (v2). Sources of a group
// are not told apart: who wants some of them is in the group.
//
// Threads: any. Packets are hostile: nothing is read beyond their ends.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "wire/ip_address.h"

namespace vmlan::apps {

struct Memberships {
  static constexpr std::size_t most = 32;  // of one report; those beyond are not looked at

  struct Change {
    wire::IpAddress group;
    bool joins = true;
  };
  std::array<Change, most> changes;
  std::size_t count = 0;

  void add(const wire::IpAddress& group, bool joins) noexcept {
    if (count < most && group.is_multicast()) changes[count++] = {group, joins};
  }
};

// Of an IP packet whose header has been judged.
Memberships memberships_in(wire::IpVersion version, std::span<const std::byte> packet) noexcept;

}  // namespace vmlan::apps
