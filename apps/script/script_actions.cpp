#include "apps/script/script_actions.h"

#include <fmt/format.h>

#include <cctype>
#include <utility>
#include <vector>

#include "apps/system/files.h"
#include "apps/system/messages.h"

namespace vmlan::apps {

namespace {

using MaybeFailure = std::optional<Failure>;

// Whoever gets more has loaded something else than a directory.
constexpr std::size_t most_directory_errors = 20;

Failure failed(Message message, std::initializer_list<std::string_view> values = {}) {
  return Failure{ExitCode::failure, format(message, values), {}};
}

std::string in_seconds(arch::Time time) {
  return fmt::format("{:g}", std::chrono::duration<double>(time).count());
}

std::string device_text(arch::DeviceNumber device) { return fmt::format("{:04X}", device.value); }

// A person can always call CP, and CMS listens for HX, whatever the program does.
bool interrupts_a_command(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return false;
  std::string word(text.substr(first, text.find(' ', first) - first));
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word == "#CP" || word == "HX";
}

// The failure a halt means, if it is none that was hoped for.
MaybeFailure failure_of(Halt halt) {
  if (halt == Halt::interrupted) return failed(Message::interrupted);
  if (halt == Halt::never_idle) {
    return failed(Message::never_idle, {fmt::to_string(RunningSystem::most_rounds)});
  }
  return std::nullopt;
}

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

std::optional<Failure> load_directory(cp::ControlProgram& control_program, std::string_view text,
                                      const std::string& name, unsigned lines_before) {
  std::vector<cp::DirectoryError> errors = control_program.load_directory(text, name);
  const bool rejected = cp::has_errors(errors);
  std::erase_if(errors, [rejected](const cp::DirectoryError& error) { return rejected && error.warning; });
  std::vector<std::string> lines;
  for (const cp::DirectoryError& error : errors) {
    if (lines.size() == most_directory_errors) {
      lines.push_back(fmt::format("... and {} more", errors.size() - lines.size()));
      break;
    }
    const std::string what = fmt::format("{} in '{}'", error.message, error.statement);
    lines.push_back(
        rejected ? at_line(error.file, error.line + lines_before, format(Message::directory_error, {what}))
                 : at_line(error.file, error.line + lines_before, what));
  }
  if (!rejected) {
    for (const std::string& line : lines) control_program.options().consoles.line("OPERATOR", line);
    return std::nullopt;
  }
  Failure failure{ExitCode::usage, {}, std::move(lines)};
  const std::string count = errors.size() == 1 ? "an error" : fmt::format("{} errors", errors.size());
  failure.message = format(Message::directory_rejected, {count});
  return failure;
}

ScriptActions::ScriptActions(RunningSystem& installation, ConsoleWatch& watch, Options options)
    : running_(installation), watch_(watch), options_(std::move(options)) {}

MaybeFailure ScriptActions::prepare(const Action& action) {
  if (const auto* typed = std::get_if<Typed>(&action)) {
    return interrupts_a_command(typed->text) ? std::nullopt : wait_until_read(typed->console);
  }
  if (const auto* expect = std::get_if<Expect>(&action)) {
    const auto* text = std::get_if<std::string>(&expect->what);
    const bool known = text != nullptr && !expect->negated && watch_.shows(expect->console, *text) == true;
    return known ? std::nullopt : wait_until_there(expect->console);
  }
  return std::nullopt;
}

MaybeFailure ScriptActions::finish() {
  for (const std::string& console : watch_.consoles()) {
    if (auto failure = wait_until_ended(console)) return failure;
  }
  return std::nullopt;
}

MaybeFailure ScriptActions::perform(const Action& action) {
  return std::visit([this](const auto& statement) { return act(statement); }, action);
}

MaybeFailure ScriptActions::wait_until_read(const std::string& console) {
  return wait_for(console, [this, &console] { return running_.control_program().can_read(console); });
}

// Also of a user who is disconnected or stopped.
MaybeFailure ScriptActions::wait_until_ended(const std::string& console) {
  return wait_for(console, [this, &console] {
    const auto& system = running_.control_program();
    return system.can_read(console) && !system.command_runs(console);
  });
}

MaybeFailure ScriptActions::wait_for(const std::string& console, const RunningSystem::Condition& condition) {
  const Halt halt = running_.run_until(condition, options_.timeout);
  if (halt == Halt::time_is_up) {
    return failed(Message::command_did_not_end, {console, in_seconds(options_.timeout)});
  }
  if (halt == Halt::for_ever) return failed(Message::nothing_can_happen, {console});
  return failure_of(halt);
}

bool ScriptActions::exists(const std::string& console) const {
  return watch_.knows(console) || running_.control_program().find(console) != nullptr;
}

MaybeFailure ScriptActions::wait_until_there(const std::string& console) {
  const Halt halt = running_.run_until([this, &console] { return exists(console); }, options_.timeout);
  if (halt == Halt::time_is_up || halt == Halt::for_ever) return failed(Message::no_such_console, {console});
  if (auto failure = failure_of(halt)) return failure;
  return wait_until_ended(console);
}

std::optional<int> ScriptActions::return_code(const std::string& console) const {
  const auto& system = running_.control_program();
  if (!system.can_read(console) || system.command_runs(console) || system.was_cut_off(console))
    return std::nullopt;
  const auto of_cp = system.last_return_code(console);
  const auto of_cms = watch_.ready(console);
  // #CP and HX are typed while a command runs, which then ends with a code of its own.
  return of_cms && of_cp.value_or(0) == 0 ? of_cms : of_cp;
}

std::optional<std::string> ScriptActions::fault_of(const std::string& console) const {
  if (running_.control_program().was_cut_off(console)) return format(Message::command_cut_off, {console});
  const int code = return_code(console).value_or(0);
  if (code == 0) return std::nullopt;
  const std::string number = fmt::to_string(code);
  return format(Message::unexpected_return_code, {console, number, console, number});
}

MaybeFailure ScriptActions::act(const Typed& typed) {
  watch_.typed(typed.console);
  running_.control_program().type(typed.console, typed.text);
  return failure_of(running_.settle());
}

MaybeFailure ScriptActions::act(const LoadDirectoryFile& directory) {
  const auto path = resolve(directory.path);
  const auto text = read_file(path, largest_text_file);
  if (const auto* error = std::get_if<FileError>(&text)) return Failure{ExitCode::usage, error->message, {}};
  return apps::load_directory(running_.control_program(), std::get<std::string>(text), path.string());
}

MaybeFailure ScriptActions::act(const LoadDirectoryText& directory) {
  return apps::load_directory(running_.control_program(), directory.text, options_.name,
                              directory.first_line - 1);
}

MaybeFailure ScriptActions::act(const WriteFile& file) { return write(file.file, file.contents); }

MaybeFailure ScriptActions::act(const PutFile& put) {
  const auto contents = read_file(resolve(put.source), largest_data_file);
  if (const auto* error = std::get_if<FileError>(&contents)) {
    return Failure{ExitCode::failure, error->message, {}};
  }
  return write(put.file, std::get<std::string>(contents));
}

MaybeFailure ScriptActions::write(const DiskFile& file, std::string_view contents) {
  arch::Minidisk* disk = running_.control_program().minidisk(file.userid, file.device);
  const std::string device = device_text(file.device);
  if (disk == nullptr) return failed(Message::no_minidisk, {file.userid, device, device});
  if (disk->write(file.name, as_bytes(contents))) return std::nullopt;
  return failed(Message::minidisk_refused, {device, file.userid});
}

MaybeFailure ScriptActions::act(const GetFile& get) {
  arch::Minidisk* disk = running_.control_program().minidisk(get.file.userid, get.file.device);
  const std::string device = device_text(get.file.device);
  if (disk == nullptr) return failed(Message::no_minidisk, {get.file.userid, device, device});
  const auto contents = disk->read(get.file.name);
  if (!contents) return failed(Message::file_not_on_minidisk, {get.file.name, device, get.file.userid});
  const FileError error = write_file(get.target.name, *contents);
  if (error.message.empty()) return std::nullopt;
  return Failure{ExitCode::failure, error.message, {}};
}

MaybeFailure ScriptActions::act(const WaitFor& wait) {
  if (wait.text.empty()) return wait_until_there(wait.console);
  const auto shown = [this, &wait] { return watch_.take(wait.console, wait.text); };
  const Halt halt = running_.run_until(shown, options_.timeout);
  if (halt == Halt::time_is_up || halt == Halt::for_ever) {
    return failed(Message::text_not_shown, {wait.console, wait.text, in_seconds(options_.timeout)});
  }
  return failure_of(halt);
}

MaybeFailure ScriptActions::act(const Sleep& sleep) { return failure_of(running_.sleep(sleep.time)); }

MaybeFailure ScriptActions::act(const SetTimeout& timeout) {
  options_.timeout = timeout.time;
  return std::nullopt;
}

MaybeFailure ScriptActions::act(const Expect& expect) {
  if (const auto* text = std::get_if<std::string>(&expect.what)) return expect_text(expect, *text);
  return expect_code(expect, std::get<int>(expect.what));
}

MaybeFailure ScriptActions::expect_code(const Expect& expect, int code) {
  const auto seen = return_code(expect.console);
  if (seen && (*seen == code) != expect.negated) return std::nullopt;
  const std::string text = seen ? fmt::to_string(*seen) : "(none)";
  if (expect.negated && seen) return failed(Message::unwanted_return_code, {expect.console, text});
  return failed(Message::wrong_return_code, {expect.console, text, fmt::to_string(code)});
}

MaybeFailure ScriptActions::expect_text(const Expect& expect, const std::string& text) {
  const auto shown = watch_.shows(expect.console, text);
  if (!shown) return failed(Message::lines_forgotten, {expect.console, text});
  if (*shown != expect.negated) return std::nullopt;
  return failed(expect.negated ? Message::unwanted_text : Message::expected_text_not_shown,
                {expect.console, text});
}

MaybeFailure ScriptActions::act(const SetStrict& strict) {
  options_.strict = strict.on;
  return std::nullopt;
}

std::filesystem::path ScriptActions::resolve(const HostPath& path) const {
  return path.from_caller ? std::filesystem::path(path.name) : options_.folder / path.name;
}

}  // namespace vmlan::apps
