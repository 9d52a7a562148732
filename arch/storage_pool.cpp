#include "arch/storage_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "arch/address_sanitizer.h"

// Not in the headers of every C library yet. Source: Linux 6.1, include/uapi/asm-generic/mman-common.h.
#if !defined(MADV_COLLAPSE)
constexpr int MADV_COLLAPSE = 25;
#endif
#if !defined(MADV_POPULATE_WRITE)
constexpr int MADV_POPULATE_WRITE = 23;
#endif

namespace vmlan::arch {
namespace {

// Behind each storage, so that an overrun from one to the next is seen.
constexpr std::uint64_t guard = checks_addresses ? page_size : 0;
constexpr std::uint64_t cache_line = 64;
constexpr unsigned fewest_calls_between_looks = 64;
constexpr unsigned most_calls_between_looks = 1U << 20U;
// Beyond every host's address space, and far from where sums wrap.
constexpr std::uint64_t largest = std::uint64_t{1} << 60U;
constexpr std::uint64_t pages_of_a_chunk = StoragePool::chunk_size / page_size;

constexpr std::uint64_t pages(std::uint64_t size) noexcept { return size / page_size; }

// The keys of two storages share no line.
constexpr std::uint64_t key_bytes(std::uint64_t size) noexcept {
  return (pages(size) + cache_line - 1) / cache_line * cache_line;
}

// A chunk holds its storages from its beginning and their keys behind the last of them.
constexpr std::uint64_t distance(std::uint64_t size) noexcept { return size + guard; }
constexpr std::uint64_t places_of(std::uint64_t size) noexcept {
  return StoragePool::chunk_size / (distance(size) + key_bytes(size));
}

std::byte* map(std::uint64_t size) {
  void* mapping =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(mapping);
}

// Aligned to its own size, as a large page must be.
std::byte* map_chunk() {
  constexpr auto size = StoragePool::chunk_size;
  std::byte* mapping = map(2 * size);
  const auto before = (size - reinterpret_cast<std::uintptr_t>(mapping) % size) % size;
  if (before > 0) munmap(mapping, before);
  munmap(mapping + before + size, size - before);
  return mapping + before;
}

bool is_shared(std::uint64_t size) noexcept { return size <= StoragePool::largest_shared; }

bool mostly_resident(std::byte* chunk) noexcept {
  std::array<unsigned char, pages_of_a_chunk> resident{};
  if (mincore(chunk, StoragePool::chunk_size, resident.data()) != 0) return false;
  const auto count =
      std::count_if(resident.begin(), resident.end(), [](unsigned char page) { return (page & 1U) != 0; });
  return static_cast<std::uint64_t>(count) >= pages_of_a_chunk * 3 / 4;
}

}  // namespace

StoragePool::~StoragePool() { assert(chunks_.empty() && "a storage outlives its pool"); }

StoragePool::Piece StoragePool::place(const Chunk& chunk, unsigned index) noexcept {
  std::byte* keys = chunk.base + places_of(chunk.size) * distance(chunk.size);
  return {chunk.base + index * distance(chunk.size), chunk.size,
          reinterpret_cast<std::uint8_t*>(keys + index * key_bytes(chunk.size))};
}

StoragePool::Chunk& StoragePool::add_chunk(std::uint64_t size) {
  Chunk chunk;
  chunk.size = size;
  for (auto index = places_of(size); index > 0; --index) {
    chunk.free.push_back(static_cast<std::uint16_t>(index - 1));
  }
  chunk.base = map_chunk();
  forbid(chunk.base, chunk_size);
  Chunk& added = chunks_.emplace(chunk.base, std::move(chunk)).first->second;
  added.next_with_room = std::exchange(with_room(size), &added);
  ++chunks_of_size_[pages(size)];
  return added;
}

StoragePool::Piece StoragePool::take(std::uint64_t size) {
  assert(size % page_size == 0);
  if (size == 0 || size > largest) throw std::bad_alloc();
  if (!is_shared(size)) {
    std::byte* base = map(size + pages(size));
    return {base, size, reinterpret_cast<std::uint8_t*>(base + size)};
  }
  Chunk& chunk = with_room(size) != nullptr ? *with_room(size) : add_chunk(size);
  look_soon();
  const Piece piece = place(chunk, chunk.free.back());
  chunk.free.pop_back();
  if (chunk.free.empty()) with_room(size) = std::exchange(chunk.next_with_room, nullptr);
  allow(piece.base, piece.size);
  allow(reinterpret_cast<std::byte*>(piece.keys), pages(piece.size));
  return piece;
}

void StoragePool::clear(const Piece& piece) noexcept {
  if (is_shared(piece.size) && chunk_of(piece).large) {
    std::memset(piece.base, 0, piece.size);
  } else {
    // Anonymous private pages read as zero after this, and go back to the host.
    madvise(piece.base, piece.size, MADV_DONTNEED);
  }
  std::memset(piece.keys, 0, pages(piece.size));
}

void StoragePool::expect_use(const Piece& piece, std::uint64_t bytes) noexcept {
  const auto length = (std::min(bytes, piece.size) + page_size - 1) / page_size * page_size;
  if (is_shared(piece.size)) {
    Chunk& chunk = chunk_of(piece);
    if (chunk.large) return;
    // Where one chunk is full of such storages more will come, and be used as this one is.
    if (length == piece.size && chunks_of_size_[pages(piece.size)] > 1 && host_collapses_) make_large(chunk);
    if (chunk.large) return;
  }
  // A host that does not know it gives them when they are touched.
  madvise(piece.base, length, MADV_POPULATE_WRITE);
}

void StoragePool::give_back(const Piece& piece) noexcept {
  if (!is_shared(piece.size)) {
    munmap(piece.base, piece.size + pages(piece.size));
    return;
  }
  if (!closed_) clear(piece);
  forbid(piece.base, piece.size);
  forbid(reinterpret_cast<std::byte*>(piece.keys), pages(piece.size));
  Chunk& chunk = chunk_of(piece);
  if (chunk.free.empty()) chunk.next_with_room = std::exchange(with_room(piece.size), &chunk);
  const auto index = static_cast<std::uint64_t>(piece.base - chunk.base) / distance(piece.size);
  chunk.free.push_back(static_cast<std::uint16_t>(index));
  if (chunk.free.size() == places_of(piece.size)) remove(chunk);
}

StoragePool::Chunk& StoragePool::chunk_of(const Piece& piece) noexcept {
  const auto offset = reinterpret_cast<std::uintptr_t>(piece.base) % chunk_size;
  const auto found = chunks_.find(piece.base - offset);
  assert(found != chunks_.end());
  return found->second;
}

void StoragePool::remove(Chunk& chunk) noexcept {
  Chunk** link = &with_room(chunk.size);
  while (*link != &chunk) link = &(*link)->next_with_room;
  *link = chunk.next_with_room;
  --chunks_of_size_[pages(chunk.size)];
  allow(chunk.base, chunk_size);
  munmap(chunk.base, chunk_size);
  chunks_.erase(chunk.base);
}

void StoragePool::tend() noexcept {
  if (chunks_.empty() || !host_collapses_ || ++calls_ < calls_between_looks_) return;
  calls_ = 0;
  auto next = chunks_.upper_bound(tended_);
  if (next == chunks_.end()) next = chunks_.begin();
  Chunk& chunk = next->second;
  tended_ = chunk.base;
  if (!chunk.large && mostly_resident(chunk.base)) {
    make_large(chunk);
    if (chunk.large) return look_soon();
  }
  // A look costs as much as some packets: where all of them were in vain, half as many do.
  if (++looks_in_vain_ < chunks_.size()) return;
  looks_in_vain_ = 0;
  calls_between_looks_ = std::min(calls_between_looks_ * 2, most_calls_between_looks);
}

void StoragePool::make_large(Chunk& chunk) noexcept {
  // A chunk without any page can't be collapsed.
  madvise(chunk.base + chunk_size - page_size, page_size, MADV_POPULATE_WRITE);
  chunk.large = madvise(chunk.base, chunk_size, MADV_COLLAPSE) == 0;
  // Too old a host, or one without transparent huge pages. A lack of free large pages may pass.
  if (!chunk.large && errno == EINVAL) host_collapses_ = false;
}

void StoragePool::look_soon() noexcept {
  looks_in_vain_ = 0;
  calls_between_looks_ = fewest_calls_between_looks;
}

std::size_t StoragePool::large_pages() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(chunks_.begin(), chunks_.end(), [](const auto& chunk) { return chunk.second.large; }));
}

}  // namespace vmlan::arch
