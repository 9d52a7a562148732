#include "host/waiting.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "host/terminal.h"

namespace vmlan::host {

namespace {

volatile sig_atomic_t interruption_seen = 0;

void mark_interruption(int signal) {
  if (interruption_seen == 0) {
    interruption_seen = signal;
    return;
  }
  give_terminal_back();
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // it is blocked here, and comes when this returns
}

timespec to_timespec(arch::Time time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

// Keeps the two signals from arriving between the look at the mark and the wait: ppoll lets them in again.
class SignalsHeld {
 public:
  SignalsHeld() noexcept {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    sigprocmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  const sigset_t& before() const noexcept { return before_; }

 private:
  sigset_t before_{};
};

// What ppoll has said.
Waited waited(int ready) noexcept {
  if (ready > 0) return Waited::readable;
  // Another signal only ends the wait early.
  return ready < 0 && errno == EINTR && interrupted() ? Waited::interrupted : Waited::time_is_up;
}

// Who is busy finds something at the first look, which is one system call instead of three.
Waited wait(pollfd* descriptors, nfds_t count, std::optional<arch::Time> limit) {
  if (interrupted()) return Waited::interrupted;
  const bool waits = !limit || *limit > arch::Time{0};
  if (count > 0 || !waits) {
    constexpr timespec at_once{0, 0};
    const Waited looked = waited(ppoll(descriptors, count, &at_once, nullptr));
    if (looked != Waited::time_is_up || !waits) return looked;
  }
  const SignalsHeld held;
  if (interrupted()) return Waited::interrupted;
  const timespec time = to_timespec(limit.value_or(arch::Time{0}));
  return waited(ppoll(descriptors, count, limit ? &time : nullptr, &held.before()));
}

}  // namespace

void catch_interruptions() {
  struct sigaction action {};
  action.sa_handler = mark_interruption;
  // `kill` of a stopped job sends SIGCONT too, which is to find the mark.
  sigaddset(&action.sa_mask, SIGCONT);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // Under nohup the end of the terminal is to be no end.
  struct sigaction before {};
  if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  sigaction(SIGHUP, &action, nullptr);
}

void ignore_closed_readers() { signal(SIGPIPE, SIG_IGN); }

bool interruption_comes() noexcept {
  sigset_t waiting;
  if (interrupted() || ::sigpending(&waiting) != 0) return true;
  return sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 ||
         sigismember(&waiting, SIGHUP) == 1;
}

bool interrupted() noexcept { return interruption_seen != 0; }

int interruption() noexcept { return interruption_seen; }

bool attention() noexcept { return interruption_seen == SIGINT; }

void forget_interruption() noexcept { interruption_seen = 0; }

Waited wait_readable(int descriptor, std::optional<arch::Time> limit) {
  pollfd waited{descriptor, POLLIN, 0};
  return wait(&waited, 1, limit);
}

Waited wait_any(std::span<pollfd> descriptors, std::optional<arch::Time> limit) {
  return wait(descriptors.data(), descriptors.size(), limit);
}

Waited sleep_for(arch::Time time) { return wait(nullptr, 0, time); }

std::optional<std::string> read_some(int descriptor) {
  std::array<char, 4096> buffer{};
  const ssize_t length = read(descriptor, buffer.data(), buffer.size());
  if (length <= 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

bool is_terminal(int descriptor) noexcept { return isatty(descriptor) == 1; }

}  // namespace vmlan::host
