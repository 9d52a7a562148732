#include "apps/synth/tcp_dialogue.h"

#include "wire/transport_packet.h"

namespace vmlan::apps {

namespace {

constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t ack = 0x10;
constexpr std::uint32_t most_exchanges = 8;
constexpr std::uint32_t most_segments = 8;
constexpr std::uint8_t segments_per_ack = 2;

}  // namespace

TcpDialogue::TcpDialogue(Chance& chance) noexcept
    : client_next_(static_cast<std::uint32_t>(chance.next())),
      server_next_(static_cast<std::uint32_t>(chance.next())),
      stage_(Stage::opens),
      exchanges_(static_cast<std::uint8_t>(chance.between(1, most_exchanges))) {}

TcpSegment TcpDialogue::next() const noexcept {
  using wire::tcp_flag::fin;
  using wire::tcp_flag::push;
  const auto client = [&](std::uint8_t flags, bool data = false) {
    return TcpSegment{true, flags, client_next_, (flags & ack) == 0 ? 0 : server_next_, data};
  };
  const auto server = [&](std::uint8_t flags, bool data = false) {
    return TcpSegment{false, flags, server_next_, client_next_, data};
  };
  switch (stage_) {
    case Stage::opens:
      return client(syn);
    case Stage::is_welcome:
      return server(syn | ack);
    case Stage::asks:
      return client(ack | push, true);
    case Stage::answers:
      return server(segments_ == 1 ? ack | push : ack, true);
    case Stage::ends:
      return client(fin | ack);
    case Stage::ends_too:
      return server(fin | ack);
    default:
      return client(ack);
  }
}

void TcpDialogue::sent(std::uint32_t data, Chance& chance) noexcept {
  thinks_ = false;
  switch (stage_) {
    case Stage::opens:
      ++client_next_;
      stage_ = Stage::is_welcome;
      return;
    case Stage::is_welcome:
      ++server_next_;
      stage_ = Stage::is_open;
      return;
    case Stage::is_open:
      stage_ = Stage::asks;
      return;
    case Stage::asks:
      client_next_ += data;
      segments_ = static_cast<std::uint8_t>(chance.between(1, most_segments));
      stage_ = Stage::answers;
      return;
    case Stage::answers:
      server_next_ += data;
      --segments_;
      if (++owed_ == segments_per_ack || segments_ == 0) stage_ = Stage::acknowledges;
      return;
    case Stage::acknowledges:
      return after_answer();
    case Stage::ends:
      ++client_next_;
      stage_ = Stage::ends_too;
      return;
    case Stage::ends_too:
      ++server_next_;
      stage_ = Stage::says_goodbye;
      return;
    default:
      stage_ = Stage::over;
  }
}

void TcpDialogue::after_answer() noexcept {
  owed_ = 0;
  if (segments_ > 0) {
    stage_ = Stage::answers;
  } else if (--exchanges_ > 0) {
    stage_ = Stage::asks;
    thinks_ = true;
  } else {
    stage_ = Stage::ends;
  }
}

}  // namespace vmlan::apps
