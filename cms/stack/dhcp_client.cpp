#include "cms/stack/dhcp_client.h"

#include <algorithm>
#include <utility>

#include "cms/stack/ip_conversion.h"

namespace vmlan::cms {
namespace {

using std::chrono::seconds;

constexpr unsigned most_tries = 4;
constexpr unsigned most_refusals = 4;
constexpr seconds first_wait{2};
// RFC 2131, 4.4.5: nobody asks for a renewal more often. A server that gives less time gives this.
constexpr seconds least_wait{60};
constexpr seconds least_lease{120};
// It is asked for anew before longer ones end, and no sum of times overflows.
constexpr seconds longest_lease = std::chrono::hours(24 * 365);

// Nothing: it is not to be used.
std::optional<DhcpClient::Lease> lease_of(const DhcpReply& reply) {
  constexpr std::uint32_t for_ever = 0xffffffff;
  constexpr std::uint32_t usual_mask = 0xffffff00;
  if (!is_host_address(reply.address) || !reply.server) return std::nullopt;
  DhcpClient::Lease lease;
  lease.address = reply.address;
  lease.server = *reply.server;
  lease.mask = reply.mask.value_or(usual_mask);
  if (lease.mask == 0 || !prefix_length(lease.mask)) return std::nullopt;
  if (!reply.routers.empty()) lease.router = reply.routers.front();
  lease.name_servers = reply.name_servers;
  const std::uint32_t time = reply.lease_time.value_or(0);
  if (time != for_ever) lease.length = std::clamp(seconds(time), least_lease, longest_lease);
  return lease;
}

}  // namespace

void DhcpClient::enter(State state, arch::Time due) noexcept {
  state_ = state;
  due_ = due;
  tries_ = 0;
}

// Bounded, so that two that contradict each other don't keep it busy for ever.
void DhcpClient::start_over(arch::Time now) noexcept {
  lease_.reset();
  enter(++refusals_ < most_refusals ? State::selecting : State::over, now);
}

std::optional<arch::Time> DhcpClient::deadline() const noexcept {
  const bool never = state_ == State::over || (state_ == State::bound && !lease_->length);
  return never ? std::nullopt : std::optional(due_);
}

DhcpClient::Message DhcpClient::question() const {
  DhcpRequest request;
  request.type = state_ == State::selecting ? DhcpType::discover : DhcpType::request;
  request.transaction = transaction_;
  request.mac = mac_;
  Message message;
  if (state_ == State::requesting) {
    request.requested = offer_->address;
    request.server = offer_->server;
  } else if (state_ == State::rebooting) {
    request.requested = lease_->address;
  } else if (state_ != State::selecting) {
    request.own = lease_->address;
    message.source = lease_->address;
    if (state_ == State::renewing) message.destination = lease_->server;
  }
  message.bytes = request.bytes();
  return message;
}

// Nobody has answered.
void DhcpClient::silence(arch::Time now) noexcept {
  if (state_ == State::requesting) return start_over(now);  // the server that made the offer is gone
  // RFC 2131, 3.2: the lease may be used until it ends.
  if (state_ == State::rebooting) return enter(State::bound, std::max(renew_at_, now));
  enter(State::over, now);
}

std::optional<DhcpClient::Message> DhcpClient::poll(arch::Time now) {
  if (const auto due = deadline(); !due || now < *due) return std::nullopt;
  if (tries_ == most_tries) silence(now);
  if (state_ == State::over) return std::nullopt;
  if (state_ == State::bound) {
    if (!lease_->length || now < renew_at_) return std::nullopt;
    enter(State::renewing, now);
  }
  if (state_ == State::renewing && now >= rebind_at_) enter(State::rebinding, now);
  if (state_ == State::rebinding && now >= ends_at_) {
    lease_.reset();
    enter(State::over, now);
    return std::nullopt;
  }
  if (state_ == State::renewing || state_ == State::rebinding) {
    const arch::Time end = state_ == State::renewing ? rebind_at_ : ends_at_;
    due_ = std::min(end, now + std::max<arch::Time>((end - now) / 2, least_wait));
  } else {
    due_ = now + first_wait * (1U << tries_++);
  }
  return question();
}

void DhcpClient::receive(std::span<const std::byte> message, arch::Time now) {
  const auto reply = DhcpReply::parse(message, mac_, transaction_);
  if (!reply) return;
  if (reply->type == DhcpType::offer && state_ == State::selecting) {
    offer_ = lease_of(*reply);
    if (offer_) enter(State::requesting, now);
    return;
  }
  const bool asked = state_ != State::selecting && state_ != State::bound && state_ != State::over;
  if (!asked) return;
  if (reply->type == DhcpType::acknowledgement) take_lease(*reply, now);
  if (reply->type == DhcpType::refusal) start_over(now);
}

void DhcpClient::take_lease(const DhcpReply& reply, arch::Time now) {
  auto lease = lease_of(reply);
  const wire::IpAddress& asked = state_ == State::requesting ? offer_->address : lease_->address;
  if (!lease || lease->address != asked) return;
  lease_ = std::move(lease);
  refusals_ = 0;
  const seconds length = lease_->length.value_or(seconds(0));
  const seconds renewal = reply.renewal_time ? seconds(*reply.renewal_time) : length / 2;
  const seconds rebinding = reply.rebinding_time ? seconds(*reply.rebinding_time) : length * 7 / 8;
  const seconds renew_after = std::clamp(renewal, std::min(least_wait, length), length);
  renew_at_ = now + renew_after;
  rebind_at_ = now + std::clamp(rebinding, renew_after, length);
  ends_at_ = now + length;
  enter(State::bound, renew_at_);
}

void DhcpClient::link_restarted(arch::Time now) noexcept {
  if (lease_) enter(State::rebooting, now);
}

std::optional<DhcpClient::Message> DhcpClient::release() {
  state_ = State::over;
  if (!lease_) return std::nullopt;
  DhcpRequest request;
  request.type = DhcpType::release;
  request.transaction = transaction_;
  request.mac = mac_;
  request.own = lease_->address;
  request.server = lease_->server;
  Message message{request.bytes(), lease_->address, lease_->server};
  lease_.reset();
  return message;
}

}  // namespace vmlan::cms
