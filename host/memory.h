// How much memory this host can still give.
//
// Source: proc(5), MemAvailable. Threads: any.
#pragma once

#include <cstdint>

namespace vmlan::host {

// Bytes, without making anybody swap; 0: it can't be told.
std::uint64_t available_memory() noexcept;

// Memory that is freed stays with the process from now on: for who frees and takes the same amounts again and
// again. Costs nothing where the C library is another.
void keep_freed_memory() noexcept;

}  // namespace vmlan::host
