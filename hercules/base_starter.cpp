#include "hercules/base_starter.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "host/socket_path.h"
#include "host/trusted_folder.h"

namespace vmlan::hercules {

namespace {

std::string find_program() {
  if (const char* named = std::getenv("VMLAN"); named != nullptr && *named != '\0') {
    return std::filesystem::absolute(named).string();
  }
  Dl_info module{};
  if (::dladdr(reinterpret_cast<const void*>(&find_program), &module) != 0 && module.dli_fname != nullptr) {
    const auto folder = std::filesystem::absolute(module.dli_fname).parent_path();
    // Beside it, in a build tree, and in PREFIX/bin seen from PREFIX/lib/hercules or
    // PREFIX/lib/ARCH/hercules.
    for (const char* place : {"vmlan", "../vmlan", "../../bin/vmlan", "../../../bin/vmlan"}) {
      const auto program = folder / place;
      if (::access(program.c_str(), X_OK) == 0) return program.string();
    }
  }
  return "vmlan";  // posix_spawnp() looks through the PATH
}

// What the base gets of Hercules: no descriptors but its log, no folder, default signals, a session of its
// own.
class SpawnSettings {
 public:
  explicit SpawnSettings(const std::filesystem::path& folder) {
    const std::string log = (folder / "system.log").string();
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

std::string BaseStarter::default_path() { return host::default_socket_path(); }

BaseStarter::Result BaseStarter::start(const std::string& socket_path) {
  if (auto error = host::make_trusted_folder(socket_path); !error.empty()) return {{}, std::move(error)};
  std::string program = find_program();
  const SpawnSettings settings(std::filesystem::path(socket_path).parent_path());
  std::array<std::string, 5> words = {program, "serve", "--until-idle", "--socket", socket_path};
  std::array<char*, words.size() + 1> arguments{};
  for (std::size_t index = 0; index < words.size(); ++index) arguments[index] = words[index].data();
  const int error = ::posix_spawnp(&process_, program.c_str(), settings.actions(), settings.attributes(),
                                   arguments.data(), environ);
  if (error == 0) return {std::move(program), {}};
  process_ = -1;
  return {{}, program + ": " + std::strerror(error)};
}

void BaseStarter::reap() noexcept {
  if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
}

}  // namespace vmlan::hercules
