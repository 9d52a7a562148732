#include "apps/system/console_watch.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace vmlan::apps {

namespace {

// Enough for any text somebody waits for; a console that shows more forgets its oldest lines.
constexpr std::size_t most_lines = 10'000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string displayable(std::string_view text) {
  std::string result(text);
  std::replace_if(result.begin(), result.end(), is_control, '.');
  return result;
}

std::optional<int> ready_code(std::string_view text) {
  if (text.starts_with("Ready;")) return 0;
  if (!text.starts_with("Ready(")) return std::nullopt;
  text.remove_prefix(6);
  int code = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), code);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end.ptr - text.data()));
  if (end.ec != std::errc() || !rest.starts_with(");")) return std::nullopt;
  return code;
}

}  // namespace

ConsoleWatch::ConsoleWatch(Display display, Moved moved)
    : display_(std::move(display)), moved_(std::move(moved)) {}

void ConsoleWatch::line(std::string_view console, std::string_view text) {
  std::string shown = displayable(text);
  display_(console, shown);
  Record& record = records_.try_emplace(std::string(console)).first->second;
  if (const auto code = ready_code(shown); code && record.ready.value_or(0) == 0) record.ready = code;
  if (record.lines.size() == most_lines) {
    record.lines.pop_front();
    record.taken -= std::min<std::size_t>(record.taken, 1);
    record.forgetful = true;
  }
  record.lines.push_back(std::move(shown));
}

void ConsoleWatch::moved(std::string_view console, std::string_view userid) {
  records_.try_emplace(std::string(userid));
  if (moved_) moved_(console, userid);
}

void ConsoleWatch::typed(std::string_view console) {
  records_.insert_or_assign(std::string(console), Record{});
}

bool ConsoleWatch::knows(std::string_view console) const { return records_.find(console) != records_.end(); }

std::vector<std::string> ConsoleWatch::consoles() const {
  std::vector<std::string> names;
  for (const auto& [name, record] : records_) names.push_back(name);
  return names;
}

bool ConsoleWatch::take(std::string_view console, std::string_view text) {
  const auto found = records_.find(console);
  if (found == records_.end()) return false;
  Record& record = found->second;
  while (record.taken < record.lines.size()) {
    if (record.lines[record.taken++].find(text) != std::string::npos) return true;
  }
  return false;
}

std::optional<bool> ConsoleWatch::shows(std::string_view console, std::string_view text) const {
  const auto found = records_.find(console);
  if (found == records_.end()) return false;
  const auto& lines = found->second.lines;
  const bool here = std::any_of(lines.begin(), lines.end(), [text](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
  if (!here && found->second.forgetful) return std::nullopt;
  return here;
}

std::optional<int> ConsoleWatch::ready(std::string_view console) const {
  const auto found = records_.find(console);
  return found == records_.end() ? std::nullopt : found->second.ready;
}

}  // namespace vmlan::apps
