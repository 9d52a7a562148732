#include "apps/replay/members.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "arch/prefetch.h"
#include "cp/virtual_nic.h"

namespace vmlan::apps {

namespace {

constexpr arch::DeviceNumber nic_device{0x0600};
// Enough for the dialogue of a driver with its adapter.
constexpr unsigned rounds_to_start_user = 16;
constexpr std::uint32_t middle_buffer = 8192;

}  // namespace

// Nobody sits at the consoles of these users.
class Members::SilentConsoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view /*console*/, std::string_view /*text*/) override {}
};

Members::Members(const MemberSettings& settings, Mapping mapping, const arch::Clock& clock, ReplayMail& mail)
    : settings_(settings),
      mapping_(std::move(mapping)),
      mail_(mail),
      consoles_(std::make_unique<SilentConsoles>()),
      system_([&] {
        cp::Options options{clock, *consoles_, {}, {}};
        options.seed = settings.seed;
        return options;
      }()),
      spare_memory_(settings.spare_memory) {}

Members::~Members() = default;

bool Members::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  return false;
}

// A trace may bring the same trouble with each of its packets.
void Members::warn(std::string what) {
  constexpr std::size_t most = 50;
  if (warnings_.size() < most) warnings_.push_back(std::move(what));
}

// --- LANs ---------------------------------------------------------------------------------------------

std::uint32_t Members::lan_of(const Placement& placement, std::uint16_t vlan) {
  LanName name = placement.lan.value_or(LanName{});
  if (!placement.lan && settings_.apart_by_vlan && vlan != 0) name.name = fmt::format("VLAN{:04}", vlan);
  const auto known =
      std::find_if(lans_.begin(), lans_.end(), [&](const LanEntry& lan) { return lan.name == name; });
  if (known != lans_.end()) return static_cast<std::uint32_t>(known - lans_.begin());
  // One that a command of --with has made stays as it is.
  if (system_.vmlan().find(name.owner, name.name) == nullptr) {
    guestlan::LanAttributes attributes;
    attributes.owner = name.owner;
    attributes.name = name.name;
    attributes.transport = settings_.frames ? qdio::Transport::ethernet : qdio::Transport::ip;
    system_.vmlan().create(std::move(attributes));
  }
  auto* lan = system_.vmlan().find(name.owner, name.name);
  if (lan != nullptr && on_new_lan_) on_new_lan_(*lan);
  const bool hipers = lan != nullptr && lan->attributes().type == guestlan::LanType::hipers;
  lans_.push_back({std::move(name), {}, hipers});
  return static_cast<std::uint32_t>(lans_.size() - 1);
}

std::vector<LanName> Members::lan_names() const {
  std::vector<LanName> names;
  for (const LanEntry& lan : lans_) names.push_back(lan.name);
  return names;
}

guestlan::Counters Members::lan_counters(std::uint32_t lan) const {
  const auto* found = system_.vmlan().find(lans_[lan].name.owner, lans_[lan].name.name);
  return found == nullptr ? guestlan::Counters{} : found->total();
}

guestlan::Counters Members::total() const {
  guestlan::Counters sum;
  for (std::uint32_t lan = 0; lan < lans_.size(); ++lan) sum += lan_counters(lan);
  return sum;
}

guestlan::Counters Members::counters(std::uint32_t user) const {
  if (members_[user].machine == nullptr) return {};
  const auto* nic = members_[user].machine->find_nic(nic_device);
  return nic == nullptr ? guestlan::Counters{} : nic->base().total();
}

// --- Users --------------------------------------------------------------------------------------------

void Members::note_vlan(std::uint32_t station, std::uint16_t vlan) noexcept {
  constexpr std::uint16_t several = 0xffff;
  auto& known = vlan_of_station_[station];
  if (known == vlan || known == several) return;
  known = several;
  ++in_several_vlans_;
}

Members::Found Members::log_on(const StationKey& key, std::uint16_t vlan) {
  if (const auto known = stations_.find(key);
      known != Stations::nobody && user_of_station_[known] != nobody) {
    note_vlan(known, vlan);
    return {user_of_station_[known], Refusal::none};
  }
  const auto placement = mapping_.place(key.address, vlan);
  if (placement.ignored) return {nobody, Refusal::ignored};
  const auto lan = lan_of(placement, vlan);
  auto user = known_user(placement, lan);
  if (user == nobody && members_.size() >= settings_.most_users) return {nobody, Refusal::too_many};
  // Where it goes was foreseen without this station.
  mail_.flush();
  const auto station = stations_.add(key);
  user_of_station_.resize(stations_.size(), nobody);
  next_station_.resize(stations_.size(), nobody);
  vlan_of_station_.resize(stations_.size(), vlan);
  if (user == nobody) {
    user = new_user(placement, lan, station);
    if (user == nobody) return {nobody, Refusal::too_many};
  } else if (!add_station(user, station)) {
    return {nobody, Refusal::too_many};
  }
  user_of_station_[station] = user;
  return {user, Refusal::none};
}

std::uint32_t Members::known_user(const Placement& placement, std::uint32_t lan) {
  if (placement.userid.empty()) return nobody;
  const auto known = mapped_users_.find(placement.userid);
  if (known == mapped_users_.end()) return nobody;
  if (members_[known->second].lan == lan) return known->second;
  warn(fmt::format("{} is on LAN {}; its addresses on other LANs are users of their own", placement.userid,
                   lans_[members_[known->second].lan].name.name));
  return nobody;
}

ReplayBuffers Members::buffers_of(const Member& member) const noexcept {
  auto buffers = settings_.buffers;
  buffers.bytes = member.buffer_bytes;
  return buffers;
}

