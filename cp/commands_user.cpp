// LOGON, LOGOFF, DISCONNECT, FORCE, XAUTOLOG, MESSAGE, WARNING, SEND. Source: CP Commands.
#include <fmt/format.h>

#include <algorithm>

#include "cp/commands.h"
#include "cp/logon.h"
#include "cp/nic_actions.h"
#include "cp/operands.h"
#include "cp/system.h"
#include "cp/time_text.h"

namespace vmlan::cp {
namespace {

// The userid operand of a message: a name, * for oneself, OPerator.
Operand<std::string> take_addressee(Request& request) {
  if (request.words.take("*")) return {std::string(request.issuer), std::nullopt};
  if (request.words.take("OPerator")) return {std::string(operator_userid), std::nullopt};
  auto userid = request.words.next();
  if (!valid_name(userid)) return {{}, request.fail(Message::userid_missing)};
  return {std::move(userid), std::nullopt};
}

// `header` is what stands before the text.
Reply send(Request& request, std::string_view header) {
  const auto userid = take_addressee(request);
  if (!userid) return *userid.error;
  const auto text = request.words.rest();
  if (text.empty()) return request.fail(Message::operand_missing);
  const auto line = fmt::format("{}{}", header, text);
  const auto* receiver = request.system.find(userid.value);
  if (receiver == nullptr) return request.fail(Message::not_logged_on, {userid.value});
  if (!receiver->connected()) return request.fail(Message::not_receiving, {userid.value});
  request.system.tell(userid.value, line);
  return {};
}

std::string header(const Request& request, std::string_view kind) {
  return fmt::format("{}  * {} FROM {:<8}: ", clock_time(request.system.clock().date()), kind,
                     request.issuer);
}

// Class A or B may start anybody; others need an XAUTOLOG statement in the target's entry.
bool may_autolog(const Request& request, const UserEntry& target) {
  const auto& named = target.autologgers;
  return request.has_class("AB") || std::find(named.begin(), named.end(), request.issuer) != named.end();
}

std::optional<Reply> parse_autolog_options(Request& request, LogonOptions& options) {
  while (!request.at_end()) {
    if (request.words.take("NOIpl")) {
      options.no_ipl = true;
    } else if (request.words.take("Ipl")) {
      options.ipl_system = request.words.next();
      if (options.ipl_system.empty()) return request.fail(Message::operand_missing);
    } else {
      return request.fail(Message::invalid_option, {request.words.next()});
    }
  }
  if (options.no_ipl && !options.ipl_system.empty()) {
    return request.fail(Message::conflicting_option, {"NOIPL"});
  }
  return std::nullopt;
}

}  // namespace

Reply logon_again(Request& request) {
  const VirtualMachine& user = request.own_machine();
  if (!user.connected()) return request.fail(Message::already_logged_on, {user.userid(), "disconnected"});
  return request.fail(Message::already_logged_on_at, {user.terminal()});
}

Reply logoff(Request& request) {
  request.words.take("HOld");
  if (!request.at_end()) return request.fail_excess();
  request.system.schedule_logoff(request.own_machine(), "");
  return {};
}

Reply disconnect_user(Request& request) {
  request.words.take("HOld");
  if (!request.at_end()) return request.fail_excess();
  if (request.own_machine().connected()) disconnect(request.system, request.own_machine());
  return {};
}

Reply force(Request& request) {
  const auto userid = take_addressee(request);
  if (!userid) return *userid.error;
  if (!request.at_end()) return request.fail_excess();
  const auto* user = request.system.find(userid.value);
  if (user == nullptr) return request.fail(Message::not_logged_on, {userid.value});
  if (request.system.logoff_pending(userid.value)) {
    return request.fail(Message::logoff_pending, {userid.value});
  }
  request.system.schedule_logoff(*user, request.issuer);
  return {};
}

Reply xautolog(Request& request) {
  const auto userid = take_name(request);
  if (!userid) return *userid.error;
  LogonOptions options;
  if (auto failed = parse_autolog_options(request, options)) return *failed;
  auto& system = request.system;
  const auto entry = system.directory.find(userid.value);
  if (!entry) return request.fail(Message::not_in_directory, {userid.value});
  if (entry->rule == LogonRule::never || !may_autolog(request, *entry)) {
    return request.fail(Message::logon_unsuccessful);
  }
  if (const auto* user = system.find(userid.value)) {
    return request.fail(Message::already_logged_on,
                        {userid.value, user->connected() ? user->terminal() : "disconnected"});
  }
  const auto* user = log_on(system, entry, options);
  if (user == nullptr) return request.fail(Message::no_storage, {userid.value});
  Reply reply("Command accepted");
  reply.lines.push_back(
      fmt::format("AUTO LOGON  ***       {:<8} USERS = {}", userid.value, system.users().size()));
  system.tell_operator_unless(request.issuer, reply.lines.back());
  const bool ipls = !options.no_ipl && !(options.ipl_system.empty() && entry->ipl_system.empty());
  if (ipls) {
    reply.lines.push_back(format(Message::autolog_information, "CLS", {userid.value}));
    reply.lines.emplace_back("IPL command processor.");
  }
  return reply;
}

Reply message(Request& request) { return send(request, header(request, "MSG")); }

Reply message_without_header(Request& request) { return send(request, ""); }

Reply warning(Request& request) { return send(request, header(request, "WNG")); }

// The line is typed at the user's console: for its program or, with CP or in CP READ, for CP, which goes by
// the user's own privileges.
Reply send_input(Request& request) {
  const bool for_cp = request.words.take("CP");
  const auto userid = take_name(request);
  if (!userid) return *userid.error;
  auto* user = request.system.find(userid.value);
  if (user == nullptr) return request.fail(Message::not_logged_on, {userid.value});
  const std::string text(request.words.rest());
  if (!for_cp && !user->in_cp_mode()) {
    user->type_ahead(text);
    return {};
  }
  const Reply reply = execute(request.system, *user, text);
  for (const auto& line : reply.lines) request.system.tell(userid.value, line);
  return {};
}

}  // namespace vmlan::cp
