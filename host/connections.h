// Connections to others as those see them who speak through them, whatever carries them: a StreamServer's
// sockets, or a test.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vmlan::host {

using ConnectionId = std::uint32_t;

// Who is told what happens on them.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void connected(ConnectionId id) = 0;
  // false: what came makes no sense; the connection is closed after what was sent to it.
  virtual bool received(ConnectionId id, std::span<const std::byte> bytes) = 0;
  // The other end is gone, or close() was carried out. Not to be answered.
  virtual void closed(ConnectionId id) = 0;
};

class Connections {
 public:
  virtual ~Connections() = default;
  // Queues all of the pieces or nothing. false: no room, or no such connection.
  virtual bool send(ConnectionId id, std::span<const std::span<const std::byte>> pieces) = 0;
  // Writes what can be written now.
  virtual void flush(ConnectionId id) = 0;
  // Stop or go on reading: what the other end sends waits in its socket, even if that end closes meanwhile.
  virtual void pause(ConnectionId id, bool paused) = 0;
  // After what was queued has been written, or without that if the other end takes nothing. The handler is
  // told later.
  virtual void close(ConnectionId id) = 0;
  // Bytes that were queued and that the other end has not taken; 0 if there is no such connection.
  virtual std::size_t owed(ConnectionId id) const noexcept = 0;
};

}  // namespace vmlan::host
