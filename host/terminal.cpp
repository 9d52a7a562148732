#include "host/terminal.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace vmlan::host {

namespace {

// What the handlers read: written only while they are not installed.
volatile sig_atomic_t kept_terminal = -1;
termios found{};

constexpr std::array ending_signals{SIGQUIT, SIGABRT};

// In the background the terminal is somebody else's, and touching it would stop the process.
bool in_foreground(int descriptor) noexcept { return ::tcgetpgrp(descriptor) == ::getpgrp(); }

void set(int descriptor, const termios& mode) noexcept {
  if (in_foreground(descriptor)) ::tcsetattr(descriptor, TCSANOW, &mode);
}

void give_back_and_end(int signal) {
  give_terminal_back();
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // it is blocked here, and comes when this returns
}

void give_back_and_stop(int) {
  const int error = errno;
  const int terminal = kept_terminal;
  termios now{};
  const bool known = terminal >= 0 && ::tcgetattr(terminal, &now) == 0;
  give_terminal_back();
  ::raise(SIGSTOP);
  if (known) set(terminal, now);
  errno = error;
}

// Signals that somebody else deals with, or ignores, stay theirs.
void replace(int signal, void (*from)(int), void (*to)(int)) {
  struct sigaction action {};
  if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler != from) return;
  action = {};
  action.sa_handler = to;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void give_terminal_back() noexcept {
  if (kept_terminal >= 0) set(kept_terminal, found);
}

TerminalKeeper::TerminalKeeper(int descriptor) {
  if (::tcgetattr(descriptor, &found) != 0) return;
  kept_terminal = descriptor;
  for (const int signal : ending_signals) replace(signal, SIG_DFL, give_back_and_end);
  replace(SIGTSTP, SIG_DFL, give_back_and_stop);
}

TerminalKeeper::~TerminalKeeper() {
  if (kept_terminal < 0) return;
  replace(SIGTSTP, give_back_and_stop, SIG_DFL);
  for (const int signal : ending_signals) replace(signal, give_back_and_end, SIG_DFL);
  give_terminal_back();
  kept_terminal = -1;
}

EchoOff::EchoOff(int descriptor) : descriptor_(descriptor) {
  termios mode{};
  if (::tcgetattr(descriptor, &mode) != 0) return;
  before_ = mode;
  mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
  mode.c_lflag |= static_cast<tcflag_t>(ICANON | ISIG);
  set(descriptor, mode);
}

EchoOff::~EchoOff() {
  if (before_) set(descriptor_, *before_);
}

}  // namespace vmlan::host
