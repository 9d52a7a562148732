#include "apps/replay/closed_wire.h"

#include <algorithm>

#include "wire/transport_packet.h"

namespace vmlan::apps {

namespace {

constexpr std::size_t most_under_way = 100'000;  // packets of one user

bool is_tcp(const std::byte* packet, std::uint32_t length) noexcept {
  constexpr std::size_t v4_protocol = 9;
  constexpr std::size_t v6_next_header = 6;
  if (length < sizeof(wire::Ipv4Header)) return false;
  const bool v4 = (packet[0] >> 4U) == std::byte{4};
  return packet[v4 ? v4_protocol : v6_next_header] == std::byte{wire::ip_protocol::tcp};
}

}  // namespace

ClosedWire::ClosedWire(Courier& courier, ClosedWatcher& watcher, std::uint32_t user, std::uint32_t lan,
                       std::uint32_t mtu, bool waits, ClosedBooks* books)
    : courier_(courier), watcher_(watcher), user_(user), lan_(lan), mtu_(mtu), waits_(waits), books_(books) {
  // Only a link-local address is made of it, which nothing is sent from.
  mac_.bytes = {0x02,
                0,
                static_cast<std::uint8_t>(user >> 24U),
                static_cast<std::uint8_t>(user >> 16U),
                static_cast<std::uint8_t>(user >> 8U),
                static_cast<std::uint8_t>(user)};
  if (waits_) room_.resize(mtu_);
}

void ClosedWire::begin_turn(cms::QdioDriver& driver, const Mail& mail, arch::Time now) {
  driver_ = &driver;
  mail_ = &mail;
  now_ = now;
}

void ClosedWire::end_turn() { mail_ = nullptr; }

std::byte* ClosedWire::reserve(std::uint32_t length) {
  if (!waits_) return driver_ == nullptr ? nullptr : driver_->reserve(length);
  return length > room_.size() || under_way_.size() >= most_under_way ? nullptr : room_.data();
}

void ClosedWire::commit(const wire::Layer3Header& header, std::uint32_t length) {
  if (!waits_) {
    // The same place that reserve() gave.
    const std::byte* packet = driver_->reserve(length);
    if (!is_tcp(packet, length)) return;
    const auto line = watcher_.left({packet, length});
    if (books_ != nullptr) books_->given(line, {packet, length}, now_, now_);
    driver_->commit(header, length);
    has_sent_ = true;
    return;
  }
  if (!is_tcp(room_.data(), length)) return;
  const std::span bytes(room_.data(), length);
  const auto line = watcher_.left(bytes);
  Packet packet{Step::arrives, header, {bytes.begin(), bytes.end()}, line, now_};
  LinkModel* nic = courier_.nic_link(user_);
  LinkModel* lan = courier_.lan_link(lan_);
  if (nic != nullptr && lan != nullptr) packet.step = Step::onto_lan;
  pass(nic != nullptr ? *nic : *lan, std::move(packet));
}

void ClosedWire::pass(LinkModel& link, Packet packet) {
  const auto passage = link.offer(now_, static_cast<std::uint32_t>(packet.bytes.size()));
  if (passage.fate == LinkModel::Fate::queue_full) return lose(packet, Ending::queue_full());
  if (passage.fate == LinkModel::Fate::lost) return lose(packet, Ending::lost_on_link());
  if (passage.again) {
    ++counters_.duplicated;
    if (books_ != nullptr) books_->copied(packet.line, now_);
    under_way_.emplace(std::pair(*passage.again, order_++), packet);
  }
  under_way_.emplace(std::pair(passage.arrives, order_++), std::move(packet));
}

void ClosedWire::lose(const Packet& packet, Ending ending) {
  ++(ending == Ending::queue_full() ? counters_.queue_full : counters_.lost_on_link);
  if (books_ != nullptr) books_->lost(packet.line, ending, now_);
}

void ClosedWire::carry(arch::Time now) {
  while (!under_way_.empty() && under_way_.begin()->first.first <= now) {
    auto first = under_way_.extract(under_way_.begin());
    Packet& packet = first.mapped();
    if (packet.step == Step::onto_lan) {
      packet.step = Step::arrives;
      pass(*courier_.lan_link(lan_), std::move(packet));
    } else {
      give(packet);
    }
  }
}

// A driver whose buffers all wait for a full receiver (HiperSockets) loses it, as its queue would.
void ClosedWire::give(const Packet& packet) {
  if (!driver_->send(packet.header, packet.bytes)) return lose(packet, Ending::queue_full());
  if (books_ != nullptr) books_->given(packet.line, packet.bytes, packet.left, now_);
  has_sent_ = true;
}

void ClosedWire::flush() {
  // What could not leave in another turn may do so now.
  if (busy_) has_sent_ = true;
  busy_ = driver_->flush() == arch::ConditionCode::two;
}

void ClosedWire::poll(cms::PacketReceiver& receiver) {
  driver_->poll([&](const cms::ReceivedPacket& packet) {
    if (!watcher_.wants(packet.payload)) return (*mail_)(packet.payload);
    receiver.receive(packet.layer3(), packet.payload);
  });
}

std::optional<arch::Time> ClosedWire::last_arrival() const {
  if (under_way_.empty()) return std::nullopt;
  return under_way_.rbegin()->first.first;
}

std::optional<arch::Time> ClosedWire::next() const {
  if (under_way_.empty()) return std::nullopt;
  return under_way_.begin()->first.first;
}

}  // namespace vmlan::apps
