// MAC addresses of virtual adapters: prefix (three bytes) + MACID (three bytes). Nobody gets one that
// somebody of this system has, on whatever LAN.
//
// Source: CP Planning, VMLAN statement; CP Commands, DEFINE NIC, SET NIC. A SYSTEM MACID is the next one of
// its range, so one that was given back comes again only after all others: neighbours that still remember it
// do not reach its next owner. Those of the USER range are for people to choose; with such a range no others
// may be chosen, and no adapter gets one of these by itself.
//
// Owns: who has which. Threads: the base's.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include "guestlan/nic.h"
#include "wire/mac_address.h"

namespace vmlan::guestlan {

struct MacIdRange {
  std::uint32_t first = 0;  // both included; 0: there is none
  std::uint32_t last = 0;

  bool empty() const noexcept { return last == 0; }
  bool has(std::uint32_t macid) const noexcept { return macid != 0 && first <= macid && macid <= last; }
};

class MacPool {
 public:
  static constexpr std::uint32_t highest_macid = 0xffffff;

  std::uint32_t prefix = 0x020000;       // MACPREFIX, of SYSTEM MACIDs
  std::uint32_t user_prefix = 0x020000;  // USERPREFIX, of chosen ones
  MacIdRange system_range{1, highest_macid};
  MacIdRange user_range;

  enum class Answer : std::uint8_t { given, in_use, none_free, outside_user_range, no_user_range };
  // An address for the NIC, with all of its stations', until release(); else the NIC has the one it had.
  Answer give_system(NicSettings& nic);
  Answer give_user(NicSettings& nic);  // a free one of the USER range
  Answer give(NicSettings& nic, std::uint32_t macid);
  // The address it names, and its stations'; false: somebody has one of them.
  bool reserve(const NicSettings& nic);
  void release(const NicSettings& nic);
  // For what is no NIC and has one address. Nothing: none is free.
  std::optional<wire::MacAddress> give_station();
  void release_station(const wire::MacAddress& mac) { taken_.erase(mac.as_integer()); }

  wire::MacAddress with_id(std::uint32_t macid) const noexcept;  // USERPREFIX + MACID
  // Could give_system() have given it?
  bool is_of_system(const wire::MacAddress& mac) const noexcept;

 private:
  Answer give_free(NicSettings& nic, bool of_system);

  std::unordered_set<std::uint64_t> taken_;
  std::uint32_t next_system_ = 1;
  std::uint32_t next_user_ = 1;
};

}  // namespace vmlan::guestlan
