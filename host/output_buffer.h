// Bytes on their way into a socket that may not take them now.
//
// Owns: the bytes. The bound is the owner's to keep. Threads: one at a time.
// Usage: add(), then write what is pending(), sent(n).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vmlan::host {

class OutputBuffer {
 public:
  std::size_t waiting() const noexcept { return bytes_.size() - sent_; }
  void add(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  // Behind what waits, for the caller to fill; until the buffer is touched again.
  std::span<std::byte> add_space(std::size_t length);

  std::span<const std::byte> pending() const noexcept { return std::span(bytes_).subspan(sent_); }
  // Of what is pending, so many bytes have gone.
  void sent(std::size_t bytes) noexcept;
  void clear() noexcept;

 private:
  std::size_t sent_ = 0;
  std::vector<std::byte> bytes_;
};

}  // namespace vmlan::host
