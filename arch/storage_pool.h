// Where the storages of a system's virtual machines lie.
//
// Small ones lie side by side in chunks of 2 MB, those of one size in the same chunks. A chunk whose pages
// are mostly in use, or will be (expect_use()), can become one large page of the host: with thousands of
// users that talk, a datagram would else wait for the TLB as long as for its bytes. Until then a page that
// its guest never touched costs nothing, and a host that cannot do it goes on with small pages. A storage
// above largest_shared has a mapping of its own.
//
// Who takes a place finds zeros there. What is given back is the host's again at once, except in a large
// page, which would fall apart. With AddressSanitizer a poisoned page follows each small storage, and free
// places are poisoned.
//
// Owns: the chunks. What was taken goes back before the pool ends. Throws std::bad_alloc if the host refuses
// the address space. Threads: the base's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "arch/types.h"

namespace vmlan::arch {

class StoragePool {
 public:
  static constexpr std::uint64_t chunk_size = std::uint64_t{2} << 20U;
  static constexpr std::uint64_t largest_shared = std::uint64_t{512} << 10U;

  // A storage and its keys, one byte a page.
  struct Piece {
    std::byte* base = nullptr;
    std::uint64_t size = 0;
    std::uint8_t* keys = nullptr;
  };

  StoragePool() = default;
  ~StoragePool();
  StoragePool(const StoragePool&) = delete;
  StoragePool& operator=(const StoragePool&) = delete;

  // Zeros; `size` in bytes, a multiple of a page. No host has 0 bytes.
  Piece take(std::uint64_t size);
  void give_back(const Piece& piece) noexcept;
  // Contents and keys become zero.
  void clear(const Piece& piece) noexcept;

  // A hint: its first `bytes` will be used. The host gives such pages together, at a small part of what each
  // costs by itself when it is touched (2.5 us in place of 40 on a virtual machine without nested paging).
  void expect_use(const Piece& piece, std::uint64_t bytes) noexcept;

  // Nobody takes a place any more: what is given back need not be cleared.
  void close() noexcept { closed_ = true; }

  // To be called when there is nothing else to do. Most calls do nothing; others look at one chunk, some
  // microseconds, or make one large page, some hundred. Looks become rarer while there is nothing to be done,
  // and frequent again when a storage is taken.
  void tend() noexcept;

  // What there is, for tests and displays.
  std::size_t chunks() const noexcept { return chunks_.size(); }
  std::size_t large_pages() const noexcept;

 private:
  struct Chunk {
    std::byte* base = nullptr;
    std::uint64_t size = 0;  // of each place
    std::vector<std::uint16_t> free;
    Chunk* next_with_room = nullptr;  // of the same size
    bool large = false;               // one page of the host
  };

  static Piece place(const Chunk& chunk, unsigned index) noexcept;
  Chunk& chunk_of(const Piece& piece) noexcept;
  Chunk*& with_room(std::uint64_t size) noexcept { return with_room_[size / page_size]; }
  Chunk& add_chunk(std::uint64_t size);
  void remove(Chunk& chunk) noexcept;
  void make_large(Chunk& chunk) noexcept;
  void look_soon() noexcept;

  std::map<std::byte*, Chunk> chunks_;                              // by their beginning
  std::array<Chunk*, largest_shared / page_size + 1> with_room_{};  // by pages of a place
  std::array<std::uint32_t, largest_shared / page_size + 1> chunks_of_size_{};
  std::byte* tended_ = nullptr;
  unsigned calls_ = 0;
  unsigned calls_between_looks_ = 64;
  std::size_t looks_in_vain_ = 0;  // since one found something to do
  bool host_collapses_ = true;
  bool closed_ = false;
};

}  // namespace vmlan::arch
