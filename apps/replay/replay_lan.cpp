#include "apps/replay/replay_lan.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace vmlan::apps {

namespace {

constexpr std::string_view lan_owner = "SYSTEM";
constexpr std::string_view lan_name = "REPLAY";
// A batch is over after the sender's turn and one of each receiver.
constexpr unsigned rounds_per_batch = 64;
constexpr unsigned rounds_to_start = 16;

std::string userid_of(std::uint32_t number) { return fmt::format("R{:07}", number + 1); }

cp::UserEntry entry_of(std::uint32_t number, std::uint64_t storage) {
  cp::UserEntry entry;
  entry.userid = userid_of(number);
  entry.rule = cp::LogonRule::autolog_only;
  entry.storage = storage;
  cp::NicDefinition nic;
  nic.device = {0x0600};
  nic.kind = qdio::AdapterKind::osd;
  nic.lan_owner = lan_owner;
  nic.lan_name = lan_name;
  entry.nics.push_back(std::move(nic));
  return entry;
}

wire::Layer3Header header_of(const JudgedRecord& packet) noexcept {
  auto header = cms::layer3_header(packet.destination, packet.destination);
  if (packet.version == wire::IpVersion::v6) {
    // Also for a destination that is an IPv4-mapped address.
    header.flags |= wire::layer3_flag::ipv6;
    header.next_hop = packet.destination.bytes;
  }
  return header;
}

}  // namespace

// --- Addresses ------------------------------------------------------------------------------------------

std::size_t ReplayAddresses::Hash::operator()(const wire::IpAddress& address) const noexcept {
  // Multiplication spreads the host part over the upper half; the fold brings it down again.
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t mixed = (address.low() ^ address.high() * odd) * odd;
  return static_cast<std::size_t>(mixed ^ mixed >> 32U);
}

bool ReplayAddresses::add(const wire::IpAddress& address, std::uint32_t limit) {
  if (numbers_.contains(address)) return true;
  if (addresses_.size() >= limit) return false;
  numbers_.emplace(address, static_cast<std::uint32_t>(addresses_.size()));
  addresses_.push_back(address);
  return true;
}

std::uint32_t ReplayAddresses::find(const wire::IpAddress& address) const noexcept {
  const auto found = numbers_.find(address);
  return found == numbers_.end() ? nobody : found->second;
}

// --- Logging on -----------------------------------------------------------------------------------------

// Nobody sits at the consoles of these users.
class ReplayLan::SilentConsoles final : public cp::ConsoleSink {
 public:
  void line(std::string_view /*console*/, std::string_view /*text*/) override {}
};

ReplayLan::ReplayLan(const ReplayAddresses& addresses, const ReplayBuffers& buffers, unsigned batch)
    : addresses_(addresses),
      buffers_(buffers),
      batch_limit_(batch),
      consoles_(std::make_unique<SilentConsoles>()),
      system_({clock_, *consoles_, {}, {}}) {
  parcels_.reserve(batch);
}

ReplayLan::~ReplayLan() = default;

std::string ReplayLan::log_on() {
  guestlan::LanAttributes attributes;
  attributes.owner = lan_owner;
  attributes.name = lan_name;
  system_.vmlan().create(std::move(attributes));
  members_.resize(addresses_.all().size());
  for (std::uint32_t number = 0; number < members_.size(); ++number) {
    if (auto why = log_on_user(number); !why.empty()) return why;
  }
  system_.run_until_idle(rounds_to_start);
  for (std::uint32_t number = 0; number < members_.size(); ++number) {
    const ReplayUser& program = *members_[number].program;
    if (!program.is_ready()) return fmt::format("{}: {}", userid_of(number), program.why_not());
  }
  return {};
}

std::string ReplayLan::log_on_user(std::uint32_t number) {
  auto* machine = system_.logon(entry_of(number, ReplayUser::storage_needed(buffers_)));
  if (machine == nullptr) return fmt::format("{}: the host has no storage for it", userid_of(number));
  auto program = std::make_unique<ReplayUser>(*machine, *this, number, addresses_.all()[number], buffers_);
  members_[number] = {machine, program.get()};
  machine->set_program(std::move(program));
  return {};
}

