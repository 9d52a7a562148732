// What the host calls this process and its threads.
//
// Threads: any.
#pragma once

#include <string>
#include <thread>

namespace vmlan::host {

unsigned process_number() noexcept;
// So that whoever looks at a process's threads knows which one is whose; at most 15 characters.
void name_thread(std::thread& thread, const std::string& name) noexcept;

}  // namespace vmlan::host
