#include "host/uplink/neighbors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/uplink/nat_packet.h"

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
  std::uint16_t tag = 0;

  explicit UntaggedStart(std::span<const std::byte> frame) noexcept {
    arch::be16 type;
    std::memcpy(&type, frame.data() + two_addresses, sizeof(type));
    std::size_t from = two_addresses;
    if (type == wire::ether_type::vlan && frame.size() >= two_addresses + tag_size + sizeof(type)) {
      arch::be16 read;
      std::memcpy(&read, frame.data() + two_addresses + sizeof(type), sizeof(read));
      tag = read & 0x0fff;
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

DatagramHeader::DatagramHeader(const wire::MacAddress& to, const wire::MacAddress& from, bool ipv6,
                               std::uint16_t vlan_tag) noexcept {
  const std::uint16_t type = ipv6 ? wire::ether_type::ipv6 : wire::ether_type::ipv4;
  header.destination = to;
  header.source = from;
  header.type = type;
  if (vlan_tag == 0) return;
  header.type = wire::ether_type::vlan;
  tag = vlan_tag;
  inner_type = type;
  length = offsetof(DatagramHeader, inner_type) + sizeof(inner_type);
}

wire::MacAddress group_mac(const wire::IpAddress& group) noexcept {
  const auto& bytes = group.bytes;
  if (!group.is_multicast()) return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  if (!group.is_v4()) return {{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(bytes[13] & 0x7fU), bytes[14], bytes[15]}};
}

void Neighbors::forget() {
  known_.clear();
  held_bytes_ = 0;
}

const wire::MacAddress* Neighbors::find(const Key& key) const {
  const auto found = known_.find(key);
  return found != known_.end() && found->second.answered ? &found->second.mac : nullptr;
}

bool Neighbors::hold(const Key& key, const wire::IpAddress& source, Pieces datagram, const FrameWork& work) {
  auto found = known_.find(key);
  if (found == known_.end()) {
    if (known_.size() >= most) return false;
    found = known_.emplace(key, Neighbor{}).first;
  }
  Neighbor& neighbor = found->second;
  std::size_t length = 0;
  for (const auto piece : datagram) length += piece.size();
  if (neighbor.held.size() >= most_held_for_one || length > most_held_bytes - held_bytes_) return false;
  Held held{{}, work};
  held.datagram.reserve(length);
  for (const auto piece : datagram) held.datagram.insert(held.datagram.end(), piece.begin(), piece.end());
  held_bytes_ += length;
  neighbor.held.push_back(std::move(held));
  neighbor.asks = source;
  if (neighbor.asked == 0) ask(key, neighbor);
  return true;
}

void Neighbors::ask(const Key& key, Neighbor& neighbor) {
  ++neighbor.asked;
  neighbor.until = now_ + between_questions;
  next_due_ = std::min(next_due_, neighbor.until);
  const auto question = neighbor_question(key.address, neighbor.asks, own_);
  answer(question.frame(), key.tag);
}

// Sends a frame of our own, with this tag.
void Neighbors::answer(std::span<const std::byte> frame, std::uint16_t tag) {
  const std::array<arch::be16, 2> tagged{arch::be16{wire::ether_type::vlan}, arch::be16{tag}};
  const std::array<std::span<const std::byte>, 3> pieces{
      frame.first(two_addresses), std::as_bytes(std::span(tagged)), frame.subspan(two_addresses)};
  const std::array untagged{frame};
  if (tag != 0) return send_(pieces, {});
  send_(untagged, {});
}

void Neighbors::learn(const Key& key, const wire::MacAddress& mac) {
  auto found = known_.find(key);
  if (found == known_.end()) {
    if (known_.size() >= most) return;
    found = known_.emplace(key, Neighbor{}).first;
  }
  Neighbor& neighbor = found->second;
  neighbor.mac = mac;
  neighbor.answered = true;
  neighbor.asked = 0;
  neighbor.until = now_ + timeout_;
  next_due_ = std::min(next_due_, neighbor.until);
  for (const auto& held : neighbor.held) {
    const DatagramHeader header(mac, own_, !key.address.is_v4(), key.tag);
    const std::array<std::span<const std::byte>, 2> pieces{header.bytes(), held.datagram};
    FrameWork work = held.work;
    const auto in_front = static_cast<std::uint16_t>(header.length);
    if (work.checksum) work.checksum_start = static_cast<std::uint16_t>(work.checksum_start + in_front);
    if (work.segmentation != FrameWork::Segmentation::none) {
      work.header_length = static_cast<std::uint16_t>(work.header_length + in_front);
    }
    send_(pieces, work);
  }
  drop_held(neighbor);
}

void Neighbors::drop_held(Neighbor& neighbor) {
  for (const auto& held : neighbor.held) held_bytes_ -= held.datagram.size();
  neighbor.held.clear();
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
  const bool about_ours = target && is_ours_(*target);
  const auto news = parse_neighbor_news(*packet, start.frame());
  const bool credible = news && is_station(news->mac) && news->mac != own_ &&
                        !news->address.is_unspecified() && !is_ours_(news->address);
  if (credible) {
    const Key key{news->address, start.tag};
    if (about_ours || known_.contains(key)) learn(key, news->mac);
  }
  if (type != wire::ether_type::arp) return false;
  if (about_ours) {
    if (const auto reply = answer_neighbor_question(start.frame(), own_)) answer(reply->frame(), start.tag);
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
      drop_held(neighbor);
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