guestlan::Counters ReplayLan::counters() {
  const auto* lan = system_.vmlan().find(lan_owner, lan_name);
  return lan == nullptr ? guestlan::Counters{} : lan->total();
}

// --- Sending --------------------------------------------------------------------------------------------

void ReplayLan::add(const JudgedRecord& packet, arch::Time time, ReplayTally& tally) {
  const auto sender = addresses_.find(packet.source);
  if (sender == ReplayAddresses::nobody) return tally.end(NotSent::no_user);
  const auto length = static_cast<std::uint32_t>(packet.packet.size());
  if (length > buffers_.bytes - wire::transport_header_size) return tally.end(NotSent::longer_than_a_buffer);
  if (sender != sender_ || time > time_ || parcels_.size() >= batch_limit_) flush(tally);
  sender_ = sender;
  if (time < time_) ++tally.gone_back;
  time_ = std::max(time_, time);
  tally_ = &tally;
  const auto number = static_cast<std::uint32_t>(parcels_.size());
  parcels_.push_back({bytes_.size(), length, none, time, header_of(packet)});
  bytes_.insert(bytes_.end(), packet.packet.begin(), packet.packet.end());
  foresee(packet, number);
}

// Where the packet must end, told by its destination alone.
void ReplayLan::foresee(const JudgedRecord& packet, std::uint32_t parcel) {
  if (packet.destination.is_multicast() || packet.destination.is_limited_broadcast()) {
    return tally_->drop(guestlan::Drop::no_receiver);
  }
  const auto receiver = addresses_.find(packet.destination);
  if (receiver == ReplayAddresses::nobody) return tally_->drop(guestlan::Drop::unknown_address);
  if (receiver == sender_) return tally_->drop(guestlan::Drop::own_address);
  expect(receiver, parcel);
}

void ReplayLan::expect(std::uint32_t receiver, std::uint32_t parcel) {
  Member& member = members_[receiver];
  if (member.first_expected == none) {
    member.first_expected = parcel;
    receivers_.push_back(receiver);
  } else {
    parcels_[member.last_expected].next = parcel;
  }
  member.last_expected = parcel;
}

void ReplayLan::flush(ReplayTally& tally) {
  if (parcels_.empty()) return;
  tally_ = &tally;
  clock_.advance_to(time_);
  members_[sender_].machine->external_interrupt();
  system_.run_until_idle(rounds_per_batch);
  for (const auto receiver : receivers_) {
    for (auto& parcel = members_[receiver].first_expected; parcel != none; parcel = parcels_[parcel].next) {
      ++tally.lost;
    }
  }
  receivers_.clear();
  parcels_.clear();
  bytes_.clear();
}

void ReplayLan::send(cms::QdioDriver& driver) {
  for (const Parcel& parcel : parcels_) {
    std::byte* room = driver.reserve(parcel.length);
    if (room == nullptr) {
      ++tally_->refused;
      continue;
    }
    std::memcpy(room, bytes_.data() + parcel.offset, parcel.length);
    driver.commit(parcel.header, parcel.length);
    ++tally_->sent;
    if (const arch::Time late = clock_.now() - parcel.time; late > arch::Time{0}) {
      ++tally_->late;
      tally_->latest = std::max(tally_->latest, late);
    }
    tally_->sent_bytes += parcel.length;
  }
  driver.flush();
}

void ReplayLan::received(std::uint32_t user, std::span<const std::byte> packet) {
  Member& member = members_[user];
  if (member.first_expected == none) {
    ++tally_->unexpected;
    return;
  }
  const Parcel& parcel = parcels_[member.first_expected];
  const bool same = packet.size() == parcel.length &&
                    std::memcmp(packet.data(), bytes_.data() + parcel.offset, parcel.length) == 0;
  ++(same ? tally_->received : tally_->differing);
  member.first_expected = parcel.next;
}

}  // namespace vmlan::apps
