// The base's door: a UNIX stream socket that Hercules modules and operators connect to.
//
// Nothing here blocks: an event loop looks at the sockets. Each connection has a bounded buffer of what it
// has not taken yet; when it is full, send() says so and the caller decides (drop under a name, or stop
// reading from somebody). One slow connection never holds up another: each is read a bounded number of bytes
// per pass. One that is to be closed and takes nothing any more is cut after a bounded time.
//
// Owns: the sockets and the socket's file. Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "host/connections.h"
#include "host/descriptor.h"
#include "host/event_loop.h"
#include "host/output_buffer.h"
#include "host/unix_socket.h"

namespace vmlan::host {

class StreamServer final : public Connections, public EventSource {
 public:
  // Bytes one connection may owe its other end.
  static constexpr std::size_t output_limit = std::size_t{4} << 20U;
  // For the other end of a connection that is to be closed to take what was sent to it before.
  static constexpr arch::Time farewell = std::chrono::seconds(2);
  // Nobody is let in for so long after descriptors or memory for one more were missing.
  static constexpr arch::Time pause_without_room = std::chrono::milliseconds(250);

  // The server, or why there is none, as UnixListener says.
  static std::variant<std::unique_ptr<StreamServer>, std::string> listen(const std::string& path,
                                                                         StreamHandler& handler);
  // Ends every connection, and tells the handler.
  ~StreamServer() override;
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  bool send(ConnectionId id, std::span<const std::span<const std::byte>> pieces) override;
  void flush(ConnectionId id) override;
  void pause(ConnectionId id, bool paused) override;
  void close(ConnectionId id) override;
  std::size_t owed(ConnectionId id) const noexcept override;
  std::size_t connections() const noexcept { return connections_.size(); }

  void tend(arch::Time now) override;
  std::optional<arch::Time> deadline() const override;
  void add_to(std::vector<pollfd>& polled) override;
  void happened(std::span<const pollfd> polled) override;

 private:
  struct Connection {
    Descriptor socket;
    OutputBuffer output;
    bool paused = false;
    bool closing = false;
    std::optional<arch::Time> closed_at;  // unless it has drained before; set by tend()
    bool broken = false;
  };

  StreamServer(UnixListener listener, StreamHandler& handler);
  static bool is_over(const Connection& connection) noexcept;
  void accept_all();
  void read(ConnectionId id);
  void sweep();
  Connection* find(ConnectionId id);

  UnixListener listener_;
  StreamHandler& handler_;
  std::map<ConnectionId, Connection> connections_;
  std::vector<ConnectionId> polled_;  // behind the listener
  std::vector<std::byte> input_;
  bool no_room_ = false;                   // accept() has found no descriptor since the last tend()
  std::optional<arch::Time> accept_from_;  // not before
  ConnectionId next_id_ = 1;
};

}  // namespace vmlan::host
