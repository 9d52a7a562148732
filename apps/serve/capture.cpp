#include "apps/serve/capture.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "apps/serve/system_client.h"
#include "apps/system/messages.h"
#include "apps/system/output.h"
#include "cp/words.h"
#include "host/real_clock.h"
#include "host/trace/capture_output.h"
#include "host/trace/pcapng_sieve.h"
#include "host/waiting.h"

namespace vmlan::apps {

namespace {

using Wrote = host::CaptureOutput::Wrote;

// What is on its way when the capture is to end has so long to come.
constexpr arch::Time farewell = std::chrono::seconds(2);
constexpr arch::Time look = std::chrono::milliseconds(500);

// The system's frames through the filter into the output.
class Capturing {
 public:
  Capturing(SystemClient& client, host::PacketFilter filter, host::CaptureOutput& output)
      : client_(client), sieve_(std::move(filter)), output_(output) {}

  ExitCode run(const CaptureOptions& options) {
    link::Capture wanted{options.lan_owner, options.lan_name, options.user,
                         options.length,    options.dropped,  options.control};
    const link::CaptureBody body = link::to_body(wanted);
    if (!client_.send(link::MessageType::capture, std::as_bytes(std::span(&body, 1))))
      return system_has_gone();
    while (!over_) {
      if (host::interrupted() && !ask_to_end()) break;
      if (asked_at_ && clock_.now() - *asked_at_ > farewell) break;
      link::MessageView message;
      const auto came = client_.next(message, look);
      if (came == SystemClient::Came::gone) return system_has_gone();
      if (came == SystemClient::Came::message) handle(message);
    }
    if (!options.quiet) summarize();
    return code_;
  }

 private:
  // Ctrl-C: what was captured before is still written. false: it is the second one.
  bool ask_to_end() {
    host::forget_interruption();
    if (asked_at_) return false;
    asked_at_ = clock_.now();
    return client_.send(link::MessageType::capture_stop);
  }

  void handle(const link::MessageView& message) {
    switch (message.type) {
      case link::MessageType::captured:
        return write(message.body);
      case link::MessageType::refuse:
        print_error(link::text_of(message.body));
        return give_up();
      case link::MessageType::end: {
        const std::string why = link::parse_end(message.body).text;
        if (!why.empty()) print_error(why);
        over_ = true;
        return;
      }
      default:
        return;
    }
  }

  void write(std::span<const std::byte> blocks) {
    passed_.clear();
    if (!sieve_.sift(blocks, passed_)) {
      print_error(format(Message::no_answer, {client_.path()}));
      return give_up();
    }
    switch (output_.write(passed_)) {
      case Wrote::all:
        return;
      case Wrote::reader_gone:
        over_ = true;
        return;
      case Wrote::interrupted:
        // Half a block may have been written: the reader takes nothing.
        over_ = true;
        return;
      case Wrote::failed:
        print_error(format(Message::cannot_write_output, {std::strerror(errno)}));
        return give_up();
    }
  }

  ExitCode system_has_gone() {
    print_error(format(Message::system_has_gone, {client_.path()}));
    summarize();
    return ExitCode::failure;
  }
  void give_up() {
    over_ = true;
    code_ = ExitCode::failure;
  }
  void summarize() const {
    print_error(
        format(Message::captured, {fmt::to_string(sieve_.passed()), fmt::to_string(sieve_.filtered_out()),
                                   fmt::to_string(sieve_.lost())}));
  }

  SystemClient& client_;
  host::PcapngSieve sieve_;
  host::CaptureOutput& output_;
  host::RealClock clock_;
  std::vector<std::byte> passed_;
  std::optional<arch::Time> asked_at_;
  bool over_ = false;
  ExitCode code_ = ExitCode::success;
};

}  // namespace

bool parse_lan_name(std::string_view text, std::string& owner, std::string& name) {
  const auto dot = text.find('.');
  owner = dot == std::string_view::npos ? "SYSTEM" : cp::to_upper(text.substr(0, dot));
  name = cp::to_upper(dot == std::string_view::npos ? text : text.substr(dot + 1));
  return cp::valid_name(owner) && cp::valid_name(name);
}

ExitCode capture(const CaptureOptions& options) {
  auto filter = host::PacketFilter::compile(options.filter);
  if (const auto* error = std::get_if<std::string>(&filter)) {
    print_error(format(Message::bad_filter, {options.filter, *error}));
    return ExitCode::usage;
  }
  auto client = SystemClient::connect(options.socket);
  if (const auto* error = std::get_if<std::string>(&client)) {
    print_error(format(Message::no_system, {*error}));
    return ExitCode::failure;
  }
  host::catch_interruptions();
  host::ignore_closed_readers();
  auto output = host::CaptureOutput::open(options.output);
  if (const auto* error = std::get_if<std::string>(&output)) {
    print_error(format(Message::cannot_write_output, {*error}));
    return ExitCode::failure;
  }
  Capturing capturing(std::get<SystemClient>(client), std::get<host::PacketFilter>(std::move(filter)),
                      std::get<host::CaptureOutput>(output));
  return capturing.run(options);
}

}  // namespace vmlan::apps
