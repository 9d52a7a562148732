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
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "apps/replay/hashing.h"
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

 private:
  // Of one kind of line: what the longest prefix says. A look-up costs as much as there are lengths.
  template <class Value>
  class Prefixes {
   public:
    struct Found {
      unsigned rank = 0;  // 1 + the prefix' length; 0: none covers it
      const Value* value = nullptr;
    };
    // Of two equal ones the first stays.
    void add(const wire::IpAddress& address, unsigned length, const Value& value) {
      by_length_[length].try_emplace(cut(address, length), value);
    }
    Found find(const wire::IpAddress& address) const {
      for (const auto& [length, values] : by_length_) {
        const auto found = values.find(cut(address, length));
        if (found != values.end()) return {length + 1, &found->second};
      }
      return {};
    }

   private:
    std::map<unsigned, std::unordered_map<wire::IpAddress, Value, AddressHash>, std::greater<>> by_length_;
  };
  struct Yes {};
  static wire::IpAddress cut(wire::IpAddress address, unsigned length) noexcept;

  // Empty = taken.
  std::string take_line(const std::vector<std::string>& words);
  template <class Value>
  std::string take_prefixes(const std::vector<std::string>& words, std::size_t from, Prefixes<Value>& to,
                            const Value& value);

  Prefixes<std::string> users_;
  Prefixes<LanName> lans_;
  Prefixes<std::uint16_t> port_vlans_;
  Prefixes<Yes> ignored_;
  std::map<std::uint16_t, LanName> vlans_;
};

}  // namespace vmlan::apps
