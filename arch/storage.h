// A virtual machine's main storage as everybody but its owner sees it, and the only bounds check.
//
// GuestStorage is a view: base, size, storage keys. Every address in it comes from a guest and is
// hostile. read<T> copies a control block out, each byte with one load that no compiler repeats
// (load_once.h); the caller judges the copy, never the original, because the guest may change the original
// between two looks. fetch()/store() give a pointer for the one place where data is moved in place (the queue
// engine); what they cost grows with the pages named, so a length from a guest is bounded by the caller.
//
// Storage keys: one byte per block of 2**key_shift bytes, laid out as ISKE returns them (PoP,
// "Storage Key"): access-control bits F0, fetch protection 08, reference 04, change 02. Access with
// key 0 is never refused; every store sets reference and change, every fetch sets reference.
//
// Owns: nothing. Threads: as many readers as the storage itself allows. A key byte's bits are set one OR at a
// time, never as a byte that was read before: a processor of the guest may set the key meanwhile (Hercules'
// processors do so in threads of their own), and its access-control bits must not be lost.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

#include "arch/load_once.h"
#include "arch/storage_pool.h"
#include "arch/types.h"

namespace vmlan::arch {

inline constexpr std::uint8_t storage_key_access = 0xf0;
inline constexpr std::uint8_t storage_key_fetch_protected = 0x08;
inline constexpr std::uint8_t storage_key_referenced = 0x04;
inline constexpr std::uint8_t storage_key_changed = 0x02;

// A value read from storage, or the reason why there is none.
template <class T>
struct Access {
  T value{};
  ProgramCheck check = ProgramCheck::none;
  explicit operator bool() const noexcept { return check == ProgramCheck::none; }
};

class GuestStorage {
 public:
  GuestStorage() = default;
  GuestStorage(std::byte* base, std::uint64_t size, std::uint8_t* keys, unsigned key_shift = 12) noexcept
      : base_(base), size_(size), keys_(keys), key_shift_(key_shift) {}

  std::uint64_t size() const noexcept { return size_; }
  bool operator==(const GuestStorage&) const noexcept = default;

  // The only bounds check of the project.
  bool contains(Address address, std::uint64_t length) const noexcept {
    return address <= size_ && length <= size_ - address;
  }

  ProgramCheck may_fetch(Address address, std::uint64_t length, AccessKey key) const noexcept {
    if (!contains(address, length)) return ProgramCheck::addressing;
    if (key == AccessKey::zero || length == 0) return ProgramCheck::none;
    return key_allows(address, length, key, true) ? ProgramCheck::none : ProgramCheck::protection;
  }

  ProgramCheck may_store(Address address, std::uint64_t length, AccessKey key) const noexcept {
    if (!contains(address, length)) return ProgramCheck::addressing;
    if (key == AccessKey::zero || length == 0) return ProgramCheck::none;
    return key_allows(address, length, key, false) ? ProgramCheck::none : ProgramCheck::protection;
  }

  // Where [address, address+length) lies in the host, or nullptr if the key or the size forbids it.
  const std::byte* fetch(Address address, std::uint64_t length, AccessKey key) const noexcept {
    if (may_fetch(address, length, key) != ProgramCheck::none) [[unlikely]]
      return nullptr;
    mark(address, length, storage_key_referenced);
    return base_ + address;
  }

  std::byte* store(Address address, std::uint64_t length, AccessKey key) const noexcept {
    if (may_store(address, length, key) != ProgramCheck::none) [[unlikely]]
      return nullptr;
    mark(address, length, storage_key_referenced | storage_key_changed);
    return base_ + address;
  }

  // For an address that passed may_store() before and a key that can't have begun to refuse since (key 0):
  // control areas named once, when queues are established. Storage never shrinks under its users.
  std::byte* established(Address address) const noexcept { return base_ + address; }
  void mark_changed(Address address) const noexcept {
    mark(address, 1, storage_key_referenced | storage_key_changed);
  }

  // A hint that bytes at an address inside storage, and their key, will be needed.
  void prefetch(Address address) const noexcept {
    __builtin_prefetch(base_ + address, 1);
    __builtin_prefetch(keys_ + (address >> key_shift_));
  }

  template <class T>
  requires std::is_trivially_copyable_v<T> Access<T> read(Address address, AccessKey key = AccessKey::zero)
  const noexcept {
    Access<T> access;
    access.check = may_fetch(address, sizeof(T), key);
    if (access.check != ProgramCheck::none) return access;
    mark(address, sizeof(T), storage_key_referenced);
    copy_once(static_cast<void*>(&access.value), base_ + address, sizeof(T));
    return access;
  }

  template <class T>
  requires std::is_trivially_copyable_v<T> ProgramCheck write(Address address, const T& value,
                                                              AccessKey key = AccessKey::zero)
  const noexcept { return write_bytes(address, std::as_bytes(std::span(&value, 1)), key); }

  ProgramCheck read_bytes(Address address, std::span<std::byte> into,
                          AccessKey key = AccessKey::zero) const noexcept;
  ProgramCheck write_bytes(Address address, std::span<const std::byte> from,
                           AccessKey key = AccessKey::zero) const noexcept;

  // The storage-key byte of the block that holds `address`; 0 outside storage.
  std::uint8_t storage_key(Address address) const noexcept;
  void set_storage_key(Address address, std::uint8_t key) const noexcept;

 private:
  bool key_allows(Address address, std::uint64_t length, AccessKey key, bool fetch) const noexcept;
  std::uint8_t key_byte(std::uint64_t block) const noexcept {
    return __atomic_load_n(&keys_[block], __ATOMIC_RELAXED);
  }

  void mark(Address address, std::uint64_t length, std::uint8_t bits) const noexcept {
    if (length == 0) return;
    const auto last = (address + length - 1) >> key_shift_;
    for (auto block = address >> key_shift_; block <= last; ++block) {
      // Most accesses find the bits set already: look before dirtying the line.
      if ((key_byte(block) & bits) != bits) __atomic_fetch_or(&keys_[block], bits, __ATOMIC_RELAXED);
    }
  }

  std::byte* base_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint8_t* keys_ = nullptr;
  unsigned key_shift_ = 12;
};

// The storage of one virtual machine: zeroed, page-aligned, taken from the host only as it is touched.
//
// Owns: its place in a pool, or a mapping. Throws std::bad_alloc if the host refuses the address space.
class MainStorage {
 public:
  // `size` in bytes, rounded up to a whole page. The pool outlives it.
  MainStorage(StoragePool& pool, std::uint64_t size);
  // In a pool of its own.
  explicit MainStorage(std::uint64_t size);
  ~MainStorage();
  MainStorage(const MainStorage&) = delete;
  MainStorage& operator=(const MainStorage&) = delete;

  GuestStorage view() noexcept { return {piece_.base, piece_.size, piece_.keys}; }
  std::uint64_t size() const noexcept { return piece_.size; }
  // System reset clear: contents and keys become zero again.
  void clear() noexcept { pool_.clear(piece_); }
  // A hint: its first `bytes` will be used.
  void expect_use(std::uint64_t bytes) noexcept { pool_.expect_use(piece_, bytes); }

 private:
  std::unique_ptr<StoragePool> own_pool_;
  StoragePool& pool_;
  StoragePool::Piece piece_;
};

}  // namespace vmlan::arch
