#include "apps/transcripts/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <span>
#include <utility>
#include <variant>

#include "apps/script/script.h"
#include "apps/script/shown_source.h"
#include "apps/transcripts/alignment.h"

namespace vmlan::apps {

namespace {

constexpr std::string_view wildcard = "...";
constexpr std::size_t context = 3;
constexpr std::size_t most_difference = 1000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_answer(std::string_view line) {
  const std::size_t mark = line.find_first_of(">:");
  return mark != std::string_view::npos && line[mark] == ':' && !console_name(line.substr(0, mark)).empty();
}

// A line of either side, as the difference shows it.
struct Line {
  char mark = ' ';
  std::string_view text;
};

class Comparer {
 public:
  Comparer(const Script& script, std::vector<std::string_view> now) : script_(script), now_(std::move(now)) {
    for (const Statement& statement : script.statements) {
      if (const auto* ignore = std::get_if<Ignore>(&statement.action)) {
        ignored_.push_back(ignore->pattern);
      }
    }
  }

  Comparison compare() {
    for (const Statement& statement : script_.statements) {
      if (std::holds_alternative<Shown>(statement.action)) {
        recorded_.push_back({statement.source, is_ignored(statement.source)});
        continue;
      }
      compare_answers();
      take_statement(statement);
    }
    compare_answers();
    while (at_ < now_.size()) add('+', now_[at_++]);
    finish();
    return std::move(result_);
  }

 private:
  bool is_ignored(std::string_view answer) const {
    return std::any_of(ignored_.begin(), ignored_.end(),
                       [answer](const std::string& pattern) { return matches_pattern(pattern, answer); });
  }

  // The recorded answers since the last statement against those that are printed at the same place.
  void compare_answers() {
    std::vector<std::string_view> answers;
    for (; at_ < now_.size() && is_answer(now_[at_]); ++at_) {
      if (!is_ignored(now_[at_])) answers.push_back(now_[at_]);
    }
    std::size_t i = 0;
    std::size_t j = 0;
    for (const Step step : align(recorded_, answers)) {
      if (step == Step::both || step == Step::pass) add(' ', recorded_[i].text);
      if (step == Step::recorded) add('-', recorded_[i].text);
      if (step == Step::now) add('+', answers[j]);
      if (step != Step::now && step != Step::any) ++i;
      if (step != Step::recorded && step != Step::pass) ++j;
    }
    recorded_.clear();
  }

  // A run prints each statement as it stands in the script, all its lines, but hides passwords; or it has
  // ended before.
  void take_statement(const Statement& statement) {
    const std::string_view source = statement.source.empty() ? "\n" : std::string_view(statement.source);
    for (const std::string_view line : lines_of(source)) keep(line);
    const std::string shown = statement.source.empty() ? "\n" : shown_source(statement);
    for (const std::string_view line : lines_of(shown)) {
      if (at_ < now_.size()) {
        lines_.push_back({' ', now_[at_++]});
      } else {
        lines_.push_back({'-', shown_.emplace_back(line)});
      }
    }
  }

  void add(char mark, std::string_view text) {
    lines_.push_back({mark, text});
    if (mark != '-') keep(text);
  }

  void keep(std::string_view line) { result_.updated.append(line).append("\n"); }

  void finish() {
    std::size_t recorded = 1;
    std::size_t now = 1;
    std::size_t shown = 0;  // lines before that are in a hunk
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].mark != ' ' && i >= shown) {
        if (result_.same) result_.first_line = static_cast<unsigned>(recorded);
        result_.same = false;
        const std::size_t begin = i - std::min({context, i - shown, i});
        shown = end_of_hunk(i);
        show_hunk(begin, shown, recorded - (i - begin), now - (i - begin));
      }
      if (lines_[i].mark != '+') ++recorded;
      if (lines_[i].mark != '-') ++now;
    }
  }

  std::size_t end_of_hunk(std::size_t change) const {
    std::size_t end = change + 1;
    for (std::size_t i = change; i < lines_.size() && i < end + 2 * context; ++i) {
      if (lines_[i].mark != ' ') end = i + 1;
    }
    return std::min(end + context, lines_.size());
  }

  void show_hunk(std::size_t begin, std::size_t end, std::size_t recorded, std::size_t now) {
    const auto hunk = std::span(lines_).subspan(begin, end - begin);
    const auto added = std::count_if(hunk.begin(), hunk.end(), [](const Line& l) { return l.mark == '+'; });
    const auto gone = std::count_if(hunk.begin(), hunk.end(), [](const Line& l) { return l.mark == '-'; });
    const auto size = static_cast<std::ptrdiff_t>(hunk.size());
    show(fmt::format("@@ -{},{} +{},{} @@", recorded, size - added, now, size - gone));
    for (const Line& line : hunk) show(std::string(1, line.mark).append(line.text));
  }

  void show(std::string line) {
    if (result_.difference.size() > most_difference) return;
    if (result_.difference.size() == most_difference) line = "(what follows is not shown)";
    result_.difference.push_back(std::move(line));
  }

  const Script& script_;
  std::vector<std::string_view> now_;
  std::size_t at_ = 0;  // in now_
  std::vector<std::string> ignored_;
  std::vector<RecordedAnswer> recorded_;
  std::deque<std::string> shown_;  // statements that were not printed
  std::vector<Line> lines_;
  Comparison result_;
};

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  const std::size_t first = pattern.find(wildcard);
  if (first == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, first))) return false;
  text.remove_prefix(first);
  pattern.remove_prefix(first + wildcard.size());
  for (std::size_t next = pattern.find(wildcard); next != std::string_view::npos;
       next = pattern.find(wildcard)) {
    const std::size_t found = text.find(pattern.substr(0, next));
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + next);
    pattern.remove_prefix(next + wildcard.size());
  }
  return text.ends_with(pattern);
}

Comparison compare_transcripts(std::string_view recorded, std::string_view now) {
  const Script script = parse_script(recorded, {});
  return Comparer(script, lines_of(now)).compare();
}

}  // namespace vmlan::apps
