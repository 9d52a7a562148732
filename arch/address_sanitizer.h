// Places that nobody may touch at the moment, for builds with AddressSanitizer; in others, nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define VMLAN_CHECKS_ADDRESSES
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VMLAN_CHECKS_ADDRESSES
#endif
#endif
#if defined(VMLAN_CHECKS_ADDRESSES)
#include <sanitizer/asan_interface.h>
#endif

namespace vmlan::arch {

#if defined(VMLAN_CHECKS_ADDRESSES)
inline constexpr bool checks_addresses = true;
inline void forbid(const std::byte* base, std::uint64_t size) noexcept {
  ASAN_POISON_MEMORY_REGION(base, size);
}
inline void allow(const std::byte* base, std::uint64_t size) noexcept {
  ASAN_UNPOISON_MEMORY_REGION(base, size);
}
#else
inline constexpr bool checks_addresses = false;
inline void forbid(const std::byte* /*base*/, std::uint64_t /*size*/) noexcept {}
inline void allow(const std::byte* /*base*/, std::uint64_t /*size*/) noexcept {}
#endif

}  // namespace vmlan::arch
