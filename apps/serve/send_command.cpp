#include <fmt/format.h>

#include <cstdio>
#include <cstring>

#include "apps/serve/serve.h"
#include "apps/system/messages.h"
#include "cp/command.h"
#include "host/stream_client.h"
#include "link/decoder.h"
#include "link/send_buffer.h"

namespace vmlan::apps {

namespace {

using std::chrono::seconds;
constexpr arch::Time answer_time = seconds(10);

std::string text_in(std::span<const std::byte> body) {
  return {reinterpret_cast<const char*>(body.data()), body.size()};
}

// The command's return code; nothing = the system went away or did not answer.
std::optional<std::uint32_t> print_response(const host::Descriptor& socket) {
  link::Decoder decoder(link::Sender::base);
  for (;;) {
    while (const auto message = decoder.next()) {
      if (message->type == link::MessageType::response) fmt::print("{}\n", text_in(message->body));
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
  const auto complain = [](std::string_view text) { fmt::print(stderr, "vmlan: {}\n", text); };
  // The base refuses it too; what does not even fit a message of the link would only cut the connection.
  if (options.command.size() > cp::longest_command) {
    const auto refused =
        cp::error(cp::Message::command_too_long, "CMD", {fmt::to_string(cp::longest_command)});
    fmt::print("{}\n", refused.lines.front());
    std::fflush(stdout);
    complain(format(Message::command_failed, {options.command, fmt::to_string(refused.code)}));
    return ExitCode::failure;
  }
  const std::string path = options.socket.empty() ? default_socket() : options.socket;
  auto connected = host::connect_stream(path);
  if (const auto* error = std::get_if<std::string>(&connected)) {
    complain(format(Message::no_system, {*error}));
    return ExitCode::failure;
  }
  const auto& socket = std::get<host::Descriptor>(connected);
  link::SendBuffer buffer(link::max_body);
  buffer.add(link::MessageType::command, 0, {std::as_bytes(std::span(options.command))});
  if (!host::send_all(socket, buffer.pending())) {
    complain(format(Message::no_system, {path}));
    return ExitCode::failure;
  }
  const auto code = print_response(socket);
  if (!code) {
    complain(format(Message::no_answer, {path}));
    return ExitCode::failure;
  }
  if (*code == 0) return ExitCode::success;
  std::fflush(stdout);
  complain(format(Message::command_failed, {options.command, fmt::format("{}", *code)}));
  return ExitCode::failure;
}

}  // namespace vmlan::apps
