#include "apps/replay/closed_books.h"

#include <functional>
#include <numeric>
#include <string_view>

namespace vmlan::apps {

namespace {

std::uint64_t sum_of(std::span<const std::byte> packet) noexcept {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(packet.data()), packet.size()});
}

}  // namespace

ClosedBooks::Line ClosedBooks::line(const FlowKey& key, std::uint32_t user, std::uint32_t lan) {
  const auto [found, is_new] = lines_.try_emplace(key, static_cast<Line>(ways_.size()));
  if (is_new) {
    ways_.push_back({{user, lan, static_cast<std::uint16_t>(key.source.domain), books_.flow(key)}, {}, 0});
  }
  return found->second;
}

void ClosedBooks::left(Line line, std::size_t bytes, arch::Time now) {
  books_.sent(ways_[line].entry, bytes, now);
  all_.seen(now);
  ++all_.sent;
  all_.sent_bytes += bytes;
}

void ClosedBooks::copied(Line line, arch::Time now) {
  books_.copied(ways_[line].entry, now);
  ++all_.copies;
}

void ClosedBooks::lost(Line line, Ending ending, arch::Time now) { drop(ways_[line].entry, ending, now); }

void ClosedBooks::given(Line line, std::span<const std::byte> packet, arch::Time left, arch::Time now) {
  ways_[line].in_lan.push_back({sum_of(packet), left, now});
}

ClosedBooks::Told& ClosedBooks::told_to(std::uint32_t user) {
  if (user >= told_.size()) told_.resize(user + 1);
  return told_[user];
}

void ClosedBooks::told(std::uint32_t user, const guestlan::Counters& counters) {
  Told& told = told_to(user);
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason)
    told[reason] += counters.dropped[reason];
}

void ClosedBooks::arrived(const FlowKey& key, std::uint32_t receiver, std::span<const std::byte> packet,
                          arch::Time now) {
  const auto known = lines_.find(key);
  if (known == lines_.end()) return;
  auto& [entry, in_lan, next] = ways_[known->second];
  const auto sum = sum_of(packet);
  while (next < in_lan.size()) {
    const Given first = in_lan[next++];
    if (next == in_lan.size()) {
      in_lan.clear();
      next = 0;
    }
    if (first.sum != sum) {
      drop_by_lan(entry, first.given);
      continue;
    }
    books_.received(receiver, entry, packet.size(), now - first.left, now);
    all_.seen(now);
    ++all_.received;
    all_.received_bytes += packet.size();
    all_.latency.add(now - first.left);
    return;
  }
}

void ClosedBooks::drop(const BookEntry& entry, Ending ending, arch::Time now) {
  books_.dropped(entry, ending, 1, now);
  all_.drop(ending);
}

// false: it has told of no more.
bool ClosedBooks::drop_by_lan(const BookEntry& entry, arch::Time now) {
  Told& told = told_to(entry.user);
  for (std::size_t reason = 0; reason < guestlan::drop_reasons; ++reason) {
    if (told[reason] == 0) continue;
    --told[reason];
    drop(entry, Ending::of(static_cast<guestlan::Drop>(reason)), now);
    return true;
  }
  return false;
}

std::uint64_t ClosedBooks::unexplained() const noexcept {
  std::uint64_t packets = 0;
  for (const Told& told : told_) packets += std::accumulate(told.begin(), told.end(), std::uint64_t{0});
  return packets;
}

void ClosedBooks::finish() {
  for (auto& [entry, in_lan, next] : ways_) {
    // The last ones may wait at their receiver: what is dropped is dropped where its buffers are full.
    while (next < in_lan.size() && drop_by_lan(entry, in_lan.back().given)) in_lan.pop_back();
  }
}

}  // namespace vmlan::apps
