#include "apps/hercules/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "apps/system/files.h"
#include "host/child_process.h"
#include "host/temporary_folder.h"

namespace vmlan::apps {

namespace {

constexpr arch::Time version_time = std::chrono::seconds(10);
constexpr arch::Time farewell_time = std::chrono::seconds(5);
constexpr std::size_t most_complaints = 5;

// Both emulators have these statements. No processor gets work; the terminal and its port are not opened.
constexpr std::string_view configuration = R"(ARCHMODE z/Arch
MAINSIZE 16
NUMCPU 1
CPUPRIO 0
{}0A00.3 VNIC user CHECK system {}/none
)";

std::string_view word_at(std::string_view text, std::size_t at) {
  return text.substr(at, text.find_first_of(" \n\r\t\0'\"", at, 7) - at);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char character) { return static_cast<char>(std::tolower(character)); });
  return result;
}

bool is_complaint(std::string_view line) {
  const std::size_t at = line.find("HHC");
  if (at == std::string_view::npos) return false;
  const std::string_view number = word_at(line, at);
  return number.ends_with('E') || number.ends_with('S') ||
         line.find("ependency check failed") != std::string_view::npos;
}

std::vector<std::string> complaints_in(std::string_view log) {
  std::vector<std::string> found;
  while (!log.empty() && found.size() < most_complaints) {
    const std::string_view line = log.substr(0, log.find('\n'));
    if (is_complaint(line)) found.emplace_back(line);
    log.remove_prefix(std::min(line.size() + 1, log.size()));
  }
  return found;
}

// Hercules 3.13: "HHCHD018I Loadable module directory is /usr/lib/hercules"; 4.9: the same in quotes. Said at
// the start and again after MODPATH.
std::string module_folder_in(std::string_view log) {
  constexpr std::string_view sign = "oadable module directory is ";
  const std::size_t at = log.rfind(sign);
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + sign.size() + (log.substr(at + sign.size()).starts_with('\'') ? 1 : 0);
  return std::string(word_at(log, start));
}

// The module has spoken, or the emulator says that it knows no such device or could not make it.
bool is_decided(std::string_view log) {
  if (identity_in(log)) return true;
  constexpr std::array<std::string_view, 4> ends = {"HHCCF042E", "HHCCF044E", "HHC01462E", "HHC01463E"};
  return std::any_of(ends.begin(), ends.end(),
                     [log](std::string_view sign) { return log.find(sign) != std::string_view::npos; });
}

}  // namespace

std::optional<EmulatorVersion> version_in(std::string_view text) {
  const std::string small = lower(text);
  constexpr std::string_view sign = "hercules version ";
  const std::size_t at = small.find(sign);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view number = word_at(text, at + sign.size());
  // 3.13 says which of the two it is; Hyperion always can, and does not say so here.
  const bool loads = small.find("no dynamic loading support") == std::string::npos;
  return EmulatorVersion{std::string(number), loads};
}

std::optional<ModuleIdentity> identity_in(std::string_view text) {
  constexpr std::string_view sign = "VNIC of vmlan ";
  const std::size_t at = text.find(sign);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view version = word_at(text, at + sign.size());
  const std::string_view rest = text.substr(at + sign.size() + version.size());
  constexpr std::string_view second_sign = " for Hercules ";
  if (version.empty() || !rest.starts_with(second_sign)) return std::nullopt;
  return ModuleIdentity{std::string(version), std::string(word_at(rest, second_sign.size()))};
}

bool same_emulator(std::string_view module, std::string_view emulator) {
  if (!emulator.starts_with(module) || module.empty()) return false;
  return emulator.size() == module.size() ||
         std::isdigit(static_cast<unsigned char>(emulator[module.size()])) == 0;
}

std::optional<EmulatorVersion> ask_version(const std::string& program) {
  auto started = host::ChildProcess::start({program, "--version"}, "/");
  auto* child = std::get_if<host::ChildProcess>(&started);
  if (child == nullptr) return std::nullopt;
  child->read_until([](std::string_view) { return false; }, version_time);
  return version_in(child->output());
}

std::optional<Trial> try_module(const std::string& program, const std::string& module, arch::Time limit) {
  const auto folder = host::TemporaryFolder::make();
  if (!folder) return std::nullopt;
  const std::string load = module.empty() ? std::string() : fmt::format("LDMOD {}\n", module);
  const std::string text = fmt::format(configuration, load, folder->path().string());
  const auto file = folder->path() / "check.cnf";
  if (!write_file(file, std::as_bytes(std::span(text))).message.empty()) return std::nullopt;

  // EXTERNALGUI: no screen is drawn, commands are read from standard input.
  auto started = host::ChildProcess::start({program, "-f", file.string(), "EXTERNALGUI"}, folder->path());
  Trial trial;
  if (const auto* error = std::get_if<std::string>(&started)) {
    trial.complaints = {*error};
    return trial;
  }
  auto& child = std::get<host::ChildProcess>(started);
  trial.ended = child.read_until(is_decided, limit);
  child.write("quit\n");
  const arch::Time farewell = std::min(limit, farewell_time);
  child.read_until([](std::string_view) { return false; }, farewell);
  trial.ended = child.wait(farewell).has_value() || trial.ended;
  trial.module = identity_in(child.output());
  trial.folder = module_folder_in(child.output());
  if (!trial.module) trial.complaints = complaints_in(child.output());
  return trial;
}

}  // namespace vmlan::apps
