// Messages on their way into a socket that may not take them now.
//
// Owns: the bytes. The bound is the owner's to keep: it asks has_room() before it adds a frame, and decides
// there whether to wait, drop or stop taking. Threads: one at a time.
// Usage: add(), then write() of pending(), sent(n).
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "host/output_buffer.h"
#include "link/protocol.h"

namespace vmlan::link {

class SendBuffer {
 public:
  using Part = std::span<const std::byte>;

  // `limit` in bytes; what is added beyond it is still kept (control messages must not be lost), so a caller
  // that never asks has_room() has no bound.
  explicit SendBuffer(std::size_t limit);

  // May a message with a body of `length` bytes be added without passing the limit?
  bool has_room(std::size_t length) const noexcept { return waiting() + sizeof(Header) + length <= limit_; }
  std::size_t limit() const noexcept { return limit_; }
  std::size_t waiting() const noexcept { return bytes_.waiting(); }

  // The parts, one behind the other, are the body; at most max_body bytes together.
  void add(MessageType type, unsigned device_index, std::initializer_list<Part> parts = {});
  void add_refuse(std::string_view text);
  void add_end(AfterEnd after, std::string_view text);
  void add_hello(const Hello& hello);
  void add_accept(const Accept& accept);
  // Room for a body that the caller fills: for a frame whose pieces it collects itself.
  std::span<std::byte> add_space(MessageType type, unsigned device_index, std::size_t length);

  Part pending() const noexcept { return bytes_.pending(); }
  void sent(std::size_t bytes) noexcept { bytes_.sent(bytes); }
  void clear() noexcept { bytes_.clear(); }

 private:
  std::size_t limit_;
  host::OutputBuffer bytes_;
};

}  // namespace vmlan::link
