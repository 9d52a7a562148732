#include "host/memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace vmlan::host {

std::uint64_t available_memory() noexcept try {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::uint64_t kilobytes = 0;
  for (std::string unit; file >> name >> kilobytes; std::getline(file, unit)) {
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return 0;
} catch (...) {
  return 0;
}

void keep_freed_memory() noexcept {
#ifdef __GLIBC__
  constexpr int never = 0x7fffffff;
  constexpr int step = 64 << 20;
  ::mallopt(M_TRIM_THRESHOLD, never);
  ::mallopt(M_TOP_PAD, step);
#endif
}

}  // namespace vmlan::host
