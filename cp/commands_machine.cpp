// IPL, SYSTEM, BEGIN, EXTERNAL, CP, TERMINAL, SET RUN. Source: CP Commands.
#include <fmt/format.h>

#include "cp/commands.h"
#include "cp/logon.h"
#include "cp/operands.h"
#include "cp/system.h"

namespace vmlan::cp {

Reply ipl(Request& request) {
  const auto name = take_name(request);
  if (!name) return *name.error;
  std::string parameters;
  if (request.words.take("PARM")) {
    parameters = request.words.rest();
  } else if (!request.at_end()) {
    return request.fail(Message::invalid_option, {request.words.next()});
  }
  return load(request.system, request.own_machine(), name.value, parameters);
}

Reply system_function(Request& request) {
  const bool clear = request.words.take("CLEAR");
  if (!clear && !request.words.take("RESET")) {
    if (request.at_end()) return request.fail(Message::operand_missing);
    return request.fail(Message::invalid_option, {request.words.next()});
  }
  if (!request.at_end()) return request.fail_excess();
  request.own_machine().system_reset();
  if (!clear) return Reply("System reset.");
  request.own_machine().clear_storage();
  return Reply("Storage cleared - system reset.");
}

Reply begin(Request& request) {
  if (!request.at_end()) return request.fail_excess();
  if (request.own_machine().program() == nullptr) return request.fail(Message::nothing_to_run);
  request.own_machine().leave_cp_mode();
  return {};
}

Reply external(Request& request) {
  if (!request.at_end()) return request.fail_excess();
  if (request.own_machine().program() == nullptr) return request.fail(Message::nothing_to_run);
  request.own_machine().external_interrupt();
  request.own_machine().leave_cp_mode();
  return {};
}

// CP alone puts the console into CP READ; in front of a command it changes nothing.
Reply call_cp(Request& request) {
  if (!request.at_end()) return go_on(request);
  if (request.machine == nullptr) return request.fail_without_machine();
  request.machine->enter_cp_mode();
  return Reply("CP");
}

Reply terminal(Request& request) {
  if (!request.words.take("LINENd")) {
    if (request.at_end()) return request.fail(Message::operand_missing);
    return request.fail(Message::invalid_option, {request.words.next()});
  }
  const auto word = request.words.next();
  const auto line_end = parse_line_end(word);
  if (!line_end) return request.fail(Message::operand_missing);
  if (!request.at_end()) return request.fail_excess();
  request.own_machine().set_line_end(line_end->character);
  return {};
}

Reply set_run(Request& request) {
  const bool on = request.words.take("ON");
  if (!on && !request.words.take("OFF")) return request.fail(Message::operand_missing);
  if (!request.at_end()) return request.fail_excess();
  request.own_machine().set_run_in_cp_mode(on);
  return {};
}

}  // namespace vmlan::cp
