#include "host/uplink/qemu_stream_frames.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace vmlan::host {

StreamFrames::StreamFrames(std::size_t longest, std::size_t memory)
    : longest_(longest), bytes_(std::max(memory, header_size + longest)) {}

std::span<std::byte> StreamFrames::room() noexcept {
  // What is left is less than a frame, unless somebody has stopped in between: little to move.
  std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
            bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
  end_ = waiting();
  begin_ = 0;
  return std::span(bytes_).subspan(end_);
}

void StreamFrames::received(std::size_t bytes) noexcept {
  assert(bytes <= bytes_.size() - end_);
  end_ += bytes;
}

std::optional<std::uint32_t> StreamFrames::announced() const noexcept {
  if (waiting() < header_size) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t index = 0; index < header_size; ++index)
    length = length << 8U | std::to_integer<std::uint32_t>(bytes_[begin_ + index]);
  return length;
}

bool StreamFrames::has_whole() const noexcept {
  const auto length = announced();
  return length && makes_sense(*length) && waiting() - header_size >= *length;
}

std::optional<std::span<const std::byte>> StreamFrames::next() noexcept {
  if (!has_whole()) return std::nullopt;
  const auto frame = std::span(std::as_const(bytes_)).subspan(begin_ + header_size, *announced());
  begin_ += header_size + frame.size();
  return frame;
}

std::optional<std::uint32_t> StreamFrames::fault() const noexcept {
  const auto length = announced();
  return length && !makes_sense(*length) ? length : std::nullopt;
}

std::array<std::byte, StreamFrames::header_size> StreamFrames::header_of(std::size_t length) noexcept {
  std::array<std::byte, header_size> header;
  for (std::size_t index = 0; index < header_size; ++index)
    header[index] = static_cast<std::byte>(length >> 8U * (header_size - 1 - index));
  return header;
}

}  // namespace vmlan::host
