// The bytes of a source that lie in memory: whoever wants the next so many has them in one piece, where they
// were read to.
//
// What has been taken stays where it is until the next peek() that has to read. Never waits.
//
// Owns: the source and its buffer, which grows with what arrives, not with what is asked for, to at most
// twice that. Threads: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "host/trace/byte_source.h"

namespace vmlan::host {

class ReadWindow {
 public:
  static constexpr std::size_t usual_size = std::size_t{256} << 10U;

  explicit ReadWindow(std::unique_ptr<ByteSource> source);

  // The next `length` bytes; nullptr: they are not there, and state() says why. Moves nothing on.
  const std::byte* peek(std::size_t length) {
    if (end_ - begin_ < length && !fill(length)) [[unlikely]] {
      return nullptr;
    }
    return buffer_.get() + begin_;
  }
  // At most what was peeked at.
  void take(std::size_t length) noexcept { begin_ += length; }

  // Of the last peek() that found too little: not_yet, end, failed.
  ByteSource::State state() const noexcept { return state_; }
  // What has been read and not taken.
  std::span<const std::byte> waiting() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }
  // Bytes taken in all.
  std::uint64_t position() const noexcept { return received_ - (end_ - begin_); }

  const ByteSource& source() const noexcept { return *source_; }
  std::unique_ptr<ByteSource> release() noexcept { return std::move(source_); }

 private:
  bool fill(std::size_t length);
  void make_room();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = usual_size;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t received_ = 0;
  ByteSource::State state_ = ByteSource::State::some;
};

}  // namespace vmlan::host
