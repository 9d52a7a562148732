#include "host/terminal.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "host/waiting.h"

namespace vmlan::host {

namespace {

// What the handlers read: written only while they are not installed.
volatile sig_atomic_t kept_terminal = -1;
termios found{};

// What the terminal is to be as soon as it is ours again.
volatile sig_atomic_t mode_is_due = 0;
termios due{};
volatile sig_atomic_t silent = 0;  // an EchoOff lives

constexpr std::array ending_signals{SIGQUIT, SIGABRT};

// In the background the terminal is somebody else's, and touching it would stop the process.
bool in_foreground(int descriptor) noexcept { return ::tcgetpgrp(descriptor) == ::getpgrp(); }

void set(int descriptor, const termios& mode) noexcept {
  if (in_foreground(descriptor)) ::tcsetattr(descriptor, TCSANOW, &mode);
}

void set_when_ours(int descriptor, const termios& mode) noexcept {
  mode_is_due = 0;
  due = mode;
  set(descriptor, mode);
  if (descriptor == kept_terminal && !in_foreground(descriptor)) mode_is_due = 1;
}

void give_back_and_end(int signal) {
  give_terminal_back();
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // it is blocked here, and comes when this returns
}

void give_back_and_stop(int) {
  const int error = errno;
  // Already in the background, what is due stays so.
  if (kept_terminal >= 0 && in_foreground(kept_terminal) && ::tcgetattr(kept_terminal, &due) == 0)
    mode_is_due = 1;
  give_terminal_back();
  ::raise(SIGSTOP);
  errno = error;
}

// `bg` continues us without the terminal, `fg` with it, but tells a process so only if that is stopped. While
// nothing may appear of what is typed we therefore stop again, as a process does that touches a terminal in
// the background.
void take_again(int) {
  const int error = errno;
  while (silent != 0 && mode_is_due != 0 && kept_terminal >= 0 && in_background(kept_terminal) &&
         !interruption_comes()) {
    if (::raise(SIGSTOP) != 0) break;
  }
  if (mode_is_due != 0 && kept_terminal >= 0 && in_foreground(kept_terminal)) {
    mode_is_due = 0;
    set(kept_terminal, due);
  }
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

bool in_background(int descriptor) noexcept {
  const pid_t foreground = ::tcgetpgrp(descriptor);
  return foreground >= 0 && foreground != ::getpgrp();
}

void give_terminal_back() noexcept {
  if (kept_terminal >= 0) set(kept_terminal, found);
}

TerminalKeeper::TerminalKeeper(int descriptor) {
  if (::tcgetattr(descriptor, &found) != 0) return;
  kept_terminal = descriptor;
  for (const int signal : ending_signals) replace(signal, SIG_DFL, give_back_and_end);
  replace(SIGTSTP, SIG_DFL, give_back_and_stop);
  replace(SIGCONT, SIG_DFL, take_again);
}

TerminalKeeper::~TerminalKeeper() {
  if (kept_terminal < 0) return;
  mode_is_due = 0;
  replace(SIGCONT, take_again, SIG_DFL);
  replace(SIGTSTP, give_back_and_stop, SIG_DFL);
  for (const int signal : ending_signals) replace(signal, give_back_and_end, SIG_DFL);
  give_terminal_back();
  kept_terminal = -1;
}

EchoOff::EchoOff(int descriptor) : descriptor_(descriptor) {
  termios mode{};
  if (::tcgetattr(descriptor, &mode) != 0) return;
  before_ = mode;
  silent = 1;
  mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
  mode.c_lflag |= static_cast<tcflag_t>(ICANON | ISIG);
  set_when_ours(descriptor, mode);
}

EchoOff::~EchoOff() {
  silent = 0;
  if (before_) set_when_ours(descriptor_, *before_);
}

}  // namespace vmlan::host
