#include "arch/heap_ahead.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/types.h"

namespace vmlan::arch {

namespace {

// The more at once, the fewer small pages at the seams.
constexpr int step = 32 << 20;

std::uintptr_t heap_end() noexcept { return reinterpret_cast<std::uintptr_t>(sbrk(0)); }

}  // namespace

void HeapAhead::tend() noexcept {
  const auto end = heap_end();
  if (end == end_) return;
  if (end_ == 0) {
    mallopt(M_TOP_PAD, step);
  } else if (end > end_) {
    const auto begin = end_ / page_size * page_size;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
  end_ = end;
}

}  // namespace vmlan::arch
