// The module's end of the link: one UNIX stream socket, never waited for.
//
// Owns: the socket and both buffers. Threads: one at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "link/decoder.h"
#include "link/protocol.h"
#include "link/send_buffer.h"

namespace vmlan::hercules {

class BaseConnection {
 public:
  enum class State { closed, greeting, open };  // no socket; HELLO is under way; the base has accepted

  explicit BaseConnection(unsigned devices);
  ~BaseConnection();
  BaseConnection(const BaseConnection&) = delete;
  BaseConnection& operator=(const BaseConnection&) = delete;

  // Whose system may listen there: at a path that everybody knows only our own host user's, or root's.
  enum class Whose { ours, anybodys };

  // Begins with HELLO. The reason why it does not; empty: it does.
  std::string connect(const std::string& path, Whose whose, const link::Hello& hello);
  void close() noexcept;
  // ACCEPT has come.
  void opened() noexcept { state_ = State::open; }
  State state() const noexcept { return state_; }

  // For poll(): the socket, and whether bytes wait to be written.
  int socket() const noexcept { return socket_; }
  bool wants_to_write() const noexcept { return output_.waiting() > 0; }

  // What arrived in time; 0 if nothing. `closed`: the base has closed, or the connection is broken.
  struct Read {
    std::size_t bytes = 0;
    bool closed = false;
  };
  Read read();
  std::optional<link::MessageView> next() { return decoder_.next(); }
  link::Fault fault() const noexcept { return decoder_.fault(); }

  // Writes what the socket takes; false: the connection is broken.
  bool write();
  link::SendBuffer& output() noexcept { return output_; }

 private:
  int socket_ = -1;
  State state_ = State::closed;
  link::Decoder decoder_;
  link::SendBuffer output_;
};

}  // namespace vmlan::hercules
