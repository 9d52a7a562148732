// What a program of the host inherits: three streams, a folder, an environment, and nothing else.
#include "host/spawn.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "host/standard_streams.h"
#include "host/temporary_folder.h"

namespace vmlan::host {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  // All of it, until every writer has closed it.
  std::string text() {
    in.reset();
    std::string all;
    while (const auto byte = read_byte(out.number())) all += *byte;
    return all;
  }
  Descriptor out;
  Descriptor in;
};

class Spawning : public ::testing::Test {
 protected:
  Spawning() {
    program.folder = "/";
    program.environment = {"PATH=/usr/bin:/bin"};
    program.input = nothing.number();
    program.output = said.in.number();
    program.error = complained.in.number();
  }
  pid_t start(const std::string& script) {
    program.command = {"sh", "-c", script};
    const auto spawned = spawn(program);
    const auto* error = std::get_if<std::string>(&spawned);
    EXPECT_EQ(error, nullptr) << *error;
    return error == nullptr ? std::get<pid_t>(spawned) : -1;
  }
  int status_of(const std::string& script) {
    const pid_t process = start(script);
    int status = -1;
    ::waitpid(process, &status, 0);
    return status;
  }

  Program program;
  Descriptor nothing = open_nothing();
  Pipe said;
  Pipe complained;
};

TEST_F(Spawning, EachStreamIsWhereItWasMeantToBe) {
  Pipe typed;
  ASSERT_EQ(::write(typed.in.number(), "word\n", 5), 5);
  program.input = typed.out.number();
  EXPECT_EQ(status_of("read heard; echo out $heard; echo err >&2; exit 4"), 4 << 8);
  EXPECT_EQ(said.text(), "out word\n");
  EXPECT_EQ(complained.text(), "err\n");
}

TEST_F(Spawning, NoOtherDescriptorIsOpen) {
  // Not closed on exec. The shell opens 3 itself.
  const Descriptor inherited(::fcntl(nothing.number(), F_DUPFD, 4));
  ASSERT_GE(inherited.number(), 4);
  EXPECT_EQ(status_of("for f in /proc/$$/fd/*; do echo ${f##*/}; done"), 0);
  EXPECT_THAT(said.text(), testing::AnyOf("0\n1\n2\n", "0\n1\n2\n3\n"));
}

TEST_F(Spawning, ItBeginsInItsFolderWithItsEnvironmentAlone) {
  const auto folder = TemporaryFolder::make();
  program.folder = folder->path();
  program.environment = {"PATH=/usr/bin:/bin", "GREETING=hello world"};
  EXPECT_EQ(status_of("pwd; echo $GREETING; echo \"<$HOME>\""), 0);
  EXPECT_EQ(said.text(), folder->path().string() + "\nhello world\n<>\n");
}

TEST_F(Spawning, ItLeadsAGroupOrASession) {
  for (const auto leads : {Program::Leads::group, Program::Leads::session}) {
    program.leads = leads;
    const pid_t process = start("exec sleep 1000");
    EXPECT_EQ(::getpgid(process), process);
    EXPECT_EQ(::getsid(process), leads == Program::Leads::session ? process : ::getsid(0));
    EXPECT_FALSE(reap(process)) << "it still runs";
    ::kill(process, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(process, &status, 0), process);
  }
}

TEST_F(Spawning, SignalsEndItThoughTheyDoNotEndUs) {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  auto* const ignored = ::signal(SIGINT, SIG_IGN);
  const int interrupted_status = status_of("kill -INT $$");
  const int terminated_status = status_of("kill -TERM $$");
  ::signal(SIGINT, ignored);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_TRUE(WIFSIGNALED(interrupted_status));
  EXPECT_EQ(WTERMSIG(interrupted_status), SIGINT);
  EXPECT_TRUE(WIFSIGNALED(terminated_status));
  EXPECT_EQ(WTERMSIG(terminated_status), SIGTERM);
}

