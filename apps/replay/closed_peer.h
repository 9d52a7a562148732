// One end of a played connection: does what its side did in the trace, over lwIP's raw API, and holds every
// byte that arrives against the other side's stream.
//
// Callbacks only note; everything is done in run(), in the user's turn.
//
// Owns: the protocol control block, until lwIP has freed it or it was closed. Threads: the base's.
#pragma once

#include <cstdint>
#include <optional>

#include "apps/replay/tcp_conversation.h"
#include "cms/stack/stack.h"

namespace vmlan::apps {

// Hears of a peer for which something has happened.
class ClosedPeers {
 public:
  virtual ~ClosedPeers() = default;
  virtual void stirred(std::uint32_t peer) = 0;
};

class ClosedPeer {
 public:
  // `number`: what `peers` knows it by.
  ClosedPeer(const TcpScript& script, TcpSide side, cms::Stack& stack, ClosedPeers& peers,
             std::uint32_t number);

  // The client's beginning; the server's.
  void connect();
  void adopt(tcp_pcb* accepted);
  // Everything that can be done now; when to come again if nothing happens.
  std::optional<arch::Time> run(arch::Time now);
  // lwIP is told nothing any more; for the end of a run.
  void forget() noexcept { pcb_ = nullptr; }

  // It has sent and received everything, and closed as in the trace.
  bool has_ended() const noexcept { return ended_; }
  // Reset, or given up by lwIP, before that.
  bool has_failed() const noexcept { return failed_; }
  TcpSide side() const noexcept { return side_; }
  const TcpScript& script() const noexcept { return script_; }
  std::uint64_t written() const noexcept { return written_; }
  std::uint64_t verified() const noexcept { return verified_; }
  std::uint64_t wrong() const noexcept { return wrong_; }
  // A segment with data, SYN or FIN left; true: it had left before.
  bool note_sent(std::uint32_t sequence, std::uint32_t length) noexcept;

 private:
  std::span<const std::byte> own() const noexcept { return script_.bytes[index_of(side_)]; }
  std::span<const std::byte> others() const noexcept { return script_.bytes[index_of(other_than(side_))]; }
  const TcpAction* next_action() noexcept;
  bool is_possible(const TcpAction& action) const noexcept;
  // false: it has to wait for something to happen.
  bool carry_out(const TcpAction& action);
  bool write_up_to(std::uint64_t offset);
  void look_for_end();
  void set_callbacks();
  void detach(tcp_pcb* pcb);
  void receive(std::span<const std::byte> bytes) noexcept;
  static err_t on_connected(void* argument, tcp_pcb* pcb, err_t error);
  static err_t on_received(void* argument, tcp_pcb* pcb, pbuf* packet, err_t error);
  static err_t on_sent(void* argument, tcp_pcb* pcb, u16_t length);
  static void on_error(void* argument, err_t error);

  const TcpScript& script_;
  TcpSide side_;
  cms::Stack& stack_;
  ClosedPeers& peers_;
  std::uint32_t number_;
  bool other_closes_;  // by FIN or RST
  tcp_pcb* pcb_ = nullptr;
  std::size_t next_ = 0;                      // in the script's actions
  std::optional<arch::Time> possible_since_;  // the next action
  std::uint64_t written_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t verified_ = 0;
  std::uint64_t wrong_ = 0;
  std::uint32_t highest_ = 0;  // sequence number that has left
  bool has_highest_ = false;
  bool connected_ = false;
  bool finished_ = false;  // its own FIN was given to lwIP
  bool peer_finished_ = false;
  bool peer_reset_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace vmlan::apps
