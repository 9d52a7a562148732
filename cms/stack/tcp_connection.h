// One TCP connection of a command, over lwIP's raw API: callbacks only note what happened; the command looks
// at it in its turn.
//
// Owns: the protocol control block, until lwIP has freed it (error) or it was closed. Threads: the program's
// turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cms/stack/stack.h"

namespace vmlan::cms {

class TcpConnection {
 public:
  enum class Event : std::uint8_t {
    none,
    refused,    // reset while connecting
    reset,      // reset by the other side
    timed_out,  // lwIP gave up resending
    no_route,
    no_memory,
  };

  explicit TcpConnection(Stack& stack) : stack_(stack) {}
  ~TcpConnection();
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // Failures show in event().
  void connect(const wire::IpAddress& address, std::uint16_t port);
  void adopt(tcp_pcb* accepted);

  bool open() const noexcept { return pcb_ != nullptr; }
  bool connected() const noexcept { return connected_; }
  // The other side has sent everything and said so.
  bool peer_finished() const noexcept { return peer_finished_; }
  Event event() const noexcept { return event_; }
  const wire::IpAddress& peer() const noexcept { return peer_; }
  std::uint16_t peer_port() const noexcept { return peer_port_; }

  // Queues as much of `bytes` as there is room for; returns how much. `more`: others follow in this turn, or
  // when there is room again.
  std::size_t write(std::span<const std::byte> bytes, bool more);
  // What was queued in this turn goes.
  void push();
  // No more will be written.
  bool finish_writing();
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  // What has arrived, and forgets it: the window opens again.
  std::vector<std::byte> take();
  std::size_t received() const noexcept { return arrived_.size(); }

  // An orderly end; lwIP completes it without us.
  void close();
  void abort();

 private:
  void set_callbacks();
  static err_t on_connected(void* argument, tcp_pcb* pcb, err_t error);
  static err_t on_received(void* argument, tcp_pcb* pcb, pbuf* packet, err_t error);
  static err_t on_sent(void* argument, tcp_pcb* pcb, u16_t length);
  static void on_error(void* argument, err_t error);

  Stack& stack_;
  tcp_pcb* pcb_ = nullptr;
  bool connected_ = false;
  bool peer_finished_ = false;
  Event event_ = Event::none;
  wire::IpAddress peer_;
  std::uint16_t peer_port_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::vector<std::byte> arrived_;
};

// "connection reset"
std::string_view to_string(TcpConnection::Event event) noexcept;

}  // namespace vmlan::cms
