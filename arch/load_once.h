// Copies out of storage that somebody else may change meanwhile: each byte is loaded exactly once, whatever
// the compiler knows about the value, so what was judged is what is used afterwards.
//
// A plain memcpy does not promise that: the compiler may look at the original again instead of keeping the
// copy (Xen's XSA-155 and QEMU's virtio had such faults). Alignment 1. A copy of more than 16 bytes may be
// torn between two states of the original; it is one value all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace vmlan::arch {

namespace once {

using Vector [[gnu::vector_size(16)]] = std::uint64_t;

// A piece of any alignment, over storage of any type. Types of their own: a template argument would lose the
// attributes.
struct [[gnu::packed, gnu::may_alias]] Sixteen {
  Vector value;
};
struct [[gnu::packed, gnu::may_alias]] Eight {
  std::uint64_t value;
};
struct [[gnu::packed, gnu::may_alias]] Four {
  std::uint32_t value;
};
struct [[gnu::packed, gnu::may_alias]] One {
  std::uint8_t value;
};

template <class Piece>
void copy_piece(std::byte*& to, const std::byte*& from, std::size_t& length) noexcept {
  const auto value = reinterpret_cast<const volatile Piece*>(from)->value;
  std::memcpy(to, &value, sizeof(value));
  to += sizeof(value);
  from += sizeof(value);
  length -= sizeof(value);
}

}  // namespace once

inline void copy_once(void* into, const std::byte* from, std::size_t length) noexcept {
  auto* to = static_cast<std::byte*>(into);
  while (length >= sizeof(once::Sixteen)) once::copy_piece<once::Sixteen>(to, from, length);
  if (length >= sizeof(once::Eight)) once::copy_piece<once::Eight>(to, from, length);
  if (length >= sizeof(once::Four)) once::copy_piece<once::Four>(to, from, length);
  while (length > 0) once::copy_piece<once::One>(to, from, length);
}

template <class T>
requires std::is_trivially_copyable_v<T> T load_once(const std::byte* from)
noexcept {
  T value;
  copy_once(static_cast<void*>(&value), from, sizeof(value));
  return value;
}

}  // namespace vmlan::arch
