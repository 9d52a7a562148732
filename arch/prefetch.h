// Hints to the processor that an object will be needed.
#pragma once

#include <cstddef>

namespace vmlan::arch {

template <class T>
void prefetch_object(const T& object) noexcept {
  constexpr std::size_t line = 64;
  const auto* bytes = reinterpret_cast<const std::byte*>(&object);
  for (std::size_t offset = 0; offset < sizeof(object); offset += line) __builtin_prefetch(bytes + offset, 1);
}

}  // namespace vmlan::arch