cp::UserEntry Members::entry_of(std::uint32_t user, const std::string& userid,
                                const Placement& placement) const {
  const Member& member = members_[user];
  const auto& name = lans_[member.lan].name;
  cp::UserEntry entry;
  entry.userid = userid;
  entry.rule = cp::LogonRule::autolog_only;
  entry.storage = ReplayUser::storage_needed(buffers_of(member));
  cp::NicDefinition nic;
  nic.device = nic_device;
  nic.kind = lans_[member.lan].hipers ? qdio::AdapterKind::iqd : qdio::AdapterKind::osd;
  nic.lan_owner = name.owner;
  nic.lan_name = name.name;
  if (placement.port_vlan) nic.port.vlans.set(*placement.port_vlan);
  entry.nics.push_back(std::move(nic));
  return entry;
}

std::uint32_t Members::new_user(const Placement& placement, std::uint32_t lan, std::uint32_t station) {
  const auto user = size();
  Member member;
  member.lan = lan;
  member.first_station = station;
  member.buffer_bytes = settings_.buffers.bytes;
  members_.push_back(member);
  const bool mapped = !placement.userid.empty() && !mapped_users_.contains(placement.userid);
  const auto userid = mapped ? placement.userid : fmt::format("R{:07}", user + 1);
  if (!start(user, entry_of(user, userid, placement))) {
    members_.pop_back();
    return nobody;
  }
  if (mapped) mapped_users_.emplace(userid, user);
  lans_[lan].users.push_back(user);
  return user;
}

bool Members::start(std::uint32_t user, cp::UserEntry entry) {
  Member& member = members_[user];
  member.userid = entry.userid;
  auto* machine = system_.logon(std::move(entry));
  if (machine == nullptr) {
    warn(fmt::format("{} can't be logged on: the host has no storage for it, or the user id is taken",
                     member.userid));
    return false;
  }
  ReplayUser::Options options;
  options.number = user;
  options.buffers = buffers_of(member);
  options.slow = settings_.slow;
  const StationKey& first = stations_[member.first_station];
  if (first.is_mac()) options.mac = first.mac();
  auto program = std::make_unique<ReplayUser>(*machine, mail_, options);
  machine->expect_use(ReplayUser::storage_to_start(options.buffers));
  member.machine = machine;
  member.program = program.get();
  machine->set_program(std::move(program));
  system_.run_until_idle(rounds_to_start_user);
  if (!member.program->is_ready())
    return fail(fmt::format("{}: {}", member.userid, member.program->why_not()));
  for (auto station = member.first_station; station != nobody; station = next_station_[station]) {
    if (stations_[station].is_mac()) continue;
    if (auto why = member.program->add_address(stations_[station].address); !why.empty()) {
      return fail(fmt::format("{}: {}", member.userid, why));
    }
  }
  return true;
}

bool Members::add_station(std::uint32_t user, std::uint32_t station) {
  Member& member = members_[user];
  const auto& key = stations_[station];
  // An adapter has as many addresses as it has; beyond that the station is nobody.
  const auto why =
      key.is_mac() ? std::string("a user has one MAC address") : member.program->add_address(key.address);
  if (!why.empty()) {
    warn(fmt::format("{} gets no more addresses: {}", userid(user), why));
    return false;
  }
  next_station_[station] = member.first_station;
  member.first_station = station;
  return true;
}

void Members::bring_near(std::uint32_t user, unsigned step) const noexcept {
  const Member& member = members_[user];
  if (step == 0) return __builtin_prefetch(&member);
  if (member.machine == nullptr) return;
  if (step == 1) return arch::prefetch_object(*member.program);
  member.machine->bring_near(step - 2);
}

void Members::expect_packets(Member& member) {
  member.talks = true;
  const auto bytes = member.machine->storage().size();
  // Most of the largest buffers is never used: that is for a host with room to spare.
  if (member.buffer_bytes > settings_.buffers.bytes) {
    if (bytes > spare_memory_) return;
    spare_memory_ -= bytes;
  }
  member.machine->expect_use(bytes);
}

bool Members::make_room(std::uint32_t user, std::uint32_t bytes) {
  const std::uint32_t needed = bytes + transport_header;
  if (needed > cms::QueueMemory::largest_buffer) return false;
  if (has_room(user, bytes)) return true;
  mail_.flush();
  const std::string name = userid(user);
  UserStack* stack = members_[user].program->stack();
  auto entry = members_[user].machine->entry();
  // In few steps, so that it does not happen often: most packets that are longer than a frame of 1518 bytes
  // fit the first. A power of two is at most the largest buffer.
  members_[user].buffer_bytes = std::max(middle_buffer, std::bit_ceil(needed));
  entry.storage = ReplayUser::storage_needed(buffers_of(members_[user]));
  if (const auto reply = system_.command(fmt::format("FORCE {}", name)); reply.return_code != 0) {
    return fail(fmt::format("FORCE {} ended with return code {}", name, reply.return_code));
  }
  members_[user].machine = nullptr;
  members_[user].program = nullptr;
  members_[user].talks = false;
  if (!start(user, std::move(entry)))
    return fail(fmt::format("{} can't be logged on again with larger buffers", name));
  begin_to_talk(user);
  if (stack != nullptr) members_[user].program->attach(*stack);
  for (const auto& [key, group] : groups_) {
    const bool is_in = std::find(group.users.begin(), group.users.end(), user) != group.users.end();
    if (is_in) members_[user].program->join(group.address);
  }
  return true;
}

}  // namespace vmlan::apps
