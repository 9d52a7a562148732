#include <fmt/format.h>

#include "apps/serve/serve.h"
#include "apps/serve/system_client.h"
#include "apps/system/messages.h"
#include "apps/system/output.h"
#include "cp/command.h"
#include "cp/passwords.h"

namespace vmlan::apps {

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
  auto connected = SystemClient::connect(options.socket);
  if (const auto* error = std::get_if<std::string>(&connected)) {
    print_error(format(Message::no_system, {*error}));
    return ExitCode::failure;
  }
  auto& client = std::get<SystemClient>(connected);
  const auto code = client.command(options.command, print_line);
  if (!code) {
    print_error(format(Message::no_answer, {client.path()}));
    return ExitCode::failure;
  }
  if (*code == 0) return ExitCode::success;
  print_error(format(Message::command_failed, {shown, fmt::to_string(*code)}));
  return ExitCode::failure;
}

}  // namespace vmlan::apps
