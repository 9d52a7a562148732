#include "host/child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "host/real_clock.h"
#include "host/spawn.h"
#include "host/waiting.h"

namespace vmlan::host {

namespace {

constexpr arch::Time first_look = std::chrono::milliseconds(1);
constexpr arch::Time longest_look = std::chrono::milliseconds(16);

std::string reason(const std::string& subject, int error) { return subject + ": " + std::strerror(error); }

int exit_code(int status) noexcept {
  constexpr int signalled = 128;
  return WIFSIGNALED(status) ? signalled + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::variant<ChildProcess, std::string> ChildProcess::start(const std::vector<std::string>& command,
                                                            const std::string& folder,
                                                            std::size_t most_output) {
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
  return ChildProcess(std::get<pid_t>(spawned), std::move(ours), most_output);
}

ChildProcess::~ChildProcess() {
  if (process_ <= 0) return;
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool ChildProcess::read_until(const std::function<bool(std::string_view)>& enough, arch::Time limit) {
  const RealClock clock;
  while (!enough(output_)) {
    if (clock.now() > limit) return false;
    if (wait_readable(socket_.number(), limit - clock.now()) != Waited::readable) return false;
    const auto said = read_some(socket_.number());
    if (!said) return false;
    keep(*said);
  }
  return true;
}

void ChildProcess::keep(std::string_view said) {
  const std::size_t room = most_output_ - std::min(most_output_, output_.size());
  forgetful_ = forgetful_ || said.size() > room;
  output_.append(said.substr(0, room));
}

void ChildProcess::wait_any(std::span<const ChildProcess* const> children, arch::Time limit) {
  std::vector<pollfd> sockets;
  for (const ChildProcess* child : children) sockets.push_back({child->socket_.number(), POLLIN, 0});
  host::wait_any(sockets, limit);
}

bool ChildProcess::take_output() {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t length = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length <= 0) return length < 0 && (errno == EAGAIN || errno == EINTR);
    keep({buffer.data(), static_cast<std::size_t>(length)});
  }
}

void ChildProcess::write(std::string_view text) {
  // A program that does not read is no reason to wait.
  [[maybe_unused]] const ssize_t sent =
      ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<int> ChildProcess::wait(arch::Time limit) {
  const RealClock clock;
  for (arch::Time look_again = first_look;; look_again = std::min(2 * look_again, longest_look)) {
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

unsigned processors() noexcept {
  return static_cast<unsigned>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

}  // namespace vmlan::host
