// A terminal is as it was when whoever changed it is gone, however it went. Each test runs in a process of
// its own, which leads a session with that terminal: only then is it a person's.
#include "host/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vmlan::host {
namespace {

// As a shell would leave it, but that each bit that EchoOff touches is the other way round.
class PersonsTerminal {
 public:
  PersonsTerminal() {
    ::setsid();
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
    ::unlockpt(master);
    descriptor = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
    ::ioctl(descriptor, TIOCSCTTY, 0);
    ::tcsetpgrp(descriptor, ::getpgrp());
    termios mode = now();
    mode.c_lflag |= static_cast<tcflag_t>(ECHO | ECHONL);
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ISIG);
    ::tcsetattr(descriptor, TCSANOW, &mode);
  }
  termios now() const {
    termios mode{};
    ::tcgetattr(descriptor, &mode);
    return mode;
  }
  bool has(tcflag_t bits) const { return (now().c_lflag & bits) == bits; }
  bool has_none_of(tcflag_t bits) const { return (now().c_lflag & bits) == 0; }
  bool as_found() const { return has(ECHO | ECHONL) && has_none_of(ICANON | ISIG); }
  // As a line editor does.
  void change() const {
    termios mode = now();
    mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    ::tcsetattr(descriptor, TCSANOW, &mode);
  }
  bool changed() const { return has_none_of(ECHO | ECHONL); }

  int descriptor = -1;
};

// Another process of the terminal's foreground, which ends as `work` says.
template <class Work>
pid_t beside(Work work) {
  const pid_t process = ::fork();
  if (process == 0) {
    work();
    ::_exit(0);
  }
  return process;
}

int end_of(pid_t process, int flags = 0) {
  int status = 0;
  return ::waitpid(process, &status, flags) == process ? status : -1;
}

void (*handler_of(int signal))(int) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

// Runs in a process of its own and ends with the number of the first condition that did not hold.
template <class Conditions>
void expect_all(Conditions conditions) {
  EXPECT_EXIT(::_exit(conditions()), testing::ExitedWithCode(0), "");
}

TEST(Terminal, WithoutEchoNothingAppearsAndAfterwardsItIsAsBefore) {
  expect_all([] {
    const PersonsTerminal terminal;
    if (!terminal.as_found()) return 1;
    {
      const EchoOff quiet(terminal.descriptor);
      if (!terminal.changed()) return 2;
      if (!terminal.has(ICANON | ISIG)) return 3;
    }
    return terminal.as_found() ? 0 : 4;
  });
}

TEST(Terminal, IsLeftAloneInTheBackground) {
  expect_all([] {
    const PersonsTerminal terminal;
    const int status = end_of(beside([&] {
      ::setpgid(0, 0);
      ::signal(SIGTTOU, SIG_IGN);
      const EchoOff quiet(terminal.descriptor);
      ::_exit(terminal.as_found() ? 0 : 1);
    }));
    return status;
  });
}

TEST(Terminal, IsGivenBackWhenItsKeeperGoes) {
  expect_all([] {
    const PersonsTerminal terminal;
    {
      const TerminalKeeper keeper(terminal.descriptor);
      terminal.change();
      if (!terminal.changed()) return 1;
      give_terminal_back();
      if (!terminal.as_found()) return 2;
      terminal.change();
      for (const int signal : {SIGQUIT, SIGABRT, SIGTSTP}) {
        if (handler_of(signal) == SIG_DFL) return 3;
      }
    }
    if (!terminal.as_found()) return 4;
    for (const int signal : {SIGQUIT, SIGABRT, SIGTSTP}) {
      if (handler_of(signal) != SIG_DFL) return 5;
    }
    terminal.change();
    give_terminal_back();
    return terminal.changed() ? 0 : 6;  // nobody keeps it any more
  });
}

TEST(Terminal, IsGivenBackBeforeASignalEndsTheProcess) {
  expect_all([] {
    const PersonsTerminal terminal;
    for (const int signal : {SIGQUIT, SIGABRT}) {
      const int status = end_of(beside([&] {
        const TerminalKeeper keeper(terminal.descriptor);
        terminal.change();
        ::raise(signal);
      }));
      if (!WIFSIGNALED(status) || WTERMSIG(status) != signal) return 1;
      if (!terminal.as_found()) return 2;
    }
    return 0;
  });
}

TEST(Terminal, IsGivenBackWhileTheProcessIsStoppedAndChangedAgainWhenItGoesOn) {
  expect_all([] {
    const PersonsTerminal terminal;
    const pid_t process = beside([&] {
      const TerminalKeeper keeper(terminal.descriptor);
      terminal.change();
      errno = 77;
      ::raise(SIGTSTP);
      if (errno != 77) ::_exit(1);
      ::_exit(terminal.changed() ? 0 : 2);
    });
    const int status = end_of(process, WUNTRACED);
    if (!WIFSTOPPED(status)) return 1;
    if (!terminal.as_found()) return 2;
    ::kill(process, SIGCONT);
    return end_of(process) == 0 ? 0 : 3;
  });
}

TEST(Terminal, ASignalThatIsIgnoredStaysSo) {
  expect_all([] {
    const PersonsTerminal terminal;
    ::signal(SIGTSTP, SIG_IGN);
    { const TerminalKeeper keeper(terminal.descriptor); }
    return handler_of(SIGTSTP) == SIG_IGN ? 0 : 1;
  });
}

TEST(Terminal, WhatIsNoneIsNotKept) {
  expect_all([] {
    const int file = ::open("/dev/null", O_RDWR);
    const TerminalKeeper keeper(file);
    const EchoOff quiet(file);
    for (const int signal : {SIGQUIT, SIGABRT, SIGTSTP}) {
      if (handler_of(signal) != SIG_DFL) return 1;
    }
    return 0;
  });
}

}  // namespace
}  // namespace vmlan::host
