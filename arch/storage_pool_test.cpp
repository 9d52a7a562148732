#include "arch/storage_pool.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "arch/address_sanitizer.h"
#include "arch/clock.h"
#include "arch/storage.h"

namespace vmlan::arch {
namespace {

constexpr std::uint64_t small = 10 * page_size;

bool is_zero(const StoragePool::Piece& piece) {
  const auto zero = [](auto byte) { return byte == decltype(byte){}; };
  return std::all_of(piece.base, piece.base + piece.size, zero) &&
         std::all_of(piece.keys, piece.keys + piece.size / page_size, zero);
}

void fill(const StoragePool::Piece& piece) {
  std::memset(piece.base, 0xee, piece.size);
  std::memset(piece.keys, 0xf8, piece.size / page_size);
}

TEST(StoragePool, WhoComesNextFindsZerosInContentsAndKeys) {
  for (const auto size : {page_size, small, StoragePool::largest_shared, 2 * StoragePool::chunk_size}) {
    StoragePool pool;
    const auto stays = pool.take(size);  // so that the chunk does
    for (unsigned round = 0; round < 3; ++round) {
      const auto piece = pool.take(size);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece.base) % page_size, 0U);
      EXPECT_TRUE(is_zero(piece)) << size;
      fill(piece);
      pool.give_back(piece);
    }
    pool.give_back(stays);
  }
}

TEST(StoragePool, ClearingOneLeavesItsNeighboursAlone) {
  StoragePool pool;
  const auto before = pool.take(small);
  const auto cleared = pool.take(small);
  const auto after = pool.take(small);
  for (const auto& piece : {before, cleared, after}) fill(piece);
  pool.clear(cleared);
  EXPECT_TRUE(is_zero(cleared));
  for (const auto& piece : {before, after}) {
    EXPECT_EQ(std::count(piece.base, piece.base + small, std::byte{0xee}),
              static_cast<std::ptrdiff_t>(small));
    EXPECT_EQ(piece.keys[9], 0xf8);
  }
  for (const auto& piece : {before, cleared, after}) pool.give_back(piece);
}

TEST(StoragePool, NoTwoStoragesShareAByte) {
  StoragePool pool;
  std::vector<StoragePool::Piece> pieces;
  for (unsigned count = 0; count < 300; ++count) {
    pieces.push_back(pool.take((1 + count % 64) * page_size));
    const auto mark = static_cast<int>(count % 251 + 1);
    std::memset(pieces.back().base, mark, pieces.back().size);
    std::memset(pieces.back().keys, mark, pieces.back().size / page_size);
  }
  for (unsigned count = 0; count < 300; ++count) {
    const auto& piece = pieces[count];
    const auto mark = static_cast<std::uint8_t>(count % 251 + 1);
    EXPECT_EQ(std::count(piece.base, piece.base + piece.size, std::byte{mark}),
              static_cast<std::ptrdiff_t>(piece.size));
    EXPECT_EQ(std::count(piece.keys, piece.keys + piece.size / page_size, mark),
              static_cast<std::ptrdiff_t>(piece.size / page_size));
  }
  for (const auto& piece : pieces) pool.give_back(piece);
  EXPECT_EQ(pool.chunks(), 0U);
}

TEST(StoragePool, ComingAndGoingLeavesNothingBehind) {
  StoragePool pool;
  Prng chance(7);
  std::vector<StoragePool::Piece> taken;
  std::size_t most_chunks = 0;
  for (unsigned count = 0; count < 20'000; ++count) {
    if (taken.size() == 100 || (!taken.empty() && chance.below(2) == 0)) {
      std::swap(taken[chance.below(taken.size())], taken.back());
      pool.give_back(taken.back());
      taken.pop_back();
    } else {
      taken.push_back(pool.take((1 + chance.below(3)) * small));
      ASSERT_EQ(taken.back().base[small - 1], std::byte{0});
      taken.back().base[small - 1] = std::byte{1};
    }
    most_chunks = std::max(most_chunks, pool.chunks());
  }
  EXPECT_LE(most_chunks, 16U) << "100 storages of three sizes, of which 16 at least fit a chunk";
  for (const auto& piece : taken) pool.give_back(piece);
  EXPECT_EQ(pool.chunks(), 0U);
}

