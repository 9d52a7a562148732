#include "cp/logical_lines.h"

#include "cp/words.h"

namespace vmlan::cp {
namespace {

constexpr char escape = '"';

// "CP QUERY NIC" -> "QUERY NIC": a line behind a line end that calls CP.
LogicalLine line_behind_end(std::string text) {
  Words words(text);
  if (words.next() != "CP") return {std::move(text), false};
  return {std::string(words.rest()), true};
}

}  // namespace

std::vector<LogicalLine> logical_lines(std::string_view typed, std::optional<char> line_end) {
  const char end = line_end.value_or(default_line_end);
  std::vector<LogicalLine> lines;
  std::string text;
  bool behind_end = false;
  const auto add = [&] {
    const bool blank = trim(text).empty();
    if (!blank) lines.push_back(behind_end ? line_behind_end(std::move(text)) : LogicalLine{std::move(text)});
    text.clear();
  };
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const bool escaped = typed[i] == escape && i + 1 < typed.size() && typed[i + 1] == end;
    // Without a line end character only a first "#CP" counts.
    const bool ends = typed[i] == end && (line_end || (!behind_end && trim(text).empty()));
    if (escaped && line_end) {
      text += typed[++i];
    } else if (ends) {
      add();
      behind_end = true;
    } else {
      text += typed[i];
    }
  }
  add();
  if (lines.empty()) lines.emplace_back();
  if (!line_end && !lines.front().for_cp) return {{std::string(typed), false}};
  return lines;
}

}  // namespace vmlan::cp
