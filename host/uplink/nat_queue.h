// Frames from a NAT engine that wait to be given on: the bytes of all of them in a row, bounded.
//
// What is handed out stays where it is while others are added. No memory is allocated once the busiest moment
// has been seen. Threads: one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace vmlan::host {

class NatQueue {
 public:
  // From here on nothing more is read from the host's sockets: they wait, and nothing is lost. What waits
  // here stays in the cache.
  static constexpr std::size_t high_water = std::size_t{256} << 10U;
  // What guests themselves provoke beyond that is dropped.
  static constexpr std::size_t limit = std::size_t{4} << 20U;

  bool is_empty() const noexcept { return next_ == giving_.ends.size() && taking_.ends.empty(); }
  bool is_high() const noexcept { return bytes_ >= high_water; }

  // False: full.
  bool push(std::span<const std::byte> frame) {
    if (bytes_ + frame.size() > limit) return false;
    bytes_ += frame.size();
    taking_.bytes.insert(taking_.bytes.end(), frame.begin(), frame.end());
    taking_.ends.push_back(taking_.bytes.size());
    return true;
  }

  // The newest, unless it is being handed out with others already; empty: there is none.
  std::span<const std::byte> newest() const noexcept {
    if (taking_.ends.empty()) return {};
    const std::size_t count = taking_.ends.size();
    return std::span<const std::byte>(taking_.bytes).subspan(count == 1 ? 0 : taking_.ends[count - 2]);
  }
  // There is one, and the other is as long.
  void replace_newest(std::span<const std::byte> frame) noexcept {
    std::ranges::copy(frame, taking_.bytes.end() - static_cast<std::ptrdiff_t>(frame.size()));
  }

  // The oldest, whose bytes stay until the next call.
  std::optional<std::span<const std::byte>> pop() {
    if (next_ == giving_.ends.size()) {
      giving_.bytes.clear();
      giving_.ends.clear();
      next_ = 0;
      if (taking_.ends.empty()) return std::nullopt;
      std::swap(giving_, taking_);
    }
    const std::size_t begin = next_ == 0 ? 0 : giving_.ends[next_ - 1];
    const std::size_t length = giving_.ends[next_++] - begin;
    bytes_ -= length;
    return std::span<const std::byte>(giving_.bytes).subspan(begin, length);
  }

 private:
  struct Frames {
    std::vector<std::byte> bytes;
    std::vector<std::size_t> ends;
  };

  Frames taking_;
  Frames giving_;
  std::size_t next_ = 0;   // of giving_
  std::size_t bytes_ = 0;  // of what has not been handed out
};

}  // namespace vmlan::host