TEST(StoragePool, AChunkInUseMayBecomeALargePageAndAllIsAsBefore) {
  StoragePool pool;
  std::vector<StoragePool::Piece> pieces;
  while (pool.chunks() < 2) pieces.push_back(pool.take(small));
  for (unsigned call = 0; call < 100'000; ++call) pool.tend();
  EXPECT_EQ(pool.large_pages(), 0U) << "untouched pages are not in use";
  for (const auto& piece : pieces) fill(piece);
  for (unsigned call = 0; call < 100'000; ++call) pool.tend();
  EXPECT_LE(pool.large_pages(), 1U) << "as the host can; the second chunk holds one storage";
  for (const auto& piece : pieces) {
    EXPECT_EQ(std::count(piece.base, piece.base + small, std::byte{0xee}),
              static_cast<std::ptrdiff_t>(small));
    EXPECT_EQ(piece.keys[0], 0xf8);
  }
  pool.give_back(pieces.front());
  pieces.front() = pool.take(small);
  EXPECT_TRUE(is_zero(pieces.front()));
  EXPECT_EQ(pieces[1].base[0], std::byte{0xee});
  for (const auto& piece : pieces) pool.give_back(piece);
}

// How many pages of it the host has given.
std::size_t resident(const StoragePool::Piece& piece) {
  std::vector<unsigned char> pages(piece.size / page_size);
  EXPECT_EQ(mincore(piece.base, piece.size, pages.data()), 0);
  return static_cast<std::size_t>(
      std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return (page & 1U) != 0; }));
}

TEST(StoragePool, WhatWillBeUsedHasItsPagesAndNoMore) {
  for (const auto size : {small, 2 * StoragePool::chunk_size}) {
    StoragePool pool;
    const auto piece = pool.take(size);
    const auto pages = resident(piece);
    pool.expect_use(piece, 3 * page_size - 1);
    // A host that doesn't know MADV_POPULATE_WRITE (before Linux 5.14) gives them when they are touched.
    const auto given = resident(piece) - pages;
    EXPECT_TRUE(given == 3 || given == 0) << given;
    EXPECT_TRUE(is_zero(piece));
    pool.give_back(piece);
  }
}

TEST(StoragePool, WhereOneChunkIsFullOfThemTheNextIsALargePageWhenTheFirstOfThemIsUsed) {
  StoragePool pool;
  std::vector<StoragePool::Piece> pieces;
  while (pool.chunks() < 2) {
    pieces.push_back(pool.take(small));
    if (pool.chunks() == 1) pool.expect_use(pieces.back(), small);
  }
  EXPECT_EQ(pool.large_pages(), 0U) << "of one chunk there may be no more";
  pool.expect_use(pieces.back(), page_size);
  EXPECT_EQ(pool.large_pages(), 0U) << "only a part of it will be used";
  pool.expect_use(pieces.back(), small);
  EXPECT_LE(pool.large_pages(), 1U) << "as the host can";
  fill(pieces.back());
  pool.expect_use(pieces.back(), small);
  EXPECT_EQ(pieces.back().base[small - 1], std::byte{0xee});
  pool.clear(pieces.back());
  EXPECT_TRUE(is_zero(pieces.back()));
  for (const auto& piece : pieces) pool.give_back(piece);
  EXPECT_EQ(pool.chunks(), 0U);
}

TEST(StoragePool, OneThatEndsTakesAllBack) {
  StoragePool pool;
  std::vector<StoragePool::Piece> pieces;
  for (unsigned count = 0; count < 100; ++count) pieces.push_back(pool.take((1 + count % 3) * small));
  for (const auto& piece : pieces) fill(piece);
  pool.close();
  for (const auto& piece : pieces) pool.give_back(piece);
  EXPECT_EQ(pool.chunks(), 0U);
}

TEST(StoragePool, ASizeThatNoHostHasIsRefused) {
  StoragePool pool;
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1} << 61U, ~std::uint64_t{0} << 12U}) {
    EXPECT_THROW(pool.take(size), std::bad_alloc);
  }
  EXPECT_THROW(MainStorage(pool, 0), std::bad_alloc);
  EXPECT_EQ(pool.chunks(), 0U);
}

TEST(StoragePool, KeysAreOfTheStorageTheyBelongTo) {
  StoragePool pool;
  MainStorage first(pool, small);
  MainStorage second(pool, small);
  first.view().set_storage_key(small - 1, 0xa0);
  EXPECT_EQ(first.view().storage_key(small - page_size), 0xa0);
  for (Address page = 0; page < small; page += page_size) EXPECT_EQ(second.view().storage_key(page), 0);
}

TEST(StoragePoolDeathTest, AnOverrunFromOneStorageToTheNextIsSeen) {
  if (!checks_addresses) GTEST_SKIP() << "a build without AddressSanitizer";
  StoragePool pool;
  MainStorage first(pool, small);
  MainStorage second(pool, small);
  std::byte* base = first.view().established(0);
  EXPECT_DEATH(base[small] = std::byte{1}, "AddressSanitizer");
}

}  // namespace
}  // namespace vmlan::arch
