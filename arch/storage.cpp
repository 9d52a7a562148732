#include "arch/storage.h"

#include <cstring>

namespace vmlan::arch {

bool GuestStorage::key_allows(Address address, std::uint64_t length, AccessKey key,
                              bool fetch) const noexcept {
  const auto last = (address + length - 1) >> key_shift_;
  for (auto block = address >> key_shift_; block <= last; ++block) {
    const std::uint8_t storage_key = key_byte(block);
    const bool matches = (storage_key >> 4U) == static_cast<std::uint8_t>(key);
    const bool open = fetch && (storage_key & storage_key_fetch_protected) == 0;
    if (!matches && !open) return false;
  }
  return true;
}

ProgramCheck GuestStorage::read_bytes(Address address, std::span<std::byte> into,
                                      AccessKey key) const noexcept {
  const auto check = may_fetch(address, into.size(), key);
  if (check != ProgramCheck::none || into.empty()) return check;
  mark(address, into.size(), storage_key_referenced);
  copy_once(into.data(), base_ + address, into.size());
  return ProgramCheck::none;
}

ProgramCheck GuestStorage::write_bytes(Address address, std::span<const std::byte> from,
                                       AccessKey key) const noexcept {
  const auto check = may_store(address, from.size(), key);
  if (check != ProgramCheck::none || from.empty()) return check;
  mark(address, from.size(), storage_key_referenced | storage_key_changed);
  std::memcpy(base_ + address, from.data(), from.size());
  return ProgramCheck::none;
}

std::uint8_t GuestStorage::storage_key(Address address) const noexcept {
  return contains(address, 1) ? key_byte(address >> key_shift_) : std::uint8_t{0};
}

void GuestStorage::set_storage_key(Address address, std::uint8_t key) const noexcept {
  if (contains(address, 1)) __atomic_store_n(&keys_[address >> key_shift_], key, __ATOMIC_RELAXED);
}

MainStorage::MainStorage(StoragePool& pool, std::uint64_t size)
    : pool_(pool), piece_(pool.take((size + page_size - 1) / page_size * page_size)) {}

MainStorage::MainStorage(std::uint64_t size)
    : own_pool_(std::make_unique<StoragePool>()),
      pool_(*own_pool_),
      piece_(pool_.take((size + page_size - 1) / page_size * page_size)) {}

MainStorage::~MainStorage() { pool_.give_back(piece_); }

}  // namespace vmlan::arch
