// The module's end of the link: one UNIX stream socket, never waited for.
//
// Owns: the socket and both buffers. Threads: one at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "host/unix_socket.h"
#include "link/decoder.h"
#include "link/protocol.h"
#include "link/send_buffer.h"

namespace vmlan::hercules {

class BaseConnection {
 public:
  enum class State { closed, greeting, open };  // no socket; HELLO is under way; the base has accepted

  explicit BaseConnection(unsigned devices);

  // Begins with HELLO. The reason why it does not, "PATH: reason"; empty: it does.
  std::string connect(const std::string& path, host::Trust trust, const link::Hello& hello);
  void close() noexcept;
  // ACCEPT has come.
  void opened() noexcept { state_ = State::open; }
  State state() const noexcept { return state_; }

  // For poll(): the socket, and whether bytes wait to be written.
  int socket() const noexcept { return socket_.number(); }
  bool wants_to_write() const noexcept { return output_.waiting() > 0; }

  // What has arrived; `ended`: the base has closed, or the connection is broken.
  host::Moved read();
  std::optional<link::MessageView> next() { return decoder_.next(); }
  link::Fault fault() const noexcept { return decoder_.fault(); }

  // Writes what the socket takes; false: the connection is broken.
  bool write();
  link::SendBuffer& output() noexcept { return output_; }

 private:
  host::Descriptor socket_;
  State state_ = State::closed;
  link::Decoder decoder_;
  link::SendBuffer output_;
};

}  // namespace vmlan::hercules
