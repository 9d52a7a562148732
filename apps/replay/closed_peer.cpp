#include "apps/replay/closed_peer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cms/stack/ip_conversion.h"

namespace vmlan::apps {

namespace {

// lwIP has no memory, or the port is still that of a connection that has just ended.
constexpr std::chrono::milliseconds second_try{100};

ClosedPeer& self_of(void* argument) noexcept { return *static_cast<ClosedPeer*>(argument); }

}  // namespace

ClosedPeer::ClosedPeer(const TcpScript& script, TcpSide side, cms::Stack& stack, ClosedPeers& peers,
                       std::uint32_t number)
    : script_(script),
      side_(side),
      stack_(stack),
      peers_(peers),
      number_(number),
      other_closes_(
          std::any_of(script.actions.begin(), script.actions.end(), [side](const TcpAction& action) {
            return action.side != side && action.kind != TcpAction::Kind::write;
          })) {}

void ClosedPeer::set_callbacks() {
  auto& lwip = stack_.lwip();
  // The writes are the application's own; it is known when it had no more to say.
  tcp_nagle_disable(pcb_);
  lwip->tcp_arg(pcb_, this);
  lwip->tcp_recv(pcb_, on_received);
  lwip->tcp_sent(pcb_, on_sent);
  lwip->tcp_err(pcb_, on_error);
}

void ClosedPeer::connect() {
  auto& lwip = stack_.lwip();
  const auto own = cms::to_lwip(script_.flow.source.address);
  const auto other = cms::to_lwip(script_.flow.destination.address);
  pcb_ = lwip->tcp_new_ip_type(own.type);
  if (pcb_ == nullptr) return;
  ip_set_option(pcb_, SOF_REUSEADDR);
  set_callbacks();
  if (lwip->tcp_bind(pcb_, &own, script_.flow.source_port) != ERR_OK ||
      lwip->tcp_connect(pcb_, &other, script_.flow.destination_port, on_connected) != ERR_OK) {
    tcp_pcb* pcb = std::exchange(pcb_, nullptr);
    detach(pcb);
    lwip->tcp_abort(pcb);
  }
}

void ClosedPeer::adopt(tcp_pcb* accepted) {
  pcb_ = accepted;
  connected_ = true;
  set_callbacks();
  peers_.stirred(number_);
}

void ClosedPeer::detach(tcp_pcb* pcb) {
  auto& lwip = stack_.lwip();
  lwip->tcp_arg(pcb, nullptr);
  lwip->tcp_recv(pcb, nullptr);
  lwip->tcp_sent(pcb, nullptr);
  lwip->tcp_err(pcb, nullptr);
}

// --- What it does -----------------------------------------------------------------------------------------

const TcpAction* ClosedPeer::next_action() noexcept {
  while (next_ < script_.actions.size() && script_.actions[next_].side != side_) ++next_;
  return next_ < script_.actions.size() ? &script_.actions[next_] : nullptr;
}

bool ClosedPeer::is_possible(const TcpAction& action) const noexcept {
  if (received_ < action.needs || (action.needs_finish && !peer_finished_)) return false;
  if (action.kind != TcpAction::Kind::reset) return true;
  return acknowledged_ == own().size() && received_ >= others().size();
}

std::optional<arch::Time> ClosedPeer::run(arch::Time now) {
  if (ended_ || failed_) return std::nullopt;
  if (pcb_ == nullptr && !connected_ && side_ == TcpSide::client) {
    connect();
    return pcb_ == nullptr ? std::optional(now + second_try) : std::nullopt;
  }
  std::optional<arch::Time> later;
  while (pcb_ != nullptr && connected_) {
    const auto* action = next_action();
    if (action == nullptr || !is_possible(*action)) break;
    if (!possible_since_) possible_since_ = now;
    const auto due = *possible_since_ + action->think_time;
    if (due > now) {
      later = due;
      break;
    }
    if (!carry_out(*action)) {
      // Room comes with an acknowledgment, of which it hears.
      if (written_ == acknowledged_) later = now + second_try;
      break;
    }
    possible_since_.reset();
    ++next_;
  }
  look_for_end();
  return later;
}

bool ClosedPeer::carry_out(const TcpAction& action) {
  auto& lwip = stack_.lwip();
  switch (action.kind) {
    case TcpAction::Kind::write:
      return write_up_to(std::min<std::uint64_t>(action.up_to, own().size()));
    case TcpAction::Kind::finish:
      if (lwip->tcp_shutdown(pcb_, 0, 1) != ERR_OK) return false;
      finished_ = true;
      return true;
    case TcpAction::Kind::reset: {
      tcp_pcb* pcb = std::exchange(pcb_, nullptr);
      detach(pcb);
      lwip->tcp_abort(pcb);
      return true;
    }
  }
  return true;
}

// The stream stays where it is, so that lwIP need not copy more than it wants to.
bool ClosedPeer::write_up_to(std::uint64_t offset) {
  auto& lwip = stack_.lwip();
  while (written_ < offset) {
    const auto room = std::min<std::uint64_t>(tcp_sndbuf(pcb_), 0xffff);
    const auto part = std::min(offset - written_, room);
    if (part == 0) break;
    const auto flags = static_cast<u8_t>(written_ + part < offset ? TCP_WRITE_FLAG_MORE : 0);
    if (lwip->tcp_write(pcb_, own().data() + written_, static_cast<u16_t>(part), flags) != ERR_OK) break;
    written_ += part;
  }
  lwip->tcp_output(pcb_);
  return written_ == offset;
}

// --- How it ends ------------------------------------------------------------------------------------------

void ClosedPeer::look_for_end() {
  if (pcb_ != nullptr && finished_ && peer_finished_) {
    tcp_pcb* pcb = std::exchange(pcb_, nullptr);
    detach(pcb);
    stack_.lwip()->tcp_close(pcb);
  }
  const bool has_all = next_action() == nullptr && received_ >= others().size();
  const bool other_has_ended = peer_finished_ || peer_reset_;
  // Of what it wrote last the other side has told when it closed; otherwise the acknowledgment has to come.
  const bool was_heard = acknowledged_ >= own().size() || other_has_ended;
  if (has_all && was_heard && (!other_closes_ || other_has_ended)) {
    ended_ = true;
  } else if (pcb_ == nullptr && connected_) {
    failed_ = true;
  }
}

// --- What lwIP tells --------------------------------------------------------------------------------------

err_t ClosedPeer::on_connected(void* argument, tcp_pcb* /*pcb*/, err_t /*error*/) {
  auto& self = self_of(argument);
  self.connected_ = true;
  self.peers_.stirred(self.number_);
  return ERR_OK;
}

void ClosedPeer::receive(std::span<const std::byte> bytes) noexcept {
  const auto expected = others().subspan(std::min<std::uint64_t>(received_, others().size()));
  const auto size = std::min(bytes.size(), expected.size());
  received_ += bytes.size();
  if (size == bytes.size() && std::memcmp(bytes.data(), expected.data(), size) == 0) {
    verified_ += size;
    return;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool same = i < size && bytes[i] == expected[i];
    ++(same ? verified_ : wrong_);
  }
}

err_t ClosedPeer::on_received(void* argument, tcp_pcb* pcb, pbuf* packet, err_t /*error*/) {
  auto& self = self_of(argument);
  self.peers_.stirred(self.number_);
  if (packet == nullptr) {
    self.peer_finished_ = true;
    return ERR_OK;
  }
  for (const pbuf* part = packet; part != nullptr; part = part->next)
    self.receive({static_cast<const std::byte*>(part->payload), part->len});
  self.stack_.lwip()->tcp_recved(pcb, packet->tot_len);
  self.stack_.lwip()->pbuf_free(packet);
  return ERR_OK;
}

err_t ClosedPeer::on_sent(void* argument, tcp_pcb* /*pcb*/, u16_t length) {
  auto& self = self_of(argument);
  self.acknowledged_ += length;
  self.peers_.stirred(self.number_);
  return ERR_OK;
}

void ClosedPeer::on_error(void* argument, err_t error) {
  auto& self = self_of(argument);
  self.pcb_ = nullptr;  // lwIP has freed it
  if (error == ERR_RST) self.peer_reset_ = true;
  if (!self.connected_) self.failed_ = true;
  self.peers_.stirred(self.number_);
}

bool ClosedPeer::note_sent(std::uint32_t sequence, std::uint32_t length) noexcept {
  const auto end = sequence + length;
  const bool is_new = !has_highest_ || static_cast<std::int32_t>(end - highest_) > 0;
  if (is_new) highest_ = end;
  has_highest_ = true;
  return !is_new;
}

}  // namespace vmlan::apps
