#include "arch/storage.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

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

MainStorage::MainStorage(std::uint64_t size) {
  size_ = (size + page_size - 1) / page_size * page_size;
  const auto key_bytes = (size_ / page_size + page_size - 1) / page_size * page_size;
  mapped_ = size_ + key_bytes;
  void* mapping =
      mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  base_ = static_cast<std::byte*>(mapping);
  keys_ = reinterpret_cast<std::uint8_t*>(base_ + size_);
}

MainStorage::~MainStorage() { munmap(base_, mapped_); }

void MainStorage::clear() noexcept {
  // Anonymous private pages read as zero after this, and go back to the host.
  madvise(base_, mapped_, MADV_DONTNEED);
}

}  // namespace vmlan::arch
