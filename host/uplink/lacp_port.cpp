#include "host/uplink/lacp_port.h"

#include <algorithm>

namespace vmlan::host {
namespace {

using namespace std::chrono_literals;
using namespace wire::lacp_state;

constexpr arch::Time fast_period = 1s;
constexpr arch::Time slow_period = 30s;
constexpr arch::Time short_timeout = 3s;  // ours: we ask for one each second
// "No more than three in a fast period."
constexpr arch::Time between = 334ms;
// What a partner has to know of us.
constexpr std::uint8_t told_bits = activity | timeout | aggregation | synchronization;

bool same_link(const wire::LacpInformation& one, const wire::LacpInformation& other) noexcept {
  return one.system_priority == other.system_priority && one.system == other.system && one.key == other.key &&
         one.port_priority == other.port_priority && one.port == other.port;
}

}  // namespace

LacpPort::LacpPort(const wire::MacAddress& system, std::uint16_t key, std::uint16_t port) {
  actor_.system = system;
  actor_.key = key;
  actor_.port = port;
  actor_.state = activity | timeout | aggregation | defaulted;
  forget_partner(0);
}

bool LacpPort::goes_with(const LacpPort& other) const noexcept {
  const auto& one = partner_;
  const auto& two = other.partner_;
  return (one.state & two.state & aggregation) != 0 && one.system == two.system &&
         one.system_priority == two.system_priority && one.key == two.key;
}

void LacpPort::forget_partner(std::uint8_t state) noexcept {
  partner_ = {};
  partner_.system_priority = 0;
  partner_.port_priority = 0;
  partner_.state = state;
  partner_collects_ = false;
}

void LacpPort::set_link(bool up, arch::Time now) {
  if (up == (state_ != Partner::none)) return;
  forget_partner(up ? timeout : 0);
  actor_.state = static_cast<std::uint8_t>(activity | timeout | aggregation | (up ? expired : defaulted));
  state_ = up ? Partner::asked : Partner::none;
  partner_until_ = now + short_timeout;
  next_periodic_ = now;
  update_mux();
}

void LacpPort::select(bool on) {
  selected_ = on;
  update_mux();
}

void LacpPort::receive(const wire::LacpPdu& pdu, arch::Time now) {
  if (state_ == Partner::none) return;
  partner_ = pdu.actor;
  constexpr std::uint8_t ready = synchronization | collecting;
  // An individual link has no aggregate that both ends have to agree on.
  const bool same_kind = (pdu.partner.state & aggregation) != 0 || (pdu.actor.state & aggregation) == 0;
  partner_collects_ = (pdu.actor.state & ready) == ready && same_link(pdu.partner, actor_) && same_kind;
  state_ = Partner::current;
  actor_.state = static_cast<std::uint8_t>(actor_.state & ~(defaulted | expired));
  partner_until_ = now + short_timeout;
  if ((partner_.state & timeout) != 0) next_periodic_ = std::min(next_periodic_, now + fast_period);
  update_mux();
  if (!is_known_to_partner(pdu.partner)) to_tell_ = true;
}

bool LacpPort::is_known_to_partner(const wire::LacpInformation& as_told) const noexcept {
  return same_link(as_told, actor_) && ((as_told.state ^ actor_.state) & told_bits) == 0;
}

void LacpPort::tend(arch::Time now) {
  if (state_ == Partner::none) return;
  const bool waits = state_ == Partner::current || state_ == Partner::asked;
  if (waits && now >= partner_until_) {
    if (state_ == Partner::current) {
      state_ = Partner::asked;
      partner_collects_ = false;
      partner_.state = static_cast<std::uint8_t>(timeout | (partner_.state & ~synchronization));
      actor_.state |= expired;
      partner_until_ = now + short_timeout;
    } else {
      state_ = Partner::defaulted;
      forget_partner(0);
      actor_.state = static_cast<std::uint8_t>((actor_.state & ~expired) | defaulted);
    }
    to_tell_ = true;
    update_mux();
  }
  if (now >= next_periodic_) {
    to_tell_ = true;
    next_periodic_ = now + ((partner_.state & timeout) != 0 ? fast_period : slow_period);
  }
}

void LacpPort::update_mux() noexcept {
  const std::uint8_t before = actor_.state;
  constexpr std::uint8_t attached = synchronization | collecting;
  constexpr std::uint8_t all = attached | distributing;
  std::uint8_t now = 0;
  if (selected_ && state_ == Partner::current) now = partner_collects_ ? all : attached;
  actor_.state = static_cast<std::uint8_t>((before & ~all) | now);
  if (actor_.state != before) to_tell_ = true;
}

std::optional<wire::LacpPdu> LacpPort::take_due(arch::Time now) {
  if (!to_tell_ || state_ == Partner::none || now < next_allowed_) return std::nullopt;
  to_tell_ = false;
  next_allowed_ = now + between;
  wire::LacpPdu pdu;
  pdu.actor = actor_;
  pdu.partner = partner_;
  return pdu;
}

std::optional<arch::Time> LacpPort::deadline() const {
  if (state_ == Partner::none) return std::nullopt;
  auto next = next_periodic_;
  if (state_ != Partner::defaulted) next = std::min(next, partner_until_);
  return to_tell_ ? std::min(next, next_allowed_) : next;
}

}  // namespace vmlan::host
