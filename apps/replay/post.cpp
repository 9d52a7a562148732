#include "apps/replay/post.h"

#include <algorithm>
#include <cstring>

namespace vmlan::apps {

namespace {

// A batch is over after the sender's turn and one of each receiver.
constexpr unsigned rounds_per_batch = 64;

wire::Layer3Header header_for(const wire::IpAddress& destination, bool ipv6) noexcept {
  auto header = cms::layer3_header(destination, destination);
  if (ipv6) {
    // Also for a destination that is an IPv4-mapped address.
    header.flags |= wire::layer3_flag::ipv6;
    header.next_hop = destination.bytes;
  }
  return header;
}

}  // namespace

Post::Receiver& Post::receiver(std::uint32_t user) {
  if (user >= receivers_.size()) receivers_.resize(std::max<std::size_t>(user + 1, members_.size()));
  return receivers_[user];
}

Post::Backlog& Post::backlog(std::uint32_t user) {
  if (user >= backlogs_.size()) backlogs_.resize(std::max<std::size_t>(user + 1, members_.size()));
  return backlogs_[user];
}

std::uint32_t Post::waiting_at(std::uint32_t user) const noexcept {
  return user < backlogs_.size() ? static_cast<std::uint32_t>(backlogs_[user].packets.size()) : 0;
}

std::uint32_t Post::most_waiting(std::uint32_t user) const noexcept {
  return user < backlogs_.size() ? backlogs_[user].most : 0;
}

arch::Time Post::move_clock(arch::Time due) {
  if (moved_ != nullptr) moved_->advance_to(due);
  return clock_.now();
}

// --- Before it leaves -----------------------------------------------------------------------------------

// Of one user and time are those that follow each other.
Post::Batch& Post::batch_for(const Letter& letter, arch::Time due) {
  const std::uint32_t most = settings_.asks_the_lan ? 1 : settings_.batch;
  if (!batches_.empty()) {
    Batch& last = batches_.back();
    if (last.sender == letter.sender && due <= last.time && last.count < most) return last;
    if (batches_.size() >= settings_.foreseen) flush();
  }
  time_ = std::max(time_, due);
  return batches_.emplace_back(Batch{letter.sender, time_, static_cast<std::uint32_t>(parcels_.size()), 0});
}

void Post::add(const Letter& letter, arch::Time due) {
  make_room(letter);
  // Whoever could not get room is gone, and nobody goes on.
  if (!members_.failure().empty()) return;
  ++batch_for(letter, due).count;
  const auto number = static_cast<std::uint32_t>(parcels_.size());
  parcels_.push_back({bytes_.size(), static_cast<std::uint32_t>(letter.bytes.size()),
                      letter.version == wire::IpVersion::v6, letter.to.address, letter.own_time, letter.left,
                      letter.entry});
  bytes_.insert(bytes_.end(), letter.bytes.begin(), letter.bytes.end());
  foresee(letter, number);
}

// nullptr: it is for one user, or nobody.
const std::vector<std::uint32_t>* Post::group_of(const Letter& letter) const {
  const auto lan = members_[letter.sender].lan;
  if (letter.to_everybody) return &members_.users_of(lan);
  const bool to_group = letter.to.is_mac() ? letter.to.mac().is_group() : letter.to.address.is_multicast();
  return to_group ? &members_.group(lan, letter.to.address) : nullptr;
}

// Whoever has to do with it gets buffers that are large enough, if they are not.
void Post::make_room(const Letter& letter) {
  const auto bytes = static_cast<std::uint32_t>(letter.bytes.size());
  const auto ensure = [&](std::uint32_t user) {
    if (!members_.has_room(user, bytes)) members_.make_room(user, bytes);
  };
  ensure(letter.sender);
  if (const auto* group = group_of(letter); group != nullptr) {
    // A copy: whoever logs on again changes nothing in it, but that is not this one's to know.
    if (bytes > members_.smallest_room()) {
      for (const auto user : std::vector(*group)) ensure(user);
    }
  } else if (const auto user = members_.find(letter.to); user != Members::nobody) {
    ensure(user);
  }
}

// Where the packet must end, told by its destination alone.
void Post::foresee(const Letter& letter, std::uint32_t parcel) {
  const auto lan = members_[letter.sender].lan;
  if (const auto* group = group_of(letter); group != nullptr) return foresee_group(letter, *group, parcel);
  if (letter.to.address.is_limited_broadcast()) return drop(letter.entry, guestlan::Drop::no_receiver);
  const auto user = members_.find(letter.to);
  if (user == Members::nobody || members_[user].lan != lan)
    return drop(letter.entry, guestlan::Drop::unknown_address);
  if (user == letter.sender) return drop(letter.entry, guestlan::Drop::own_address);
  expect(user, parcel);
}

void Post::foresee_group(const Letter& letter, const std::vector<std::uint32_t>& users,
                         std::uint32_t parcel) {
  std::uint64_t receivers = 0;
  for (const auto user : users) {
    if (user == letter.sender) continue;
    expect(user, parcel);
    ++receivers;
  }
  if (receivers == 0) return drop(letter.entry, guestlan::Drop::no_receiver);
  if (!settings_.asks_the_lan) tally_.group_copies += receivers - 1;
}

// Where the LAN is asked, its word counts, and only that.
void Post::drop(const BookEntry& entry, guestlan::Drop reason, std::uint64_t packets) {
  if (settings_.asks_the_lan) return;
  tally_.drop(reason, packets);
  if (books_ != nullptr) books_->dropped(entry, Ending::of(reason), packets, time_);
}

void Post::expect(std::uint32_t user, std::uint32_t parcel) {
  Receiver& place = receiver(user);
  const auto number = static_cast<std::uint32_t>(expected_.size());
  expected_.push_back({parcel, none});
  if (place.first == none) {
    members_.begin_to_talk(user);
    place.first = number;
    receivers_waiting_.push_back(user);
  } else {
    expected_[place.last].next = number;
  }
  place.last = number;
}

// --- On its way -----------------------------------------------------------------------------------------

void Post::flush() {
  if (batches_.empty()) return;
  if (members_.failure().empty()) {
    if (batches_.size() > 1) bring_near();
    for (const Batch& batch : batches_) send_batch(batch);
    if (!settings_.asks_the_lan) settle();
  }
  forget_batches();
}

void Post::send_batch(const Batch& batch) {
  sent_ = &batch;
  now_ = move_clock(batch.time);
  const auto before = settings_.asks_the_lan ? members_.counters(batch.sender) : guestlan::Counters{};
  received_before_.clear();
  if (settings_.slow) {
    for (const auto user : receivers_waiting_) received_before_.push_back(members_.counters(user).rx_packets);
  }
  Members::Member& sender = members_[batch.sender];
  members_.begin_to_talk(batch.sender);
  sender.has_sent = true;
  sender.program->send_mail();
  sender.machine->external_interrupt();
  members_.system().run_until_idle(rounds_per_batch);
  if (settings_.asks_the_lan) settle_with_lan(before);
}

void Post::forget_batches() {
  for (const auto user : receivers_waiting_) receivers_[user].first = none;
  receivers_waiting_.clear();
  expected_.clear();
  parcels_.clear();
  bytes_.clear();
  batches_.clear();
}

void Post::send(cms::QdioDriver& driver) {
  for (const Parcel& parcel : std::span(parcels_).subspan(sent_->first, sent_->count)) {
    std::byte* room = driver.reserve(parcel.length);
    if (room == nullptr) {
      ++tally_.refused;
      continue;
    }
    const auto bytes = std::span(bytes_).subspan(parcel.offset, parcel.length);
    std::memcpy(room, bytes.data(), bytes.size());
    if (settings_.frames) {
      driver.commit(cms::layer2_header(bytes), parcel.length);
    } else {
      driver.commit(header_for(parcel.next_hop, parcel.ipv6), parcel.length);
    }
    ++tally_.sent;
    tally_.sent_bytes += parcel.length;
    note_lateness(parcel);
  }
  driver.flush();
}

// Of what went straight to the post; links have noted the rest.
void Post::note_lateness(const Parcel& parcel) {
  if (!settings_.straight) return;
  if (moved_ == nullptr) tally_.lateness.add(now_ - parcel.left);
  const auto late = (moved_ == nullptr ? parcel.left : now_) - parcel.own_time;
  if (late <= arch::Time{0}) return;
  ++tally_.late;
  tally_.latest = std::max(tally_.latest, late);
}

void Post::arrived(std::uint32_t user, bool same, std::span<const std::byte> packet, arch::Time left,
                   const BookEntry& entry) {
  if (!same) {
    ++tally_.differing;
    return;
  }
  ++tally_.received;
  tally_.received_bytes += packet.size();
  tally_.arrived_after(now_ - left);
  if (books_ != nullptr) books_->received(user, entry, packet.size(), now_ - left, now_);
}

void Post::received(std::uint32_t user, std::span<const std::byte> packet) {
  const auto is_same = [&](std::span<const std::byte> sent) {
    return sent.size() == packet.size() && std::memcmp(sent.data(), packet.data(), sent.size()) == 0;
  };
  if (settings_.slow) {
    auto& packets = backlog(user).packets;
    if (packets.empty()) {
      ++tally_.unexpected;
      return;
    }
    const Waiting first = std::move(packets.front());
    packets.pop_front();
    --waiting_;
    return arrived(user, is_same(first.bytes), packet, first.left, first.entry);
  }
  Receiver& place = receiver(user);
  if (place.first == none) {
    ++tally_.unexpected;
    return;
  }
  const Expected& expected = expected_[place.first];
  const Parcel& parcel = parcels_[expected.parcel];
  place.first = expected.next;
  arrived(user, is_same(std::span(bytes_).subspan(parcel.offset, parcel.length)), packet, parcel.left,
          parcel.entry);
}

void Post::deliver(std::uint32_t user, arch::Time due) {
  flush();
  if (!members_.failure().empty()) return;
  now_ = move_clock(due);
  members_[user].program->take();
  members_[user].machine->external_interrupt();
  members_.system().run_until_idle(rounds_per_batch);
}

}  // namespace vmlan::apps
