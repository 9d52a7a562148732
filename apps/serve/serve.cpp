#include "apps/serve/serve.h"

#include <algorithm>
#include <deque>
#include <filesystem>

#include "apps/script/console_session.h"
#include "apps/serve/link_desk.h"
#include "apps/system/files.h"
#include "apps/system/messages.h"
#include "apps/system/output.h"
#include "host/append_file.h"
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
constexpr arch::Time look_around = milliseconds(500);

// First the lines of the script, then nobody types any more and the sockets are served.
class Server final : public LineSource {
 public:
  Server(std::deque<std::string> script, bool until_idle)
      : script_(std::move(script)), until_idle_(until_idle) {}

  void attach(host::StreamServer& sockets, LinkDesk& desk) {
    sockets_ = &sockets;
    desk_ = &desk;
  }

  std::optional<std::string> next(const std::string&, const Work& work) override {
    if (!script_.empty()) {
      work();
      std::string line = std::move(script_.front());
      script_.pop_front();
      return line;
    }
    announce();
    while (!host::interrupted() && !is_over()) {
      const auto limit = work();
      desk_->look_after();
      sockets_->wait(limit ? std::min(*limit, look_around) : look_around);
    }
    desk_->shut_down();
    sockets_->wait(arch::Time{0});
    return std::nullopt;
  }
  void show(std::string_view line) override {
    print_line(line);
    flush_output();
    // Started by a guest's module, which gave it a log (hercules/base_starter.h).
    if (until_idle_) host::turn_log(host::log_of_base(path), {host::standard_output, host::standard_error});
  }
  bool is_person() const override { return false; }

 private:
  void announce() {
    if (announced_) return;
    announced_ = true;
    show(format(Message::serving, {path}));
  }
  bool is_over() {
    if (!until_idle_) return false;
    const auto now = clock_.now();
    if (desk_->guests() > 0) last_guest_ = now;
    return now - last_guest_ > (desk_->had_guests() ? linger : patience);
  }

 public:
  std::string path;

 private:
  std::deque<std::string> script_;
  bool until_idle_;
  bool announced_ = false;
  host::RealClock clock_;
  arch::Time last_guest_ = clock_.now();
  host::StreamServer* sockets_ = nullptr;
  LinkDesk* desk_ = nullptr;
};

std::deque<std::string> lines_of(const std::string& text) {
  std::deque<std::string> lines;
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

// A socket's place that nobody has chosen is this user's alone. nothing: it is not, and that was said.
std::optional<std::string> socket_of(const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  const std::string path = host::default_socket_path();
  const std::string trouble = host::make_trusted_folder(path);
  if (trouble.empty()) return path;
  print_error(format(Message::cannot_listen, {trouble}));
  return std::nullopt;
}

}  // namespace

ExitCode serve(const ServeOptions& options) {
  const auto directory = text_of_file(options.directory);
  const auto script = text_of_file(options.script);
  if (!directory || !script) return ExitCode::usage;
  const auto path = socket_of(options.socket);
  if (!path) return ExitCode::failure;
  host::catch_interruptions();

  Server source(lines_of(*script), options.until_idle);
  source.path = *path;
  const SystemOptions installation{ClockKind::real, 1,
                                   std::filesystem::path(options.directory).parent_path()};
  ConsoleSession session(source, installation);
  if (const auto failure = session.load_directory(*directory, options.directory)) {
    for (const std::string& detail : failure->details) print_error(detail);
    print_error(failure->message);
    return failure->exit_code;
  }
  const host::RealClock clock;
  LinkDesk desk(session.control_program(), clock, {});
  auto listening = host::StreamServer::listen(source.path, desk);
  if (const auto* error = std::get_if<std::string>(&listening)) {
    print_error(format(Message::cannot_listen, {*error}));
    return ExitCode::failure;
  }
  auto& sockets = *std::get<std::unique_ptr<host::StreamServer>>(listening);
  desk.attach(sockets);
  source.attach(sockets, desk);
  session.run({});
  return ExitCode::success;
}

}  // namespace vmlan::apps
