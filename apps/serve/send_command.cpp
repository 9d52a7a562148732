#include <fmt/format.h>

#include <cstring>

#include "apps/serve/serve.h"
#include "apps/system/messages.h"
#include "apps/system/output.h"
#include "cp/command.h"
#include "cp/passwords.h"
#include "host/socket_path.h"
#include "host/unix_socket.h"
#include "link/decoder.h"
#include "link/send_buffer.h"

namespace vmlan::apps {

namespace {

using std::chrono::seconds;
constexpr arch::Time answer_time = seconds(10);

// The command's return code; nothing = the system went away or did not answer.
std::optional<std::uint32_t> print_response(const host::Descriptor& socket) {
  link::Decoder decoder(link::Sender::base);
  for (;;) {
    while (const auto message = decoder.next()) {
      if (message->type == link::MessageType::response) print_line(link::text_of(message->body));
      if (message->type == link::MessageType::return_code) {
        arch::be32 code;
        std::memcpy(reinterpret_cast<std::byte*>(&code), message->body.data(), sizeof(code));
        return code;
      }
    }
    if (decoder.fault() != link::Fault::none) return std::nullopt;
    const auto length = host::receive_some(socket, decoder.room(), answer_time);
    if (!length) return std::nullopt;
    decoder.received(*length);
  }
}

}  // namespace

ExitCode send_command(const CommandOptions& options) {
  const std::string shown = cp::without_passwords(options.command);
  // The base refuses it too; what does not even fit a message of the link would only cut the connection.
  if (options.command.size() > cp::longest_command) {
    const auto refused =
        cp::error(cp::Message::command_too_long, "CMD", {fmt::to_string(cp::longest_command)});
    print_line(refused.lines.front());
    print_error(format(Message::command_failed, {shown, fmt::to_string(refused.code)}));
    return ExitCode::failure;
  }
  // Where everybody looks, only the user's own system is spoken to; a place of the user's choice is the
  // user's to know.
  const bool chosen = !options.socket.empty();
  const std::string path = chosen ? options.socket : host::default_socket_path();
  auto connected = host::connect_unix(path, chosen ? host::Trust::anybodys : host::Trust::ours);
  if (const auto* error = std::get_if<std::string>(&connected)) {
    print_error(format(Message::no_system, {*error}));
    return ExitCode::failure;
  }
  const auto& socket = std::get<host::Descriptor>(connected);
  link::SendBuffer buffer(link::max_body);
  buffer.add(link::MessageType::command, 0, {std::as_bytes(std::span(options.command))});
  if (!host::send_all(socket, buffer.pending())) {
    print_error(format(Message::no_system, {path}));
    return ExitCode::failure;
  }
  const auto code = print_response(socket);
  if (!code) {
    print_error(format(Message::no_answer, {path}));
    return ExitCode::failure;
  }
  if (*code == 0) return ExitCode::success;
  print_error(format(Message::command_failed, {shown, fmt::to_string(*code)}));
  return ExitCode::failure;
}

}  // namespace vmlan::apps
