#include "host/uplink/neighbors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/uplink/neighbor_packets.h"

namespace vmlan::host {
namespace {

using namespace std::chrono_literals;

constexpr arch::Time between_questions = 1s;
constexpr unsigned most_questions = 3;
constexpr std::size_t two_addresses = offsetof(wire::EthernetHeader, type);

bool is_station(const wire::MacAddress& mac) noexcept { return !mac.is_group() && !mac.is_zero(); }

// A frame without its tag, as far as questions and answers reach.
struct UntaggedStart {
  static constexpr std::size_t tag_size = 4;
  std::array<std::byte, 128> bytes{};
  std::size_t length = 0;
  std::uint16_t vlan = 0;

  explicit UntaggedStart(std::span<const std::byte> frame) noexcept {
    arch::be16 type;
    std::memcpy(&type, frame.data() + two_addresses, sizeof(type));
    std::size_t from = two_addresses;
    if (type == wire::ether_type::vlan && frame.size() >= two_addresses + tag_size + sizeof(type)) {
      arch::be16 read;
      std::memcpy(&read, frame.data() + two_addresses + sizeof(type), sizeof(read));
      vlan = read & 0x0fff;
      from += tag_size;
    }
    std::memcpy(bytes.data(), frame.data(), two_addresses);
    const auto rest = frame.subspan(from, std::min(frame.size() - from, bytes.size() - two_addresses));
    std::memcpy(bytes.data() + two_addresses, rest.data(), rest.size());
    length = two_addresses + rest.size();
  }
  std::span<const std::byte> frame() const noexcept { return std::span(bytes).first(length); }
};

}  // namespace

void Neighbors::forget() {
  for (auto& [key, neighbor] : known_) drop_held(neighbor, neighbor.held.size());
  known_.clear();
}

const wire::MacAddress* Neighbors::find(const Key& key) const {
  const auto found = known_.find(key);
  return found != known_.end() && found->second.answered ? &found->second.mac : nullptr;
}

Neighbors::Neighbor* Neighbors::room_for(const Key& key, const wire::IpAddress& source) {
  if (const auto found = known_.find(key); found != known_.end()) return &found->second;
  const auto asked = std::ranges::count_if(
      known_, [&](const auto& entry) { return !entry.second.answered && entry.second.asks == source; });
  if (static_cast<std::size_t>(asked) >= most_asked_for_one) return nullptr;
  if (known_.size() >= most && !forget_oldest()) return nullptr;
  return &known_[key];
}

// Who has answered longest ago can be asked again.
bool Neighbors::forget_oldest() {
  auto oldest = known_.end();
  for (auto next = known_.begin(); next != known_.end(); ++next) {
    if (next->second.answered && (oldest == known_.end() || next->second.until < oldest->second.until)) {
      oldest = next;
    }
  }
  if (oldest == known_.end()) return false;
  known_.erase(oldest);
  return true;
}

bool Neighbors::hold(const Key& key, const wire::IpAddress& source, std::uint16_t priority, Pieces datagram,
                     const FrameWork& work) {
  Neighbor* neighbor = room_for(key, source);
  std::size_t length = 0;
  for (const auto piece : datagram) length += piece.size();
  if (neighbor == nullptr || neighbor->held.size() >= most_held_for_one ||
      length > most_held_bytes - held_bytes_) {
    if (neighbor != nullptr && neighbor->asked == 0 && !neighbor->answered) known_.erase(key);
    return false;
  }
  Held held{{}, priority, work};
  held.datagram.reserve(length);
  for (const auto piece : datagram) held.datagram.insert(held.datagram.end(), piece.begin(), piece.end());
  held_bytes_ += length;
  neighbor->held.push_back(std::move(held));
  neighbor->asks = source;
  if (neighbor->asked == 0) ask(key, *neighbor);
  return true;
}

void Neighbors::ask(const Key& key, Neighbor& neighbor) {
  ++neighbor.asked;
  neighbor.until = now_ + between_questions;
  next_due_ = std::min(next_due_, neighbor.until);
  const auto question = neighbor_question(key.address, neighbor.asks, own_);
  say(question.frame(), key.vlan);
}

void Neighbors::announce(const Key& key) {
  say(neighbor_question(key.address, key.address, own_).frame(), key.vlan);
}

// A frame of our own, with a tag of this VLAN. One that is not taken is said again, or asked for.
void Neighbors::say(std::span<const std::byte> frame, std::uint16_t vlan) {
  const std::array<arch::be16, 2> tag{arch::be16{wire::ether_type::vlan}, arch::be16{vlan}};
  const std::array<std::span<const std::byte>, 3> tagged{
      frame.first(two_addresses), std::as_bytes(std::span(tag)), frame.subspan(two_addresses)};
  const std::array untagged{frame};
  if (vlan != 0) {
    send_(tagged, {});
  } else {
    send_(untagged, {});
  }
}

void Neighbors::learn(Neighbor& neighbor, const Key& key, const wire::MacAddress& mac) {
  neighbor.mac = mac;
  neighbor.answered = true;
  neighbor.asked = 0;
  neighbor.until = now_ + timeout_;
  next_due_ = std::min(next_due_, neighbor.until);
  std::uint64_t lost = 0;
  for (const auto& held : neighbor.held) {
    const auto header =
        datagram_front(mac, own_, !key.address.is_v4(), static_cast<std::uint16_t>(held.priority | key.vlan));
    const std::array<std::span<const std::byte>, 2> pieces{header.bytes(), held.datagram};
    if (!send_(pieces, held.work.behind(header.length))) ++lost;
  }
  drop_held(neighbor, lost);
}

void Neighbors::drop_held(Neighbor& neighbor, std::uint64_t lost) {
  for (const auto& held : neighbor.held) held_bytes_ -= held.datagram.size();
  neighbor.held.clear();
  if (lost > 0) lost_(lost);
}

bool Neighbors::received(std::span<const std::byte> frame) {
  if (frame.size() < sizeof(wire::EthernetHeader)) return false;
  const UntaggedStart start(frame);
  arch::be16 type;
  std::memcpy(&type, start.bytes.data() + two_addresses, sizeof(type));
  // Longer packets of IPv6 contradict this start, and are none of ours.
  const auto packet = parse_nat_packet(start.frame());
  if (!packet) return type == wire::ether_type::arp;
  const auto target = target_of_question(*packet, start.frame());
  const bool about_ours = target && is_ours_({*target, start.vlan});
  const auto news = parse_neighbor_news(*packet, start.frame());
  const bool credible = news && is_station(news->mac) && news->mac != own_ &&
                        !news->address.is_unspecified() && !is_ours_({news->address, start.vlan});
  if (credible) {
    const Key key{news->address, start.vlan};
    auto known = known_.find(key);
    // Who asks for one of ours will be answered; but askers alone do not fill the table.
    if (known == known_.end() && about_ours && known_.size() < most / 2)
      known = known_.emplace(key, Neighbor{}).first;
    if (known != known_.end()) learn(known->second, key, news->mac);
  }
  if (type != wire::ether_type::arp) return false;
  if (about_ours) {
    if (const auto reply = answer_neighbor_question(start.frame(), own_)) say(reply->frame(), start.vlan);
  }
  return true;
}

void Neighbors::tend(arch::Time now) {
  now_ = now;
  if (now < next_due_) return;
  next_due_ = arch::Time::max();
  for (auto next = known_.begin(); next != known_.end();) {
    auto& [key, neighbor] = *next;
    const bool due = now >= neighbor.until;
    const bool again = due && !neighbor.answered && neighbor.asked < most_questions;
    if (again) ask(key, neighbor);
    if (due && !again) {
      drop_held(neighbor, neighbor.held.size());
      next = known_.erase(next);
    } else {
      next_due_ = std::min(next_due_, neighbor.until);
      ++next;
    }
  }
}

std::optional<arch::Time> Neighbors::deadline() const {
  if (known_.empty()) return std::nullopt;
  return next_due_;
}

}  // namespace vmlan::host
