// One direction of a TCP connection of a trace, put together: the bytes in their order, whatever the order,
// the repetitions and the holes of the segments that carried them.
//
// A hole is filled with zeros when the receiver says that it has what is missing in the trace, when more
// waits behind it than `most_waiting`, and at the end. What comes for it later still takes its place.
//
// Owns: the bytes. Threads: one. Memory: `most_bytes` and `most_waiting`; a stream that is longer is cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace vmlan::apps {

struct TcpStreamLimits {
  std::uint64_t most_bytes = std::uint64_t{64} << 20U;
  std::uint64_t most_waiting = std::uint64_t{4} << 20U;  // bytes behind a hole
  std::uint64_t largest_gap = std::uint64_t{1} << 20U;   // one that is larger says nothing of a stream
};

class TcpStream {
 public:
  // `first`: sequence number of the first byte.
  explicit TcpStream(std::uint32_t first, const TcpStreamLimits& limits = {})
      : first_(first), limits_(limits) {}

  void add(std::uint32_t sequence, std::span<const std::byte> payload, bool fin);
  // The receiver has everything before.
  void acknowledge(std::uint32_t acknowledgment);
  // Nothing more comes: what waits behind holes joins.
  void end();

  // In order so far.
  std::uint64_t length() const noexcept { return bytes_.size(); }
  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::vector<std::byte> take_bytes() noexcept { return std::move(bytes_); }
  // Of them the zeros that stand for what the trace lacks.
  std::uint64_t gap_bytes() const noexcept;
  // Its FIN is next in order.
  bool is_finished() const noexcept { return cut_ ? has_fin_ : has_fin_ && length() >= fin_at_; }
  bool is_cut() const noexcept { return cut_; }
  // A gap was larger than can be believed; nothing is added any more.
  bool is_broken() const noexcept { return broken_; }

 private:
  static constexpr std::size_t most_pieces = 4096;  // that wait, and of gaps

  std::int64_t offset_of(std::uint32_t sequence) const noexcept;
  void append(std::span<const std::byte> bytes);
  void fill_to(std::uint64_t offset);
  void patch(std::uint64_t offset, std::span<const std::byte> bytes);
  void wait(std::uint64_t offset, std::span<const std::byte> bytes);
  void join_waiting();
  bool room_for(std::uint64_t bytes) noexcept;

  std::uint32_t first_;
  TcpStreamLimits limits_;
  std::vector<std::byte> bytes_;
  std::map<std::uint64_t, std::vector<std::byte>> waiting_;  // by offset; they may overlap
  std::uint64_t waiting_bytes_ = 0;
  std::map<std::uint64_t, std::uint64_t> gaps_;  // begin, end
  std::uint64_t fin_at_ = 0;
  bool has_fin_ = false;
  bool cut_ = false;
  bool broken_ = false;
};

}  // namespace vmlan::apps
