#include "apps/hercules/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "apps/hercules/trial.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "host/programs.h"
#include "host/socket_path.h"
#include "host/unix_socket.h"

namespace vmlan::apps {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view module_name = "hdtvnic.so";
constexpr std::uintmax_t largest_module = std::uintmax_t{256} << 20U;

class Check {
 public:
  Check(HerculesCheckOptions options, const Output& output) : options_(std::move(options)), output_(output) {}

  ExitCode run() {
    const bool fits = emulator_fits() && module_fits();
    const bool reachable = system_fits();
    if (!fits || !reachable) return ExitCode::failure;
    print_statements();
    return ExitCode::success;
  }

 private:
  void say(Message message, std::initializer_list<std::string_view> values) {
    output_.transcript(format(message, values));
  }
  bool wrong(Message message, std::initializer_list<std::string_view> values) {
    output_.errors(format(message, values));
    return false;
  }

  bool emulator_fits() {
    program_ = host::find_program(options_.hercules);
    if (program_.empty()) return wrong(Message::emulator_missing, {options_.hercules});
    const auto version = ask_version(program_);
    if (!version) return wrong(Message::emulator_silent, {program_});
    emulator_ = version->number;
    if (!version->loads_modules) return wrong(Message::emulator_without_modules, {program_, emulator_});
    say(Message::emulator_found, {program_, emulator_});
    return true;
  }

  // First as a configuration would find it, by the name of the device type; then by the file's path.
  bool module_fits() {
    if (options_.module.empty()) {
      const auto by_name = try_emulator({});
      if (!by_name) return false;
      folder_ = by_name->folder;
      const fs::path file = fs::path(folder_) / module_name;
      if (by_name->module) return module_by_name_fits(file.string(), *by_name->module);
      if (!folder_.empty() && fs::exists(file)) return refused(file.string(), *by_name);
    }
    const std::string file = module_file();
    if (file.empty()) return false;
    const auto by_path = try_emulator(file);
    if (!by_path) return false;
    if (!by_path->module) return refused(file, *by_path);
    compare_versions(file, *by_path->module);
    load_ = fmt::format("LDMOD {}", file);
    say(Message::module_by_path, {file, by_path->folder.empty() ? "another folder" : by_path->folder});
    return true;
  }

  bool module_by_name_fits(const std::string& file, const ModuleIdentity& module) {
    compare_versions(file, module);
    say(Message::module_by_name, {file});
    return true;
  }

  void compare_versions(const std::string& file, const ModuleIdentity& module) {
    if (module.version != VMLAN_VERSION) {
      wrong(Message::module_of_another_version, {file, module.version, VMLAN_VERSION});
    }
  }

  std::optional<Trial> try_emulator(const std::string& module) {
    auto trial = try_module(program_, module, options_.patience);
    if (!trial) wrong(Message::no_trial_folder, {std::strerror(errno)});
    return trial;
  }

  // The file to name in a LDMOD statement; empty: there is none, and that was said.
  std::string module_file() {
    if (!options_.module.empty()) {
      std::error_code error;
      return judged(fs::absolute(options_.module, error).string());
    }
    std::error_code error;
    const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
    std::string looked = folder_;
    for (const fs::path& place : module_places(own)) {
      if (fs::exists(place, error)) return judged(fs::weakly_canonical(place, error).string());
      looked += (looked.empty() ? "" : ", ") + place.parent_path().lexically_normal().string();
    }
    wrong(Message::module_missing, {looked});
    return {};
  }

  std::string judged(const std::string& file) {
    const auto contents = read_file(file, largest_module);
    if (const auto* error = std::get_if<FileError>(&contents)) {
      output_.errors(error->message);
      return {};
    }
    if (!identity_in(std::get<std::string>(contents))) {
      wrong(Message::not_our_module, {file});
      return {};
    }
    return file;
  }

  bool refused(const std::string& file, const Trial& trial) {
    for (const std::string& line : trial.complaints) output_.errors("  " + line);
    const auto contents = read_file(file, largest_module);
    const auto* bytes = std::get_if<std::string>(&contents);
    const auto module = bytes != nullptr ? identity_in(*bytes) : std::nullopt;
    if (module && !same_emulator(module->emulator, emulator_)) {
      return wrong(Message::module_for_another, {file, module->emulator, emulator_});
    }
    if (!trial.ended) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.patience).count();
      return wrong(Message::emulator_did_not_answer, {program_, fmt::format("{}", seconds)});
    }
    return wrong(Message::emulator_refused, {program_, file});
  }

  bool system_fits() {
    socket_ = options_.socket.empty() ? host::default_socket_path() : options_.socket;
    const auto trust = options_.socket.empty() ? host::Trust::ours : host::Trust::anybodys;
    if (std::holds_alternative<host::Descriptor>(host::connect_unix(socket_, trust))) {
      say(Message::system_runs, {socket_});
      return true;
    }
    const std::string trouble = host::trouble_with_listening(socket_);
    if (!trouble.empty()) return wrong(Message::system_path_unusable, {socket_, trouble});
    if (options_.socket.empty()) {
      say(Message::system_will_start, {socket_});
    } else {
      wrong(Message::system_to_start, {socket_, socket_});
    }
    return true;
  }

  void print_statements() {
    say(Message::all_fits, {});
    const std::string system = options_.socket.empty() ? std::string() : " system " + socket_;
    for (const char* user : {"LINUX1", "LINUX2"}) {
      output_.transcript("");
      if (!load_.empty()) output_.transcript("    " + load_);
      output_.transcript(fmt::format("    0A00.3 VNIC user {}{}", user, system));
    }
  }

  HerculesCheckOptions options_;
  const Output& output_;
  std::string program_;
  std::string emulator_;  // its number
  std::string folder_;    // where it looks for modules
  std::string load_;      // the LDMOD statement, if one is needed
  std::string socket_;
};

}  // namespace

std::vector<fs::path> module_places(const fs::path& folder) {
  return {folder / "hercules" / module_name, folder / ".." / "lib" / "hercules" / module_name};
}

ExitCode check_hercules(const HerculesCheckOptions& options, const Output& output) {
  return Check(options, output).run();
}

}  // namespace vmlan::apps
