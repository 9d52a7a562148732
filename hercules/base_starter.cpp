#include "hercules/base_starter.h"

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <variant>
#include <vector>

#include "host/append_file.h"
#include "host/programs.h"
#include "host/socket_path.h"
#include "host/spawn.h"
#include "host/trusted_folder.h"

namespace vmlan::hercules {

namespace {

std::string find_program() {
  if (const char* named = std::getenv("VMLAN"); named != nullptr && *named != '\0') {
    return std::filesystem::absolute(named).string();
  }
  if (const auto module = host::loaded_file(reinterpret_cast<const void*>(&find_program)); !module.empty()) {
    // Beside it, in a build tree, and in PREFIX/bin seen from PREFIX/lib/hercules or
    // PREFIX/lib/ARCH/hercules.
    for (const char* place : {"vmlan", "../vmlan", "../../bin/vmlan", "../../../bin/vmlan"}) {
      const auto program = module.parent_path() / place;
      if (host::is_program(program)) return program.string();
    }
  }
  return "vmlan";  // looked for on the PATH
}

// What the base's own work may need of the environment that the emulator was started in; the rest of it
// (secrets of a session, preloaded libraries, settings of other programs) is nobody's business who joins
// later.
const std::vector<std::string>& environment_names() {
  static const std::vector<std::string> names{
      "PATH", "HOME",   "USER",     "LOGNAME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "TMPDIR",
      "LANG", "LC_ALL", "LC_CTYPE", "TZ",      "VMLAN",           "LD_LIBRARY_PATH"};
  return names;
}

}  // namespace

std::string BaseStarter::default_path() { return host::default_socket_path(); }

BaseStarter::Result BaseStarter::start(const std::string& socket_path) {
  if (auto error = host::make_trusted_folder(socket_path); !error.empty()) return {{}, std::move(error)};
  const auto folder = std::filesystem::path(socket_path).parent_path();
  auto log = host::open_log(host::log_of_base(socket_path));
  if (auto* reason = std::get_if<std::string>(&log)) return {{}, std::move(*reason)};
  const host::Descriptor nothing = host::open_nothing();
  host::Program base;
  std::string program = find_program();
  base.command = {program, "serve", "--until-idle", "--socket", socket_path};
  base.folder = folder;
  base.input = nothing.number();
  base.output = base.error = std::get<host::Descriptor>(log).number();
  base.leads = host::Program::Leads::session;
  base.environment = host::environment_of(environment_names());
  auto spawned = host::spawn(base);
  if (auto* reason = std::get_if<std::string>(&spawned)) return {{}, std::move(*reason)};
  process_ = std::get<pid_t>(spawned);
  return {std::move(program), {}};
}

bool BaseStarter::reap() noexcept {
  const auto ended = host::reap(process_);
  if (!ended) return false;
  process_ = -1;
  return *ended == wrong_settings;
}

}  // namespace vmlan::hercules
