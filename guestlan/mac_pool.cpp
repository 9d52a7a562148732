#include "guestlan/mac_pool.h"

namespace vmlan::guestlan {
namespace {

constexpr unsigned macid_bits = 24;

wire::MacAddress make_mac(std::uint32_t prefix, std::uint32_t macid) noexcept {
  const std::uint64_t value = std::uint64_t{prefix} << macid_bits | (macid & MacPool::highest_macid);
  wire::MacAddress mac;
  for (unsigned index = 0; index < 6; ++index) {
    mac.bytes[index] = static_cast<std::uint8_t>(value >> (40U - 8U * index));
  }
  return mac;
}

// The first one from `macid` on that is in the one range and not in the other, round the end; nothing: none
// is.
std::optional<std::uint32_t> next_in(const MacIdRange& range, const MacIdRange& others,
                                     std::uint32_t macid) noexcept {
  for (unsigned tries = 0; tries < 3; ++tries) {
    if (!range.has(macid)) macid = range.first;
    if (!others.has(macid)) return macid;
    macid = others.last + 1;
  }
  return std::nullopt;
}

}  // namespace

MacPool::Answer MacPool::give_free(NicSettings& nic, bool of_system) {
  const MacIdRange& range = of_system ? system_range : user_range;
  const MacIdRange others = of_system ? user_range : MacIdRange{};
  std::uint32_t& next = of_system ? next_system_ : next_user_;
  NicSettings wanted = nic;
  // Each address that is taken bars one MACID, and each of these is tried once.
  for (std::size_t tries = 0; tries <= taken_.size(); ++tries) {
    const auto macid = next_in(range, others, next);
    if (!macid) return Answer::none_free;
    next = *macid + 1;
    wanted.mac = make_mac(of_system ? prefix : user_prefix, *macid);
    if (!reserve(wanted)) continue;
    nic.mac = wanted.mac;
    return Answer::given;
  }
  return Answer::none_free;
}

MacPool::Answer MacPool::give_system(NicSettings& nic) { return give_free(nic, true); }

MacPool::Answer MacPool::give_user(NicSettings& nic) {
  return user_range.empty() ? Answer::no_user_range : give_free(nic, false);
}

MacPool::Answer MacPool::give(NicSettings& nic, std::uint32_t macid) {
  if (!user_range.empty() && !user_range.has(macid)) return Answer::outside_user_range;
  NicSettings wanted = nic;
  wanted.mac = with_id(macid);
  if (!reserve(wanted)) return Answer::in_use;
  nic.mac = wanted.mac;
  return Answer::given;
}

bool MacPool::reserve(const NicSettings& nic) {
  for (unsigned station = 0; station < nic.stations(); ++station) {
    if (taken_.insert(nic.mac_of_station(station).as_integer()).second) continue;
    while (station-- > 0) taken_.erase(nic.mac_of_station(station).as_integer());
    return false;
  }
  return true;
}

void MacPool::release(const NicSettings& nic) {
  for (unsigned station = 0; station < nic.stations(); ++station) {
    taken_.erase(nic.mac_of_station(station).as_integer());
  }
}

std::optional<wire::MacAddress> MacPool::give_station() {
  NicSettings one;
  return give_system(one) == Answer::given ? std::optional(one.mac) : std::nullopt;
}

wire::MacAddress MacPool::with_id(std::uint32_t macid) const noexcept { return make_mac(user_prefix, macid); }

bool MacPool::is_of_system(const wire::MacAddress& mac) const noexcept {
  const auto macid = static_cast<std::uint32_t>(mac.as_integer() & highest_macid);
  return mac.as_integer() >> macid_bits == prefix && system_range.has(macid) && !user_range.has(macid);
}

}  // namespace vmlan::guestlan
