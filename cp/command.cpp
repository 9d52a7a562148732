#include "cp/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "cp/system.h"

namespace vmlan::cp {
namespace {

// The upper-case beginning of each row's name decides; the first row that matches wins, so the tables list
// the shorter abbreviation's owner last where one is the beginning of the other.
const Command* look_up(std::span<const Command> table, std::string_view word, std::string_view classes) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Command& command) {
    return matches(word, command.name) && permitted(command, classes);
  });
  return found == table.end() ? nullptr : &*found;
}

Reply run(Request& request, const Command& command) {
  request.command = &command;
  if (command.own_machine && request.machine == nullptr) return request.fail_without_machine();
  if (command.table.empty()) return command.handler(request);
  const auto word = request.words.peek();
  if (const auto* sub = look_up(command.table, word, request.classes)) {
    request.words.next();
    return run(request, *sub);
  }
  if (command.handler != nullptr) return command.handler(request);
  if (word.empty()) return error(Message::operand_missing, "CFC");
  return request.fail(Message::invalid_option, {word});
}

Reply start(Request request) {
  if (request.words.rest().size() > longest_command) {
    return error(Message::command_too_long, "CMD", {fmt::to_string(longest_command)});
  }
  return go_on(request);
}

}  // namespace

Reply go_on(Request& request) {
  const auto verb = request.words.next();
  if (verb.empty()) return {};
  if (const auto* command = look_up(command_table(), verb, request.classes)) return run(request, *command);
  return error(Message::unknown_command, "CMD", {verb});
}

bool Request::has_class(std::string_view any_of) const noexcept {
  return classes.find_first_of(any_of) != std::string_view::npos;
}

VirtualMachine& Request::own_machine() const noexcept {
  assert(machine != nullptr);
  return *machine;
}

Reply Request::fail_without_machine() const {
  return fail(Message::system_without_machine, {to_upper(command->name)});
}

Reply error(Message message, std::string_view module, std::initializer_list<std::string_view> values) {
  Reply reply(format(message, module, values));
  reply.code = number(message);
  return reply;
}

Reply Request::fail(Message message, std::initializer_list<std::string_view> values) const {
  return error(message, command->module, values);
}

Reply Request::fail_excess() { return fail(Message::invalid_operand, {words.next()}); }

Reply Request::fail_option() { return fail(Message::invalid_option, {words.next()}); }

bool permitted(const Command& command, std::string_view classes) noexcept {
  return command.classes.empty() || command.classes.find_first_of(classes) != std::string_view::npos;
}

Reply execute(System& system, VirtualMachine& user, std::string_view line) {
  return start({system, user.userid(), &user, user.entry().classes, false, Words(line)});
}

Reply execute_for_system(System& system, std::string_view line) {
  return start({system, system_userid, nullptr, all_classes, false, Words(line)});
}

Reply execute_directory_command(System& system, VirtualMachine& user, std::string_view line) {
  return start({system, user.userid(), &user, all_classes, true, Words(line)});
}

}  // namespace vmlan::cp
