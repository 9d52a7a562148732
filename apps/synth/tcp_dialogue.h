// A TCP connection as its two ends would have it: handshake, requests and answers, acknowledgments, the end.
//
// A request is one segment, an answer 1 to 8; whoever asked acknowledges every second one of them and the
// last, and thinks before the next request. Everything arrives: nothing is sent twice.
//
// Source: RFC 9293; windows RFC 7323. Units: sequence numbers. Threads: one.
#pragma once

#include <cstdint>

#include "apps/synth/chance.h"

namespace vmlan::apps {

struct TcpSegment {
  bool from_client = false;
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  bool has_data = false;  // as many bytes as sent() is told
};

class TcpDialogue {
 public:
  TcpDialogue() = default;  // over
  explicit TcpDialogue(Chance& chance) noexcept;

  bool is_over() const noexcept { return stage_ == Stage::over; }
  // What comes next is the client's next request.
  bool thinks() const noexcept { return thinks_; }

  // Not over.
  TcpSegment next() const noexcept;
  // It has been sent, with so many bytes of data.
  void sent(std::uint32_t data, Chance& chance) noexcept;

 private:
  enum class Stage : std::uint8_t {
    opens,         // SYN
    is_welcome,    // SYN, ACK
    is_open,       // ACK
    asks,          // data
    answers,       // data
    acknowledges,  // ACK
    ends,          // FIN, ACK
    ends_too,      // FIN, ACK
    says_goodbye,  // ACK
    over,
  };
  void after_answer() noexcept;

  std::uint32_t client_next_ = 0;
  std::uint32_t server_next_ = 0;
  Stage stage_ = Stage::over;
  std::uint8_t exchanges_ = 0;  // to come, with this one
  std::uint8_t segments_ = 0;   // of this answer to come
  std::uint8_t owed_ = 0;       // not acknowledged by the client
  bool thinks_ = false;
};

}  // namespace vmlan::apps
