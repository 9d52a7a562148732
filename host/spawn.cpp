#include "host/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace vmlan::host {

namespace {

class Settings {
 public:
  Settings(const Program& program, int input, int output, int error) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, program.folder.c_str());
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, error, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int leads = program.leads == Program::Leads::group ? POSIX_SPAWN_SETPGROUP : POSIX_SPAWN_SETSID;
    posix_spawnattr_setflags(&attributes_,
                             static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | leads));
  }
  ~Settings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

Descriptor above_streams(int descriptor) noexcept {
  return Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

// As exec() wants it; points into `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::vector<std::string> whole_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

std::vector<std::string> environment_of(const std::vector<std::string>& names) {
  std::vector<std::string> some;
  for (const std::string& name : names) {
    if (const char* value = std::getenv(name.c_str())) some.push_back(name + "=" + value);
  }
  return some;
}

std::variant<pid_t, std::string> spawn(const Program& program) {
  // None of them may lie where another one goes.
  const Descriptor input = above_streams(program.input);
  const Descriptor output = above_streams(program.output);
  const Descriptor errors = above_streams(program.error);
  if (!input || !output || !errors) return program.command.front() + ": " + std::strerror(errno);
  const Settings settings(program, input.number(), output.number(), errors.number());
  std::vector<std::string> words = program.command;
  std::vector<std::string> environment = program.environment;
  pid_t process = -1;
  const int error = ::posix_spawnp(&process, words.front().c_str(), settings.actions(), settings.attributes(),
                                   pointers(words).data(), pointers(environment).data());
  if (error != 0) return program.command.front() + ": " + std::strerror(error);
  return process;
}

std::optional<int> reap(pid_t process) noexcept {
  int status = 0;
  if (process <= 0 || ::waitpid(process, &status, WNOHANG) != process) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Descriptor open_nothing() noexcept { return Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

}  // namespace vmlan::host
