// The users of a replay and their LANs: logs a user on where a station is seen first, with the addresses, the
// LAN and the buffers it needs.
//
// Owns: the control program with everything in it. Threads: the base's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apps/replay/mapping.h"
#include "apps/replay/replay_user.h"
#include "apps/replay/stations.h"
#include "arch/clock.h"
#include "cp/control_program.h"
#include "cp/virtual_machine.h"

namespace vmlan::apps {

struct MemberSettings {
  std::uint32_t most_users = 65536;
  ReplayBuffers buffers;  // to begin with: whoever has to do with longer packets gets larger ones
  bool frames = false;    // users are MAC addresses, and Ethernet frames are sent
  bool apart_by_vlan = false;
  bool slow = false;  // ReplayUser::take
  std::uint64_t seed = 1;
  std::uint64_t spare_memory = 0;  // bytes, for large buffers that may never be used
};

class Members {
 public:
  static constexpr std::uint32_t nobody = Stations::nobody;

  struct Member {
    cp::VirtualMachine* machine =
        nullptr;  // nullptr: it could not be logged on again, and the replay is over
    ReplayUser* program = nullptr;
    std::uint32_t lan = 0;
    std::uint32_t first_station = nobody;  // the others hang on it
    std::uint32_t buffer_bytes = 0;
    bool has_sent = false;
    bool talks = false;  // has been told of by begin_to_talk() since it logged on
    std::string userid;
  };

  Members(const MemberSettings& settings, Mapping mapping, const arch::Clock& clock, ReplayMail& mail);
  ~Members();
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  cp::ControlProgram& system() noexcept { return system_; }
  // Told of each LAN before its first user is on it.
  void on_new_lan(std::function<void(guestlan::Lan&)> handler) { on_new_lan_ = std::move(handler); }

  // Who the station is; nobody: not seen yet, no user, or none any more.
  std::uint32_t find(const StationKey& key) const noexcept {
    const auto station = stations_.find(key);
    return station == Stations::nobody ? nobody : user_of_station_[station];
  }
  enum class Refusal : std::uint8_t { none, ignored, too_many };
  struct Found {
    std::uint32_t user = nobody;
    Refusal refusal = Refusal::none;
  };
  // The same, logged on if need be. `vlan`: where the trace has it.
  Found log_on(const StationKey& key, std::uint16_t vlan);
  // Packets of so many bytes fit its buffers; if not yet, it is logged off and on again, so nothing may wait
  // in them. false: no frame is that long.
  bool make_room(std::uint32_t user, std::uint32_t bytes);
  // Hints: what a packet from the user or for it will need, step by step: each finds its way by what the one
  // before has brought.
  static constexpr unsigned steps_to_bring_near = 2 + cp::VirtualMachine::steps_to_bring_near;
  void bring_near(std::uint32_t user, unsigned step) const noexcept;
  // It is about to send or to receive.
  void begin_to_talk(std::uint32_t user) {
    if (!members_[user].talks) expect_packets(members_[user]);
  }
  bool has_room(std::uint32_t user, std::uint32_t bytes) const noexcept {
    return bytes + transport_header <= members_[user].buffer_bytes;
  }

  // What everybody has room for.
  std::uint32_t smallest_room() const noexcept { return settings_.buffers.bytes - transport_header; }

  // From now on it gets what is for the group.
  void join(std::uint32_t user, const wire::IpAddress& group);
  void leave(std::uint32_t user, const wire::IpAddress& group);
  // Who is in it, in the order they joined. `destination`: an IP packet's, or an Ethernet frame's as a
  // station's.
  const std::vector<std::uint32_t>& group(std::uint32_t lan, const wire::IpAddress& destination) const;
  const std::vector<std::uint32_t>& users_of(std::uint32_t lan) const noexcept { return lans_[lan].users; }

  Member& operator[](std::uint32_t user) noexcept { return members_[user]; }
  const Member& operator[](std::uint32_t user) const noexcept { return members_[user]; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(members_.size()); }
  std::uint32_t buffers() const noexcept { return settings_.buffers.count; }
  const std::string& userid(std::uint32_t user) const noexcept { return members_[user].userid; }
  const Stations& stations() const noexcept { return stations_; }
  std::uint32_t user_of_station(std::uint32_t station) const noexcept { return user_of_station_[station]; }
  // The next station of the same user; nobody: it was the last.
  std::uint32_t next_station(std::uint32_t station) const noexcept { return next_station_[station]; }
  std::vector<LanName> lan_names() const;
  bool is_hipers(std::uint32_t lan) const noexcept { return lans_[lan].hipers; }
  guestlan::Counters lan_counters(std::uint32_t lan) const;
  guestlan::Counters counters(std::uint32_t user) const;  // of its NIC
  guestlan::Counters total() const;
  // What went wrong with the system or a user; empty: nothing. The replay can't go on then.
  const std::string& failure() const noexcept { return failure_; }
  // Stations that the trace has in more than one VLAN, seen as one.
  std::uint32_t in_several_vlans() const noexcept { return in_several_vlans_; }
  // Nine tenths of the users that there may be are there.
  bool is_nearly_full() const noexcept {
    return members_.size() * 10 >= std::uint64_t{settings_.most_users} * 9;
  }
  std::uint32_t most_users() const noexcept { return settings_.most_users; }
  // Warnings for the report, each once.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  static constexpr std::uint32_t transport_header = 32;
  class SilentConsoles;
  struct LanEntry {
    LanName name;
    std::vector<std::uint32_t> users;
    bool hipers = false;
  };
  struct GroupKey {
    std::uint32_t lan;
    wire::IpAddress destination;
    bool operator==(const GroupKey&) const = default;
  };
  struct Group {
    wire::IpAddress address;  // in layer 2 several have one MAC address: that of the first
    std::vector<std::uint32_t> users;
  };
  struct GroupHash {
    std::size_t operator()(const GroupKey& key) const noexcept;
  };

  void note_vlan(std::uint32_t station, std::uint16_t vlan) noexcept;
  std::uint32_t lan_of(const Placement& placement, std::uint16_t vlan);
  // The mapping's user, if it is logged on already.
  std::uint32_t known_user(const Placement& placement, std::uint32_t lan);
  std::uint32_t new_user(const Placement& placement, std::uint32_t lan, std::uint32_t station);
  ReplayBuffers buffers_of(const Member& member) const noexcept;
  void expect_packets(Member& member);
  cp::UserEntry entry_of(std::uint32_t user, const std::string& userid, const Placement& placement) const;
  bool start(std::uint32_t user, cp::UserEntry entry);
  bool add_station(std::uint32_t user, std::uint32_t station);
  wire::IpAddress group_key(const wire::IpAddress& group) const noexcept;
  bool fail(std::string why);
  void warn(std::string what);

  MemberSettings settings_;
  Mapping mapping_;
  ReplayMail& mail_;
  std::unique_ptr<SilentConsoles> consoles_;
  std::function<void(guestlan::Lan&)> on_new_lan_;
  cp::ControlProgram system_;
  std::uint64_t spare_memory_;
  Stations stations_;
  std::vector<std::uint32_t> user_of_station_;
  std::vector<std::uint32_t> next_station_;  // of the same user
  std::vector<std::uint16_t> vlan_of_station_;
  std::uint32_t in_several_vlans_ = 0;
  std::vector<Member> members_;
  std::vector<LanEntry> lans_;
  std::unordered_map<std::string, std::uint32_t> mapped_users_;
  std::unordered_map<GroupKey, Group, GroupHash> groups_;
  std::string failure_;
  std::vector<std::string> warnings_;
};

}  // namespace vmlan::apps
