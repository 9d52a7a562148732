#include "apps/serve/serve.h"

#include <deque>
#include <filesystem>
#include <vector>

#include "apps/script/console_session.h"
#include "apps/serve/guest_door.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "apps/system/output.h"
#include "host/append_file.h"
#include "host/settings_folder.h"
#include "host/socket_path.h"
#include "host/standard_streams.h"
#include "host/trusted_folder.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A system that was started by its first guest stays this long after the last one, and this long for the
// first.
constexpr arch::Time linger = seconds(3);
constexpr arch::Time patience = seconds(60);
constexpr arch::Time turn = milliseconds(500);

// The lines of a script typed at the start; after them nobody types any more, and the system runs for its
// guests.
class StartLines final : public LineSource {
 public:
  StartLines(const std::vector<std::string>& lines, const ServeOptions& options, std::string path)
      : lines_(lines.begin(), lines.end()), until_idle_(options.until_idle), path_(std::move(path)) {}

  void attach(const LinkDesk& desk) noexcept { desk_ = &desk; }

  std::optional<std::string> next(const std::string&, RunningSystem& system) override {
    if (!lines_.empty()) {
      std::string line = std::move(lines_.front());
      lines_.pop_front();
      return line;
    }
    show(format(Message::serving, {path_}));
    last_guest_ = system.now();
    const auto over = [this, &system] { return is_over(system.now()); };
    auto halt = Halt::time_is_up;
    while (halt == Halt::time_is_up) halt = system.run_until(over, turn);
    return std::nullopt;
  }
  void show(std::string_view line) override {
    print_line(line);
    flush_output();
    // Started by a guest's module, which gave it a log (hercules/base_starter.h).
    if (until_idle_) host::turn_log(host::log_of_base(path_), {host::standard_output, host::standard_error});
  }
  Typist typist() const override { return Typist::start_lines; }

 private:
  bool is_over(arch::Time now) {
    if (!until_idle_) return false;
    if (desk_->guests() > 0) last_guest_ = now;
    return now - last_guest_ > (desk_->had_guests() ? linger : patience);
  }

  std::deque<std::string> lines_;
  bool until_idle_;
  std::string path_;
  arch::Time last_guest_{0};
  const LinkDesk* desk_ = nullptr;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// The text of a file the options name; nothing = it was an error, and that was said.
std::optional<std::string> text_of_file(const std::string& path) {
  if (path.empty()) return std::string();
  auto text = read_file(path, largest_text_file);
  if (const auto* error = std::get_if<FileError>(&text)) {
    print_error(error->message);
    return std::nullopt;
  }
  return std::get<std::string>(std::move(text));
}

// A system that a guest starts is told nothing; what its user wants of it is in files of fixed names.
ServeOptions with_settings(ServeOptions options) {
  const std::filesystem::path folder = host::settings_folder();
  if (!options.until_idle || folder.empty()) return options;
  const auto take = [&folder](std::string& chosen, const char* name) {
    std::error_code unknown;
    if (chosen.empty() && std::filesystem::exists(folder / name, unknown)) chosen = folder / name;
  };
  take(options.script, "system.vm");
  take(options.directory, "user.direct");
  return options;
}

// A socket's place that nobody has chosen is this user's alone. nothing: it is not, and that was said.
std::optional<std::string> socket_of(const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  const std::string path = host::default_socket_path();
  const std::string trouble = host::make_trusted_folder(path);
  if (trouble.empty()) return path;
  print_error(format(Message::cannot_listen, {trouble}));
  return std::nullopt;
}

// The LAN that guests join when they name none, and NAT from there. false: not possible, and that was said.
bool open_way_out(cp::ControlProgram& system) {
  constexpr std::string_view commands[] = {"DEFINE LAN LAN1 OWNERID SYSTEM TYPE QDIO ETHERNET",
                                           "DEFINE UPLINK 0A00 NAT",
                                           "SET LAN LAN1 OWNERID SYSTEM UPLINK RDEV 0A00"};
  for (const auto command : commands) {
    const auto reply = system.command(command);
    if (reply.return_code == 0) continue;
    for (const auto& line : reply.lines) print_error(line);
    return false;
  }
  return true;
}

}  // namespace

ExitCode serve(const ServeOptions& chosen) {
  const ServeOptions options = with_settings(chosen);
  const auto directory = text_of_file(options.directory);
  const auto script = text_of_file(options.script);
  if (!directory || !script) return ExitCode::usage;
  const auto lines = lines_of(*script);
  const auto errors = ConsoleSession::errors_of(lines);
  for (const ScriptError& error : errors) {
    print_error(at_line(options.script, error.line, error.message));
  }
  if (!errors.empty()) return ExitCode::usage;
  const auto path = socket_of(options.socket);
  if (!path) return ExitCode::failure;
  host::catch_interruptions();
  // Who reads the console's lines may go.
  host::ignore_closed_readers();
  wait_for_no_reader();

  StartLines source(lines, options, *path);
  SystemOptions system{ClockKind::real, 1, std::filesystem::path(options.directory).parent_path()};
  if (!options.traces.empty()) system.trace_folder = options.traces;
  ConsoleSession session(source, system);
  if (const auto failure = session.load_directory(*directory, options.directory)) {
    for (const std::string& detail : failure->details) print_error(detail);
    print_error(failure->message);
    return failure->exit_code;
  }
  if (options.nat && !open_way_out(session.system().control_program())) return ExitCode::failure;
  auto opened = GuestDoor::open(session.system(), *path);
  if (const auto* error = std::get_if<std::string>(&opened)) {
    print_error(format(Message::cannot_listen, {*error}));
    return ExitCode::failure;
  }
  source.attach(std::get<std::unique_ptr<GuestDoor>>(opened)->desk());
  session.run({});
  return ExitCode::success;
}

}  // namespace vmlan::apps
