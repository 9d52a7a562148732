// Messages out of received bytes, however read() cut them.
//
// Owns: a buffer of fixed size that holds at least one message of the longest kind. Threads: one at a time.
// Usage: read() into room(), received(n), then next() until it gives nothing; a fault is final.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "link/protocol.h"

namespace vmlan::link {

enum class Sender : std::uint8_t { client, base };

class Decoder {
 public:
  // Takes messages that `sender` may send, for devices below `devices`.
  explicit Decoder(Sender sender, unsigned devices = max_devices);

  // The NIC has fewer devices than the protocol allows (known after HELLO).
  void set_devices(unsigned devices) noexcept { devices_ = devices; }

  // Where the next bytes go; never empty unless a fault was found or next() was not called until it gave
  // nothing.
  std::span<std::byte> room() noexcept;
  void received(std::size_t bytes) noexcept;
  // The next whole message.
  std::optional<MessageView> next() noexcept;
  Fault fault() const noexcept { return fault_; }
  // Bytes of a message that is not whole yet: a connection that closes now was cut off.
  bool in_message() const noexcept { return end_ != begin_; }
  // A new connection.
  void restart() noexcept;

 private:
  Fault judge(MessageType type, std::size_t length, unsigned device_index) const noexcept;

  Sender sender_;
  unsigned devices_;
  Fault fault_ = Fault::none;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  // Not zeroed: who connects and says nothing costs no memory but what it sent.
  std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace vmlan::link
