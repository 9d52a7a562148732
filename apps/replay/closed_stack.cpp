#include "apps/replay/closed_stack.h"

#include <cstring>
#include <utility>

#include "cms/stack/ip_conversion.h"
#include "wire/transport_packet.h"

namespace vmlan::apps {

std::unique_ptr<ClosedStack> ClosedStack::create(const Settings& settings, const arch::Clock& clock,
                                                 Courier& courier, ClosedAudience& audience,
                                                 std::string& error) {
  auto stack = std::unique_ptr<ClosedStack>(new ClosedStack(settings, clock, courier, audience));
  if (!stack->set_up(error)) return nullptr;
  return stack;
}

ClosedStack::ClosedStack(const Settings& settings, const arch::Clock& clock, Courier& courier,
                         ClosedAudience& audience)
    : settings_(settings),
      clock_(clock),
      audience_(audience),
      wire_(courier, *this, settings.user, settings.lan, settings.mtu, settings.waits, settings.books) {}

ClosedStack::~ClosedStack() {
  for (auto& part : peers_) part.peer.forget();
}

bool ClosedStack::set_up(std::string& error) {
  stack_ = cms::Stack::create(clock_, settings_.seed, error);
  if (stack_ == nullptr) return false;
  auto* interface = stack_->add_interface(wire_, "ETH0", settings_.mtu);
  if (interface == nullptr) {
    error = "lwIP has no memory for its interface";
    return false;
  }
  // A subnet of everything: whoever is on the LAN is reached there.
  const auto code = settings_.address.is_v4() ? interface->set_ipv4(settings_.address, 0)
                                              : interface->add_ipv6(settings_.address);
  if (code != qdio::IpaCode::success) error = "lwIP refuses the address";
  return code == qdio::IpaCode::success;
}

// --- What it plays ----------------------------------------------------------------------------------------

void ClosedStack::add(const TcpScript& script, std::uint32_t number, TcpSide side, arch::Time time) {
  const auto peer = static_cast<std::uint32_t>(peers_.size());
  peers_.push_back({ClosedPeer(script, side, *stack_, *this, peer), number});
  auto key = script.flow;
  if (side == TcpSide::server) {
    std::swap(key.source, key.destination);
    std::swap(key.source_port, key.destination_port);
  }
  key.source.domain = key.destination.domain = 0;  // a user is in one VLAN; packets do not tell which
  by_ports_[key].push_back(peer);
  if (side == TcpSide::client) {
    timers_.push({time, peer});
  } else if (listens_.insert(key.source_port).second) {
    listen(key.source_port);
  }
}

bool ClosedStack::listen(std::uint16_t port) {
  constexpr std::uint8_t backlog = 255;
  auto& lwip = stack_->lwip();
  const auto own = cms::to_lwip(settings_.address);
  tcp_pcb* pcb = lwip->tcp_new_ip_type(own.type);
  if (pcb == nullptr) return false;
  ip_set_option(pcb, SOF_REUSEADDR);
  if (lwip->tcp_bind(pcb, &own, port) != ERR_OK) {
    lwip->tcp_abort(pcb);
    return false;
  }
  tcp_pcb* listener = lwip->tcp_listen_with_backlog(pcb, backlog);
  if (listener == nullptr) return false;
  lwip->tcp_arg(listener, this);
  lwip->tcp_accept(listener, on_accepted);
  return true;
}

err_t ClosedStack::on_accepted(void* argument, tcp_pcb* accepted, err_t error) {
  if (error != ERR_OK || accepted == nullptr) return ERR_VAL;
  auto& self = *static_cast<ClosedStack*>(argument);
  FlowKey key;
  key.protocol = wire::ip_protocol::tcp;
  key.source.address = self.settings_.address;
  key.destination.address = cms::from_lwip(accepted->remote_ip);
  key.source_port = accepted->local_port;
  key.destination_port = accepted->remote_port;
  Part* part = self.part_of(key);
  if (part == nullptr || part->peer.side() != TcpSide::server) {
    self.stack_->lwip()->tcp_abort(accepted);
    return ERR_ABRT;
  }
  part->peer.adopt(accepted);
  return ERR_OK;
}

// --- Whose packets ----------------------------------------------------------------------------------------

// `tcp`: where its header is; 0: it is none that a stack of a replay would send.
FlowKey ClosedStack::key_of(std::span<const std::byte> packet, bool leaves, std::size_t& tcp) const noexcept {
  tcp = 0;
  FlowKey key;
  const bool v4 = (packet[0] >> 4U) == std::byte{4};
  const std::size_t begin = v4 ? (packet[0] & std::byte{15}) == std::byte{5} ? sizeof(wire::Ipv4Header) : 0
                               : sizeof(wire::Ipv6Header);
  if (begin == 0 || packet.size() < begin + sizeof(wire::TcpHeader)) return key;
  if (packet[v4 ? 9 : 6] != std::byte{wire::ip_protocol::tcp}) return key;
  constexpr std::byte fragment{0x3f};
  if (v4 && ((packet[6] & fragment) != std::byte{0} || packet[7] != std::byte{0})) return key;
  const auto* other = reinterpret_cast<const std::uint8_t*>(
      packet.data() + (v4       ? leaves ? 16 : 12
                       : leaves ? offsetof(wire::Ipv6Header, destination)
                                : 8));
  wire::TcpHeader header;
  std::memcpy(&header, packet.data() + begin, sizeof(header));
  key.protocol = wire::ip_protocol::tcp;
  key.source.address = settings_.address;
  key.destination.address = v4 ? wire::IpAddress::v4(other) : wire::IpAddress::v6(other);
  key.source_port = leaves ? header.source_port : header.destination_port;
  key.destination_port = leaves ? header.destination_port : header.source_port;
  tcp = begin;
  return key;
}

// The one whose turn it is: the first that is not over, or the last.
ClosedStack::Part* ClosedStack::part_of(const FlowKey& key) {
  if (last_part_ != nullptr && !last_part_->is_over && key == last_key_) return last_part_;
  const auto found = by_ports_.find(key);
  if (found == by_ports_.end()) return nullptr;
  auto& line = found->second;
  while (line.size() > 1 && peers_[line.front()].is_over) line.pop_front();
  last_key_ = key;
  last_part_ = &peers_[line.front()];
  return last_part_;
}

// `key` is the sender's; `part` plays one of its ends, on either side.
ClosedBooks::Line ClosedStack::line_of(FlowKey key, const Part* part) {
  if (settings_.books == nullptr) return 0;
  if (part != nullptr) key.source.domain = key.destination.domain = part->peer.script().vlan;
  return settings_.books->line(key, settings_.user, settings_.lan);
}

ClosedBooks::Line ClosedStack::left(std::span<const std::byte> packet) {
  std::size_t at = 0;
  const auto key = key_of(packet, true, at);
  Part* part = at == 0 ? nullptr : part_of(key);
  const auto line = line_of(key, part);
  if (settings_.books != nullptr) settings_.books->left(line, packet.size(), clock_.now());
  wire::TcpHeader tcp;
  if (at == 0) return line;
  std::memcpy(&tcp, packet.data() + at, sizeof(tcp));
  const std::size_t headers = at + (tcp.data_offset >> 4U) * std::size_t{4};
  const auto numbers =
      (tcp.flags & TracedSegment::syn) != 0 || (tcp.flags & TracedSegment::fin) != 0 ? 1U : 0U;
  const auto length = static_cast<std::uint32_t>(packet.size() - headers) + numbers;
  if (length == 0) return line;
  ++counters_.segments;
  if (part != nullptr && part->peer.note_sent(tcp.sequence, length)) ++counters_.repeated;
  return line;
}

bool ClosedStack::wants(std::span<const std::byte> packet) {
  if (packet.size() < sizeof(wire::Ipv4Header)) return false;
  std::size_t at = 0;
  const auto key = key_of(packet, false, at);
  const Part* part = at == 0 ? nullptr : part_of(key);
  if (part == nullptr) return false;
  if (settings_.books != nullptr) {
    auto sender = key;
    std::swap(sender.source, sender.destination);
    std::swap(sender.source_port, sender.destination_port);
    sender.source.domain = sender.destination.domain = part->peer.script().vlan;
    settings_.books->arrived(sender, settings_.user, packet, clock_.now());
  }
  return true;
}

// --- A turn -----------------------------------------------------------------------------------------------

void ClosedStack::stirred(std::uint32_t peer) {
  auto& part = peers_[peer];
  if (std::exchange(part.is_stirred, true)) return;
  stirred_.push_back(peer);
}

std::optional<arch::Time> ClosedStack::run(cms::QdioDriver& driver, const ClosedWire::Mail& mail) {
  const auto now = clock_.now();
  const auto before = settings_.nic();
  wire_.begin_turn(driver, mail, now);
  wire_.carry(now);
  stack_->poll();
  while (!timers_.empty() && timers_.top().first <= now) {
    stirred(timers_.top().second);
    timers_.pop();
  }
  run_peers(now);
  stack_->flush();
  wire_.end_turn();
  if (wire_.has_sent()) {
    auto sent = settings_.nic();
    sent -= before;
    lan_ += sent;
    if (settings_.books != nullptr) settings_.books->told(settings_.user, sent);
  }
  return next(now);
}

void ClosedStack::run_peers(arch::Time now) {
  // Whoever is stirred by another's turn has the next one.
  for (const auto number : std::exchange(stirred_, {})) {
    auto& part = peers_[number];
    part.is_stirred = false;
    if (part.is_over) continue;
    if (const auto later = part.peer.run(now)) timers_.push({*later, number});
    if (!part.peer.has_ended() && !part.peer.has_failed()) continue;
    part.is_over = true;
    audience_.is_over(part.script, part.peer);
  }
}

// lwIP's timers run four times a second. A connection that has nothing to repeat needs none of them: between
// an application's words may lie minutes, and between two parts of a trace years.
bool ClosedStack::waits_for_other() {
  for (const tcp_pcb* pcb = *stack_->lwip().data().tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
    const bool settled = pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT || pcb->state == FIN_WAIT_2;
    const bool silent = pcb->unsent == nullptr && pcb->unacked == nullptr && pcb->ooseq == nullptr &&
                        pcb->refused_data == nullptr && (pcb->flags & (TF_ACK_DELAY | TF_ACK_NOW)) == 0;
    if (!settled || !silent) return true;
  }
  return false;
}

std::optional<arch::Time> ClosedStack::next(arch::Time now) {
  if (stack_->more() || !stirred_.empty()) return now;
  std::optional<arch::Time> time;
  const auto consider = [&time](std::optional<arch::Time> other) {
    if (other && (!time || *other < *time)) time = other;
  };
  if (!timers_.empty()) consider(timers_.top().first);
  consider(wire_.next());
  if (wire_.busy() || waits_for_other()) consider(stack_->next_timer());
  return time;
}

}  // namespace vmlan::apps
