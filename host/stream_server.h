// The base's door: a UNIX stream socket that Hercules modules and operators connect to.
//
// Nothing here blocks but wait(). Each connection has a bounded buffer of what it has not taken yet; when it
// is full, send() says so and the caller decides (drop under a name, or stop reading from somebody). One slow
// connection never holds up another: each is read a bounded number of bytes per round.
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

#include "host/descriptor.h"
#include "host/unix_socket.h"
#include "host/waiting.h"

namespace vmlan::host {

using ConnectionId = std::uint32_t;

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void connected(ConnectionId id) = 0;
  // false: what came makes no sense; the connection is closed after what was sent to it.
  virtual bool received(ConnectionId id, std::span<const std::byte> bytes) = 0;
  // The other end is gone, or close() was carried out. Not to be answered.
  virtual void closed(ConnectionId id) = 0;
};

class StreamServer {
 public:
  // Bytes one connection may owe its other end.
  static constexpr std::size_t output_limit = std::size_t{4} << 20U;

  // The server, or why there is none, as UnixListener says.
  static std::variant<std::unique_ptr<StreamServer>, std::string> listen(const std::string& path,
                                                                         StreamHandler& handler);
  // Ends every connection, and tells the handler.
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  // Waits until something can be read or written, or `limit` is over, and does it.
  Waited wait(std::optional<arch::Time> limit);

  // Queues all of the pieces or nothing. false: no room, or no such connection.
  bool send(ConnectionId id, std::span<const std::span<const std::byte>> pieces);
  // Writes what can be written now.
  void flush(ConnectionId id);
  // Stop or go on reading: what the other end sends waits in its socket, even if that end closes meanwhile.
  void pause(ConnectionId id, bool paused);
  // After what was queued has been written, or at once if the other end takes nothing.
  void close(ConnectionId id);
  // Bytes that were queued and that the other end has not taken; 0 if there is no such connection.
  std::size_t owed(ConnectionId id) const noexcept;
  std::size_t connections() const noexcept { return connections_.size(); }

 private:
  struct Connection {
    Descriptor socket;
    std::vector<std::byte> output;
    std::size_t written = 0;  // of output
    bool paused = false;
    bool closing = false;
    bool broken = false;
  };

  StreamServer(UnixListener listener, StreamHandler& handler);
  void accept_all();
  void read(ConnectionId id);
  void sweep();
  Connection* find(ConnectionId id);

  UnixListener listener_;
  StreamHandler& handler_;
  std::map<ConnectionId, Connection> connections_;
  std::vector<std::byte> input_;
  ConnectionId next_id_ = 1;
};

}  // namespace vmlan::host
