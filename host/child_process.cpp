#include "host/child_process.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "host/real_clock.h"
#include "host/spawn.h"
#include "host/waiting.h"

namespace vmlan::host {

namespace {

constexpr arch::Time look_again = std::chrono::milliseconds(10);

std::string reason(const std::string& subject, int error) { return subject + ": " + std::strerror(error); }

int exit_code(int status) noexcept {
  constexpr int signalled = 128;
  return WIFSIGNALED(status) ? signalled + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::variant<ChildProcess, std::string> ChildProcess::start(const std::vector<std::string>& command,
                                                            const std::string& folder) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return reason(command.front(), errno);
  }
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  Program program;
  program.command = command;
  program.folder = folder;
  program.input = program.output = program.error = theirs.number();
  program.environment = whole_environment();
  const auto spawned = spawn(program);
  if (const auto* error = std::get_if<std::string>(&spawned)) return *error;
  return ChildProcess(std::get<pid_t>(spawned), std::move(ours));
}

ChildProcess::~ChildProcess() {
  if (process_ <= 0) return;
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool ChildProcess::read_until(const std::function<bool(std::string_view)>& enough, arch::Time limit) {
  const RealClock clock;
  while (!enough(output_)) {
    if (wait_readable(socket_.number(), limit - clock.now()) != Waited::readable) return false;
    const auto said = read_some(socket_.number());
    if (!said) return false;
    output_.append(said->substr(0, most_output - std::min(most_output, output_.size())));
  }
  return true;
}

void ChildProcess::write(std::string_view text) {
  // A program that does not read is no reason to wait.
  [[maybe_unused]] const ssize_t sent =
      ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<int> ChildProcess::wait(arch::Time limit) {
  const RealClock clock;
  for (;;) {
    int status = 0;
    if (const pid_t ended = ::waitpid(process_, &status, WNOHANG); ended != 0) {
      // Whoever is left of its group goes too.
      ::kill(-process_, SIGKILL);
      process_ = -1;
      return ended > 0 ? std::optional(exit_code(status)) : std::nullopt;
    }
    if (clock.now() >= limit || sleep_for(look_again) == Waited::interrupted) return std::nullopt;
  }
}

}  // namespace vmlan::host
