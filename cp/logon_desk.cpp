#include <fmt/format.h>

#include "cp/logon.h"
#include "cp/passwords.h"
#include "cp/system.h"

namespace vmlan::cp {

LogonDesk::Outcome LogonDesk::type(std::string_view console, std::string_view line) {
  if (const auto waiting = waiting_for_password_.find(console); waiting != waiting_for_password_.end()) {
    Attempt attempt = waiting->second;
    waiting_for_password_.erase(waiting);
    attempt.password = to_upper(trim(line));
    attempt.has_password = true;
    return judge(console, attempt);
  }
  Words words(line);
  const auto verb = words.next();
  if (verb.empty()) return {};
  if (matches(verb, "Logon") || matches(verb, "LOGIN")) return log_on_as(console, words);
  return refuse(console, "CFC", Message::not_valid_before_logon, {verb});
}

LogonDesk::Outcome LogonDesk::log_on_as(std::string_view console, Words& words) {
  Attempt attempt;
  attempt.userid = words.next();
  if (!valid_name(attempt.userid)) return refuse(console, "LGA", Message::userid_missing);
  while (!words.empty()) {
    if (words.take("HERE")) {
      attempt.here = true;
    } else if (words.take("NOIPL")) {
      attempt.no_ipl = true;
    } else if (!attempt.has_password) {
      attempt.password = words.next();
      attempt.has_password = true;
    } else {
      // Behind a mistyped option it is the password.
      return refuse(console, "LGA", Message::invalid_option, {hidden_password});
    }
  }
  return judge(console, attempt);
}

LogonDesk::Outcome LogonDesk::judge(std::string_view console, const Attempt& attempt) {
  const auto entry = system_.directory.find(attempt.userid);
  if (!entry) return refuse(console, "LGA", Message::not_in_directory, {attempt.userid});
  if (entry->rule == LogonRule::password && !attempt.has_password) {
    waiting_for_password_.emplace(console, attempt);
    system_.tell(console, "ENTER PASSWORD  (IT WILL NOT APPEAR WHEN TYPED):");
    return {};
  }
  const bool welcome = entry->rule == LogonRule::no_password ||
                       (entry->rule == LogonRule::password && entry->password == attempt.password);
  if (!welcome) return refuse(console, "LGA", Message::logon_unsuccessful);
  if (auto* user = system_.find(attempt.userid)) return come_back(console, *user, attempt);
  LogonOptions options;
  options.terminal = terminal_for(system_, attempt.userid);
  options.no_ipl = attempt.no_ipl;
  if (log_on(system_, entry, options) == nullptr) {
    return refuse(console, "LGN", Message::no_storage, {attempt.userid});
  }
  if (console != attempt.userid) system_.options().consoles.moved(console, attempt.userid);
  return {0, attempt.userid};
}

LogonDesk::Outcome LogonDesk::come_back(std::string_view console, VirtualMachine& user,
                                        const Attempt& attempt) {
  if (user.connected() && !attempt.here) {
    return refuse(console, "LGA", Message::already_logged_on_at, {user.terminal()});
  }
  reconnect(system_, user);
  if (attempt.no_ipl) system_.tell(user.userid(), format(Message::options_ignored, "LGO", {"NOIPL"}));
  if (console != user.userid()) system_.options().consoles.moved(console, user.userid());
  return {0, attempt.userid};
}

LogonDesk::Outcome LogonDesk::refuse(std::string_view console, std::string_view module, Message message,
                                     std::initializer_list<std::string_view> values) {
  system_.tell(console, format(message, module, values));
  return {number(message), {}};
}

}  // namespace vmlan::cp
