#include "host/output_buffer.h"

#include <cassert>

namespace vmlan::host {

std::span<std::byte> OutputBuffer::add_space(std::size_t length) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + length);
  return std::span(bytes_).subspan(at);
}

void OutputBuffer::sent(std::size_t bytes) noexcept {
  assert(bytes <= waiting());
  sent_ += bytes;
  if (sent_ == bytes_.size()) {
    clear();
    return;
  }
  // What was sent is dropped when it is the larger part: each byte moves at most once on average.
  if (sent_ > bytes_.size() / 2) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
}

void OutputBuffer::clear() noexcept {
  bytes_.clear();
  sent_ = 0;
}

}  // namespace vmlan::host
