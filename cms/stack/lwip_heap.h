// The memory one user's copy of lwIP allocates, bounded and given back in one piece with its owner: lwIP
// itself can't be shut down (its timers and tables stay allocated).
//
// Owns: every block not yet released. Threads: one at a time.
#pragma once

#include <cstddef>

namespace vmlan::cms {

class LwipHeap {
 public:
  // What one user's stack may hold: some hundred full TCP windows' worth would be an attack, not traffic.
  static constexpr std::size_t limit_bytes = std::size_t{16} << 20U;

  LwipHeap() = default;
  ~LwipHeap();
  LwipHeap(const LwipHeap&) = delete;
  LwipHeap& operator=(const LwipHeap&) = delete;

  // nullptr: over the limit, or the host has no memory. Blocks of at most `always_granted` bytes don't
  // count against the limit: lwIP's timers are such, and it gives up the program if it gets none.
  void* allocate(std::size_t size) noexcept;
  void release(void* memory) noexcept;

  std::size_t bytes_in_use() const noexcept { return in_use_; }

 private:
  static constexpr std::size_t always_granted = 64;

  struct Block {
    Block* next;
    Block** link;  // what points to this block
    std::size_t size;
    std::size_t padding;  // keeps the user's part aligned as malloc's
  };
  static_assert(sizeof(Block) % alignof(std::max_align_t) == 0);

  Block* blocks_ = nullptr;
  std::size_t in_use_ = 0;
};

}  // namespace vmlan::cms
