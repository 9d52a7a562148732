#include "host/this_process.h"

#include <pthread.h>
#include <unistd.h>

namespace vmlan::host {

unsigned process_number() noexcept { return static_cast<unsigned>(::getpid()); }

void name_thread(std::thread& thread, const std::string& name) noexcept {
  ::pthread_setname_np(thread.native_handle(), name.c_str());
}

}  // namespace vmlan::host
