#include "cms/shell/ping.h"

#include <lwip/prot/icmp.h>
#include <lwip/prot/icmp6.h>
#include <lwip/prot/ip.h>
#include <lwip/prot/ip6.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "cms/stack/ip_conversion.h"
#include "wire/ethernet.h"

namespace vmlan::cms {
namespace {

// Source: RFC 792, RFC 4443: both versions lay an echo message out alike.
struct EchoHeader {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;  // as inet_chksum() leaves it
  arch::be16 identifier;
  arch::be16 sequence;
};
static_assert(sizeof(EchoHeader) == 8);

constexpr arch::Time interval = std::chrono::seconds(1);
// Return codes are ours: the manual's were not to be found.
constexpr int some_lost = 4;
constexpr int all_lost = 8;

}  // namespace

Ping::Ping(Session& session, Request request)
    : session_(session), stack_(*session.tcpip.stack()), request_(std::move(request)), wake_(now()) {
  LwipInstance& lwip = stack_.lwip();
  const bool v4 = request_.address.is_v4();
  pcb_ = lwip->raw_new_ip_type(v4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6, v4 ? IP_PROTO_ICMP : IP6_NEXTH_ICMP6);
  if (pcb_ != nullptr) {
    lwip->raw_recv(pcb_, receive, this);
    pcb_->chksum_reqd = v4 ? 0 : 1;  // lwIP knows how for IPv6 only: the checksum covers addresses it chooses
    pcb_->chksum_offset = offsetof(EchoHeader, checksum);
  }
  identifier_ = static_cast<std::uint16_t>(lwip.random());
  message_.resize(sizeof(EchoHeader) + request_.length);
  for (std::size_t i = sizeof(EchoHeader); i < message_.size(); ++i) message_[i] = static_cast<std::byte>(i);
}

Ping::~Ping() {
  if (pcb_ != nullptr) stack_.lwip()->raw_remove(pcb_);
}

void Ping::send() {
  LwipInstance& lwip = stack_.lwip();
  const bool v4 = request_.address.is_v4();
  ++number_;
  EchoHeader header;
  header.type = v4 ? std::uint8_t{ICMP_ECHO} : std::uint8_t{ICMP6_TYPE_EREQ};
  header.identifier = identifier_;
  header.sequence = static_cast<std::uint16_t>(number_);
  std::memcpy(message_.data(), &header, sizeof(header));
  const auto length = static_cast<std::uint16_t>(message_.size());
  if (v4) {
    header.checksum = lwip->inet_chksum(message_.data(), length);
    std::memcpy(message_.data(), &header, sizeof(header));
  }
  const ip_addr_t target = to_lwip(request_.address);
  pbuf* packet = lwip->pbuf_alloc(PBUF_IP, length, PBUF_RAM);
  unsendable_ = true;
  if (packet != nullptr && pcb_ != nullptr) {
    std::memcpy(packet->payload, message_.data(), length);
    unsendable_ = lwip->raw_sendto(pcb_, packet, &target) != ERR_OK;
  }
  if (packet != nullptr) lwip->pbuf_free(packet);
  sent_ = now();
  wake_ = sent_ + request_.timeout;
  state_ = State::waiting;
}

bool Ping::take_reply(const pbuf& packet) {
  const bool v4 = request_.address.is_v4();
  std::vector<std::byte> bytes(packet.tot_len);
  stack_.lwip()->pbuf_copy_partial(&packet, bytes.data(), packet.tot_len, 0);
  std::size_t skip = sizeof(wire::Ipv6Header);
  if (v4) skip = bytes.empty() ? 0 : (std::to_integer<std::size_t>(bytes[0]) & 0xfU) * 4;
  if (bytes.size() < skip + sizeof(EchoHeader)) return false;
  EchoHeader header;
  std::memcpy(&header, bytes.data() + skip, sizeof(header));
  if (header.type != (v4 ? std::uint8_t{ICMP_ER} : std::uint8_t{ICMP6_TYPE_EREP})) return false;
  if (header.identifier != identifier_ || state_ != State::waiting) return false;
  if (header.sequence != static_cast<std::uint16_t>(number_)) return false;
  if (!std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(skip + sizeof(header)), bytes.end(),
                  message_.begin() + sizeof(header), message_.end())) {
    return false;
  }
  answered_ = now();
  state_ = State::answered;
  return true;
}

std::uint8_t Ping::receive(void* argument, raw_pcb*, pbuf* packet, const ip_addr_t*) {
  Ping& self = *static_cast<Ping*>(argument);
  if (!self.take_reply(*packet)) return 0;
  self.stack_.lwip()->pbuf_free(packet);
  return 1;
}

void Ping::finish_one(bool success) {
  using Seconds = std::chrono::duration<double>;
  if (success) {
    ++successes_;
    session_.say("PING: Ping #{} response took {:.3f} seconds. Successes so far {}.", number_,
                 Seconds(answered_ - sent_).count(), successes_);
  } else {
    session_.say("PING: Ping #{} {}", number_, unsendable_ ? "could not be sent" : "timed out");
  }
  state_ = State::ready;
  wake_ = std::max(now(), sent_ + interval);
}

std::optional<int> Ping::poll() {
  if (interrupted_) session_.say("PING: Interrupted. {} sent, {} successful.", number_, successes_);
  if (state_ == State::ready && now() >= wake_ && !interrupted_) send();
  if (state_ == State::answered) {
    finish_one(true);
  } else if (state_ == State::waiting && (now() >= wake_ || unsendable_)) {
    finish_one(false);
  }
  const bool last = state_ == State::ready && request_.count != 0 && number_ == request_.count;
  if (!last && !interrupted_) return std::nullopt;
  if (successes_ == 0) return all_lost;
  return successes_ == number_ ? 0 : some_lost;
}

std::optional<arch::Time> Ping::deadline() const {
  return state_ == State::answered ? std::optional(now()) : std::optional(wake_);
}

}  // namespace vmlan::cms
