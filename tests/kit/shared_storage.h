// Tells ThreadSanitizer which memory is a guest's main storage.
//
// A guest's processors and the card write there at the same time and without locks: that is the
// architecture's own race, which load_once.h and the queues are made for. Everything else in the program is
// checked. This is the only exception there is: no file of suppressions.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VMLAN_THREAD_SANITIZER 1
// Of ThreadSanitizer's run time, which declares it in no public header.
extern "C" void AnnotateBenignRaceSized(const char* file, int line, const volatile void* address,
                                        std::size_t size, const char* reason);
#endif
#endif

namespace vmlan::kit {

inline void storage_of_a_guest([[maybe_unused]] const void* address, [[maybe_unused]] std::size_t size) {
#ifdef VMLAN_THREAD_SANITIZER
  AnnotateBenignRaceSized(__FILE__, __LINE__, address, size, "main storage of a guest");
#endif
}

}  // namespace vmlan::kit
