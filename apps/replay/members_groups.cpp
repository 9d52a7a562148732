// Who is in which group, as the trace tells.
#include <fmt/format.h>

#include <algorithm>

#include "apps/replay/hashing.h"
#include "apps/replay/members.h"

namespace vmlan::apps {

namespace {

const std::vector<std::uint32_t> nobody_at_all;

}  // namespace

std::size_t Members::GroupHash::operator()(const GroupKey& key) const noexcept {
  return static_cast<std::size_t>(mixed(key.lan, key.destination));
}

// In layer 2 the adapter knows groups by their MAC addresses, which several share.
wire::IpAddress Members::group_key(const wire::IpAddress& group) const noexcept {
  if (!settings_.frames) return group;
  return StationKey::of(wire::multicast_mac(group), 0).address;
}

void Members::join(std::uint32_t user, const wire::IpAddress& group) {
  mail_.flush();
  Group& known = groups_[{members_[user].lan, group_key(group)}];
  if (known.users.empty()) known.address = group;
  if (std::find(known.users.begin(), known.users.end(), user) != known.users.end()) return;
  if (auto why = members_[user].program->join(known.address); !why.empty()) {
    warn(fmt::format("{} joins no more groups: {}", userid(user), why));
    return;
  }
  known.users.push_back(user);
}

void Members::leave(std::uint32_t user, const wire::IpAddress& group) {
  mail_.flush();
  const auto found = groups_.find({members_[user].lan, group_key(group)});
  if (found == groups_.end()) return;
  auto& users = found->second.users;
  const auto place = std::find(users.begin(), users.end(), user);
  if (place == users.end()) return;
  members_[user].program->leave(found->second.address);
  users.erase(place);
}

const std::vector<std::uint32_t>& Members::group(std::uint32_t lan,
                                                 const wire::IpAddress& destination) const {
  const auto found = groups_.find({lan, destination});
  return found == groups_.end() ? nobody_at_all : found->second.users;
}

}  // namespace vmlan::apps
