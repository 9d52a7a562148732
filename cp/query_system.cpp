// QUERY NAMES, USERS, USERID, userid, TIME, CPLEVEL. Source: CP Commands, logs of z/VM 6.3.
#include <fmt/format.h>

#include "cp/commands.h"
#include "cp/logon.h"
#include "cp/operands.h"
#include "cp/product.h"
#include "cp/system.h"
#include "cp/time_text.h"

namespace vmlan::cp {
namespace {

// "ALPHA1   - DSC", "ALPHA1   -L0003": names of up to four letters stand one column further right.
std::string user_text(const VirtualMachine& user) {
  constexpr std::size_t full_width = 5;
  const auto terminal = terminal_name(user);
  return fmt::format("{:<8} -{}{}", user.userid(), terminal.size() < full_width ? " " : "", terminal);
}

}  // namespace

Reply query_names(Request& request) {
  constexpr std::size_t names_per_line = 4;
  constexpr std::size_t entry_width = 15;
  if (!request.at_end()) return request.fail_option();
  Reply reply;
  std::size_t count = 0;
  for (const auto& [sequence, user] : request.system.users()) {
    if (count % names_per_line == 0) {
      reply.lines.emplace_back();
    } else {
      reply.lines.back() += ", ";
    }
    reply.lines.back() += fmt::format("{:<{}}", user_text(*user), entry_width);
    ++count;
  }
  for (auto& line : reply.lines) line.erase(line.find_last_not_of(' ') + 1);
  return reply;
}

Reply query_users(Request& request) {
  if (!request.at_end()) return query_user(request);
  return Reply(fmt::format("{:>6} USERS, {:>6} DIALED, {:>6} NET", request.system.users().size(), 0, 0));
}

Reply query_userid(Request& request) {
  if (!request.at_end()) return request.fail_option();
  return Reply(fmt::format("{:<8} AT {}", request.issuer, request.system.options().node));
}

// QUERY userid: what no keyword of QUERY is.
Reply query_user(Request& request) {
  const auto word = request.words.next();
  if (word.empty()) return error(Message::operand_missing, "CFC");
  const auto* user = request.system.find(word);
  // A guest from outside need not be in the directory.
  if (user == nullptr && !request.system.directory.find(word)) {
    return error(Message::invalid_option, "CQV", {word});
  }
  if (!request.at_end()) return error(Message::invalid_option, "CQU", {request.words.next()});
  if (user == nullptr) return error(Message::not_logged_on, "CQU", {word});
  return Reply(user_text(*user));
}

Reply query_time(Request& request) {
  if (!request.at_end()) return request.fail_option();
  const auto& clock = request.system.clock();
  Reply reply(fmt::format("TIME IS {}", long_date(clock.date())));
  if (request.machine == nullptr) return reply;
  reply.lines.push_back(
      usage(clock.now() - request.own_machine().logged_on_at(), request.own_machine().processor_time()));
  return reply;
}

Reply query_cplevel(Request& request) {
  if (!request.at_end()) return request.fail_option();
  Reply reply(fmt::format("{}, service level {} (64-bit)", product_level, service_level));
  reply.lines.push_back(fmt::format("IPL at {}", short_date(request.system.started_at())));
  return reply;
}

}  // namespace vmlan::cp
