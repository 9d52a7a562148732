// Port groups: several uplinks that serve a LAN or virtual switch as one (SET PORT GROUP). Each is in at most
// one group, and serves nobody by itself meanwhile. A group exists while it has members.
//
// Owns: the groups, not their members. Threads: the base's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cp/uplinks.h"

namespace vmlan::cp {

// What makes an uplink of several. Those it is given are the same maker's, and on no LAN.
class GroupMembers {
 public:
  struct View {
    const guestlan::Uplink* uplink;
    bool carries;
    std::string state;
    std::uint64_t sent;  // frames
    std::uint64_t received;
  };
  virtual ~GroupMembers() = default;
  virtual void join(guestlan::Uplink& uplink) = 0;
  virtual void leave(guestlan::Uplink& uplink) = 0;
  virtual void set_lacp(bool active) = 0;
  virtual std::vector<View> views() const = 0;
};

struct PortGroup {
  std::string name;
  bool lacp = true;
  std::unique_ptr<guestlan::Uplink> uplink;
  std::unique_ptr<GroupMembers> members;  // goes before the uplink
  std::size_t size = 0;
};

class PortGroups {
 public:
  struct Made {
    std::unique_ptr<guestlan::Uplink> uplink;
    std::unique_ptr<GroupMembers> members;
  };
  using Maker = std::function<Made(const std::string& name, arch::DeviceNumber, const wire::MacAddress&,
                                   Uplinks::Changed)>;

  static constexpr std::size_t most = 16;            // of a system
  static constexpr std::size_t most_of_a_group = 8;  // CP Planning: devices of a group

  PortGroups(Maker maker, Uplinks& uplinks) : maker_(std::move(maker)), uplinks_(uplinks) {}

  const std::map<std::string, PortGroup, std::less<>>& all() const noexcept { return groups_; }
  PortGroup* find(std::string_view name);
  // The one the uplink is in, or that it is; nullptr: none.
  PortGroup* of(const guestlan::Uplink& uplink);

  // A group without members, whose partner knows it by `mac`; its uplink goes by its first member's number.
  // nullptr: this system has no way out.
  PortGroup* create(const std::string& name, arch::DeviceNumber number, const wire::MacAddress& mac);
  void join(PortGroup& group, guestlan::Uplink& uplink);
  // Its last member has gone: the group has too, and its MAC address is free.
  struct Left {
    bool ended = false;
    wire::MacAddress mac;
  };
  Left leave(guestlan::Uplink& uplink);
  void set_lacp(PortGroup& group, bool active);

 private:
  Maker maker_;
  Uplinks& uplinks_;
  std::map<std::string, PortGroup, std::less<>> groups_;
  std::map<const guestlan::Uplink*, PortGroup*> member_of_;
};

}  // namespace vmlan::cp
