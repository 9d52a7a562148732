// A person's terminal is given back as it was found, whichever way the process ends or stops.
//
// What changes it meanwhile, a line editor or EchoOff, need not know: Ctrl-Z gives it back and puts it again
// as it was when the process is in the foreground again (`fg`, also after `bg`); signals that end the process
// at once give it back first.
//
// Threads: the base's.
#pragma once

#include <termios.h>

#include <optional>

namespace vmlan::host {

// One at a time. Does nothing if the descriptor is no terminal.
class TerminalKeeper {
 public:
  explicit TerminalKeeper(int descriptor);
  ~TerminalKeeper();
  TerminalKeeper(const TerminalKeeper&) = delete;
  TerminalKeeper& operator=(const TerminalKeeper&) = delete;
};

// While it lives nothing appears of what is typed; the terminal hands on whole lines. Lines that were typed
// before are not lost.
class EchoOff {
 public:
  explicit EchoOff(int descriptor);
  ~EchoOff();
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  int descriptor_;
  std::optional<termios> before_;
};

// The terminal is another process group's, and changing it would stop this one. Not of one that has hung up.
bool in_background(int descriptor) noexcept;

// For the handlers of signals that end the process.
void give_terminal_back() noexcept;

}  // namespace vmlan::host
