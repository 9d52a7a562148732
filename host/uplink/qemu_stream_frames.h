// Frames out of a stream of bytes, framed as QEMU's `-netdev stream` and passt do: four bytes of length,
// big-endian, and so many bytes of frame ("observed, QEMU 7.2 net/stream.c, passt 2023-03").
//
// What comes is hostile: a length that no frame has ends it for good, and nothing behind it is looked at.
//
// Owns: one block of memory, whatever lengths are announced. Threads: one.
// Usage: fill room(), received(n), then next() until it has nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace vmlan::host {

class StreamFrames {
 public:
  static constexpr std::size_t header_size = 4;

  // What one call to read fills: several super-frames, or hundreds of short ones.
  static constexpr std::size_t usual_memory = std::size_t{256} << 10U;

  // The longest frame that makes sense, for which there is always memory.
  explicit StreamFrames(std::size_t longest, std::size_t memory = usual_memory);

  // Where more bytes go; never empty unless a whole frame or a fault is there.
  std::span<std::byte> room() noexcept;
  void received(std::size_t bytes) noexcept;
  // The next whole frame, which stays until room() is called.
  std::optional<std::span<const std::byte>> next() noexcept;
  bool has_whole() const noexcept;
  // The length that made no sense.
  std::optional<std::uint32_t> fault() const noexcept;
  // A new stream begins.
  void clear() noexcept { begin_ = end_ = 0; }

  static std::array<std::byte, header_size> header_of(std::size_t length) noexcept;

 private:
  // Bytes whose frames have not been given yet.
  std::size_t waiting() const noexcept { return end_ - begin_; }
  // What the header at begin_ says, if it has come.
  std::optional<std::uint32_t> announced() const noexcept;
  bool makes_sense(std::uint32_t length) const noexcept { return length > 0 && length <= longest_; }

  std::size_t longest_;
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace vmlan::host