// Each of its streams lies where another one goes.
TEST_F(Spawning, StreamsMayBeOneAnothers) {
  const auto crossed = [this] {
    Pipe typed;
    if (::write(typed.in.number(), "x\n", 2) != 2) return 9;
    ::dup2(complained.in.number(), 0);
    ::dup2(typed.out.number(), 1);
    ::dup2(said.in.number(), 2);
    program.input = 1;
    program.output = 2;
    program.error = 0;
    return status_of("read heard; echo out $heard; echo err >&2");
  };
  EXPECT_EXIT(::_exit(crossed()), testing::ExitedWithCode(0), "");
  EXPECT_EQ(said.text(), "out x\n");
  EXPECT_EQ(complained.text(), "err\n");
}

TEST_F(Spawning, WhatCannotBeStartedIsNamedWithItsReason) {
  program.command = {"/no/such/program"};
  EXPECT_EQ(std::get<std::string>(spawn(program)), "/no/such/program: No such file or directory");
  program.command = {"sh"};
  for (int Program::*stream : {&Program::input, &Program::output, &Program::error}) {
    Program without = program;
    without.*stream = -1;
    EXPECT_EQ(std::get<std::string>(spawn(without)), "sh: Bad file descriptor");
  }
  program.folder = "/no/such/folder";
  EXPECT_EQ(std::get<std::string>(spawn(program)), "sh: No such file or directory");
}

TEST(Reaping, TakesNoteOfOneProcessAlone) {
  const pid_t process = ::fork();
  if (process == 0) ::_exit(0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(reap(0)) << "whichever";
  EXPECT_FALSE(reap(-1));
  EXPECT_TRUE(reap(process));
  EXPECT_FALSE(reap(process)) << "noted";
}

TEST(Environment, IsAllOfItOrSomeOfIt) {
  ::setenv("VMLAN_TEST_ONE", "1", 1);
  ::setenv("VMLAN_TEST_EMPTY", "", 1);
  ::unsetenv("VMLAN_TEST_NONE");
  const auto all = whole_environment();
  EXPECT_EQ(std::count(all.begin(), all.end(), "VMLAN_TEST_ONE=1"), 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), std::string("PATH=") + ::getenv("PATH")), 1);
  EXPECT_EQ(environment_of({"VMLAN_TEST_ONE", "VMLAN_TEST_NONE", "VMLAN_TEST_EMPTY"}),
            (std::vector<std::string>{"VMLAN_TEST_ONE=1", "VMLAN_TEST_EMPTY="}));
  ::unsetenv("VMLAN_TEST_ONE");
  ::unsetenv("VMLAN_TEST_EMPTY");
}

TEST(StandardStreams, NothingIsEmptyAndTakesAll) {
  const Descriptor file = open_nothing();
  EXPECT_EQ(::write(file.number(), "x", 1), 1);
  EXPECT_EQ(read_byte(file.number()), std::nullopt);
  EXPECT_EQ(::fcntl(file.number(), F_GETFD), FD_CLOEXEC);
}

TEST(StandardStreams, AreHeldByWhatCanNeitherBeReadNorWritten) {
  const auto held = [] {
    for (int stream = 0; stream < 3; ++stream) ::close(stream);
    hold_standard_streams();
    char byte = 'x';
    if (::read(0, &byte, 1) != -1 || errno != EBADF || ::write(0, "x", 1) != 1) return 1;
    for (const int stream : {1, 2}) {
      if (::write(stream, "x", 1) != -1 || errno != EBADF || ::read(stream, &byte, 1) != 0) return 2;
    }
    return ::open("/dev/null", O_RDONLY) > 2 ? 0 : 3;
  };
  EXPECT_EXIT(::_exit(held()), testing::ExitedWithCode(0), "");
  const auto only_missing = [] {
    ::close(1);
    hold_standard_streams();
    return ::write(2, "still here", 10) == 10 && ::write(1, "x", 1) == -1 ? 0 : 1;
  };
  EXPECT_EXIT(::_exit(only_missing()), testing::ExitedWithCode(0), "still here");
}

TEST(StandardStreams, AreReadByteByByte) {
  Pipe pipe;
  ASSERT_EQ(::write(pipe.in.number(), "ab", 2), 2);
  EXPECT_EQ(read_byte(pipe.out.number()), 'a');
  EXPECT_EQ(read_byte(pipe.out.number()), 'b');
  pipe.in.reset();
  EXPECT_EQ(read_byte(pipe.out.number()), std::nullopt);
  EXPECT_EQ(read_byte(-1), std::nullopt);
}

}  // namespace
}  // namespace vmlan::host
