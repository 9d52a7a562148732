// Frames and sockets: the engine in the event loop.
#include <libslirp.h>

#include <algorithm>

#include "host/uplink/nat_host.h"
#include "host/uplink/nat_slirp.h"
#include "host/uplink/neighbor_packets.h"
#include "host/uplink/tcp_acknowledgment.h"

namespace vmlan::host {

namespace {

constexpr arch::Time nat_stale = std::chrono::milliseconds(100);   // the engine's time may lag so far behind
constexpr arch::Time nat_look_at_host = std::chrono::seconds(10);  // the host's addresses may change
constexpr std::uint32_t nat_idle_ms = 1000;  // slirp_pollfds_fill() says so if it waits for no time
constexpr unsigned nat_most_rounds = 8;      // of questions that the engine asks after one call of it

int nat_from_poll(short revents) {
  return ((revents & POLLIN) != 0 ? SLIRP_POLL_IN : 0) | ((revents & POLLOUT) != 0 ? SLIRP_POLL_OUT : 0) |
         ((revents & POLLPRI) != 0 ? SLIRP_POLL_PRI : 0) | ((revents & POLLERR) != 0 ? SLIRP_POLL_ERR : 0) |
         ((revents & POLLHUP) != 0 ? SLIRP_POLL_HUP : 0);
}

short nat_to_poll(int events) {
  return static_cast<short>(((events & SLIRP_POLL_IN) != 0 ? POLLIN : 0) |
                            ((events & SLIRP_POLL_OUT) != 0 ? POLLOUT : 0) |
                            ((events & SLIRP_POLL_PRI) != 0 ? POLLPRI : 0));
}

}  // namespace

EthernetDevice::Sent SlirpNat::send(std::span<const std::span<const std::byte>> pieces,
                                    const FrameWork& work) {
  std::span<const std::byte> frame;
  if (pieces.size() == 1) {
    frame = pieces.front();
  } else {
    pieces_.clear();
    for (const auto& piece : pieces) pieces_.insert(pieces_.end(), piece.begin(), piece.end());
    frame = pieces_;
  }
  const bool super_frame = work.segmentation != FrameWork::Segmentation::none;
  const std::size_t limit = super_frame ? super_frame_limit() : frame_limit();
  if (frame.size() > limit) {
    drop(NatDrop::too_long);
    return Sent::too_long;
  }
  input(frame);
  return Sent::sent;
}

void SlirpNat::input(std::span<const std::byte> frame) {
  const auto packet = parse_nat_packet(frame);
  if (!packet) return drop(NatDrop::malformed);
  if (const auto reason = filter_.judge(*packet, answer_for_.has_value())) return drop(*reason);
  if (!has_room_for(*packet)) return drop(NatDrop::too_many_connections);
  if (nat_time() - polled_at_ > nat_stale) run_timers();
  slirp_input(slirp_, reinterpret_cast<const std::uint8_t*>(frame.data()), static_cast<int>(frame.size()));
  if (packet->answers_neighbor_question()) run_timers();
  settle();
}

// UDP and ICMP packets may open one: libslirp does not say.
bool SlirpNat::has_room_for(const NatPacket& packet) const noexcept {
  if (packet.opens) return connections_ < most_connections_;
  if (packet.protocol == nat_protocol::udp || packet.protocol == nat_protocol::icmp) {
    return connections_ < most_connections_ + most_connections_ / 4;
  }
  return true;
}

// May be called from within each call of the engine. That its questions are answered at once, in the middle
// of them, is safe: of an ARP reply and a neighbor advertisement it only fills in its tables of addresses.
// Later would be too late: the tables hold 16, and a packet asks only once.
void SlirpNat::output(std::span<const std::byte> frame) {
  if (answer_for_) {
    if (const auto answer = answer_neighbor_question(frame, *answer_for_)) {
      answered_ = true;
      slirp_input(slirp_, reinterpret_cast<const std::uint8_t*>(answer->bytes.data()),
                  static_cast<int>(answer->length));
      return;
    }
  }
  if (const auto packet = parse_nat_packet(frame)) {
    filter_.note_outgoing(*packet);
    if (const auto lease = parse_lease(*packet, frame)) leases_[lease->address] = lease->mac;
  }
  const auto newest = queue_.newest();
  const auto acknowledges =
      newest.size() == frame.size() ? compare_acknowledgments(frame, newest) : Acknowledges::something_else;
  // One that tells of a loss stays.
  if (acknowledges == Acknowledges::more && !newest_repeats_) {
    ++merged_;
    return queue_.replace_newest(frame);
  }
  newest_repeats_ = acknowledges == Acknowledges::no_more;
  if (!queue_.push(frame)) drop(NatDrop::queue_full);
}

void SlirpNat::settle() {
  for (unsigned round = 0; answered_ && round < nat_most_rounds; ++round) {
    answered_ = false;
    run_timers();
  }
}

// As if poll(2) had failed: time passes, and no socket is touched.
void SlirpNat::run_timers() {
  polled_at_ = nat_time();
  slirp_pollfds_poll(
      slirp_, 1, [](int, void*) { return 0; }, this);
}

void SlirpNat::tend(arch::Time now) {
  tended_ = now;
  tended_at_ = nat_time();
  if (due_ && *due_ <= tended_at_) {
    due_.reset();
    run_timers();
  }
  if (advertise_at_ && *advertise_at_ <= tended_at_) slirp_handle_timer(slirp_, SLIRP_TIMER_RA, nullptr);
  settle();
  if (looked_at_host_ == arch::Time{0} || tended_at_ - looked_at_host_ >= nat_look_at_host) {
    looked_at_host_ = tended_at_;
    filter_.set_host_addresses(nat_addresses_of_host());
  }
  give_on();
}

std::optional<arch::Time> SlirpNat::deadline() const {
  if (!queue_.is_empty()) return tended_;
  if (!due_ && !advertise_at_) return std::nullopt;
  const auto due = std::min(due_.value_or(arch::Time::max()), advertise_at_.value_or(arch::Time::max()));
  return tended_ + (due - tended_at_);
}

void SlirpNat::add_to(std::vector<pollfd>& polled) {
  adding_ = &polled;
  adding_from_ = polled.size();
  std::uint32_t timeout_ms = UINT32_MAX;
  const auto add = [](int descriptor, int events, void* opaque) {
    auto& nat = *static_cast<SlirpNat*>(opaque);
    nat.adding_->push_back({descriptor, nat.wanted_events(descriptor, nat_to_poll(events)), 0});
    return static_cast<int>(nat.adding_->size() - nat.adding_from_) - 1;
  };
  slirp_pollfds_fill(slirp_, &timeout_ms, add, this);
  adding_ = nullptr;
  due_.reset();
  if (timeout_ms < nat_idle_ms) due_ = nat_time() + std::chrono::milliseconds(timeout_ms);
}

// While the LAN is behind nothing more is read, and while there is no room nobody is let in: a descriptor
// that is not registered listens.
short SlirpNat::wanted_events(int descriptor, short events) const noexcept {
  const bool reads = !queue_.is_high() && (is_registered(descriptor) || connections_ < most_connections_);
  return reads ? events : static_cast<short>(events & ~(POLLIN | POLLPRI));
}

int SlirpNat::happened_to(int index) const noexcept {
  if (index < 0 || static_cast<std::size_t>(index) >= happened_.size()) return 0;
  const auto& entry = happened_[static_cast<std::size_t>(index)];
  if (queue_.is_high() || wanted_events(entry.fd, entry.events) != entry.events) {
    return nat_from_poll(static_cast<short>(entry.revents & POLLOUT));
  }
  return nat_from_poll(entry.revents);
}

void SlirpNat::happened(std::span<const pollfd> polled) {
  happened_ = polled;
  polled_at_ = nat_time();
  const auto what = [](int index, void* opaque) {
    return static_cast<SlirpNat*>(opaque)->happened_to(index);
  };
  slirp_pollfds_poll(slirp_, 0, what, this);
  happened_ = {};
  settle();
  give_on();
}

// The receiver may send from within: what that yields waits behind the rest.
void SlirpNat::give_on() {
  if (giving_ || receiver_ == nullptr || queue_.is_empty()) return;
  giving_ = true;
  for (unsigned given = 0; given < most_in_a_pass; ++given) {
    const auto frame = queue_.pop();
    if (!frame) break;
    receiver_->received(*frame, FrameWork{});
  }
  receiver_->batch_received();
  giving_ = false;
}

void SlirpNat::register_descriptor(int descriptor) {
  if (descriptor < 0) return;
  make_quiet(descriptor);
  const auto index = static_cast<std::size_t>(descriptor);
  if (is_registered(descriptor)) return;
  if (index >= registered_.size()) registered_.resize(index + 1);
  registered_[index] = true;
  ++connections_;
}

void SlirpNat::unregister_descriptor(int descriptor) {
  if (!is_registered(descriptor)) return;
  registered_[static_cast<std::size_t>(descriptor)] = false;
  --connections_;
}

bool SlirpNat::is_registered(int descriptor) const noexcept {
  const auto index = static_cast<std::size_t>(descriptor);
  return descriptor >= 0 && index < registered_.size() && registered_[index];
}

}  // namespace vmlan::host
