// For whoever starts a thread: signals are the main thread's.
//
// Threads: any.
#pragma once

#include <signal.h>

namespace vmlan::host {

// While it lives this thread takes no signals, nor does one that it starts, ever.
class NoSignals {
 public:
  NoSignals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace vmlan::host
