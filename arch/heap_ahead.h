// Large pages for a heap that grows: with thousands of users it is as cold as their storages are
// (StoragePool). They come as they are touched, 2 MB at a time.
//
// Concerns the process's main heap, which has no owner: of two such objects each looks at all of it, which
// does no harm. Where the C library has no such heap (another allocator, AddressSanitizer) nothing happens.
// Threads: that of the main heap, the process's first.
#pragma once

#include <cstdint>

namespace vmlan::arch {

class HeapAhead {
 public:
  // To be called when many objects were made. Mostly a comparison; else a system call or two.
  void tend() noexcept;

 private:
  std::uintptr_t end_ = 0;  // of what was looked at; 0: nothing was
};

}  // namespace vmlan::arch
