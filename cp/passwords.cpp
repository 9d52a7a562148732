#include "cp/passwords.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "cp/directory_parser.h"
#include "cp/logical_lines.h"
#include "cp/words.h"

namespace vmlan::cp {
namespace {

struct Word {
  std::size_t begin = 0;
  std::size_t length = 0;
  std::string upper;
};

using WordList = std::span<const Word>;

// As whoever reads the line separates them: a control character becomes a blank before.
bool is_blank(char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; }

std::vector<Word> words_of(std::string_view text, std::size_t offset = 0) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !is_blank(text[end])) ++end;
    if (end > at) words.push_back({offset + at, end - at, to_upper(text.substr(at, end - at))});
    at = end + 1;
  }
  return words;
}

bool is_placeholder(std::string_view word) {
  return word.size() == 2 && word[0] == '&' && word[1] >= '1' && word[1] <= '9';
}

// Replaces words of a text, from the front to the back.
class Hider {
 public:
  explicit Hider(std::string_view text) : text_(text) {}

  void hide(const Word& word) {
    if (is_placeholder(word.upper)) return;
    result_.append(text_.substr(taken_, word.begin - taken_)).append(hidden_password);
    taken_ = word.begin + word.length;
    any_ = true;
  }
  void hide_all(WordList words) {
    for (const Word& word : words) hide(word);
  }
  bool any() const noexcept { return any_; }
  std::string result() const { return result_ + std::string(text_.substr(taken_)); }

 private:
  std::string_view text_;
  std::string result_;
  std::size_t taken_ = 0;
  bool any_ = false;
};

WordList behind(WordList words, std::size_t count) { return words.subspan(std::min(count, words.size())); }

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& keywords) {
  return std::ranges::any_of(keywords, [word](std::string_view keyword) { return matches(word, keyword); });
}

// --- Commands -----------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 3> logon_options{"HERE", "NOIPL", "BY"};
constexpr std::array<std::string_view, 8> autolog_options{"NOIpl",  "Ipl", "PROMPT",  "SYNCh",
                                                          "ASYNCh", "ON",  "STORage", "TERMinal"};

void hide_in_logon(WordList words, Hider& hider) {
  for (const Word& word : behind(words, 2)) {
    if (!is_one_of(word.upper, logon_options)) hider.hide(word);
  }
}

// AUTOLOG userid password
void hide_in_autolog(WordList words, Hider& hider) {
  if (words.size() > 2 && !is_one_of(words[2].upper, autolog_options)) hider.hide(words[2]);
}

// LINK [TO] userid vdev [AS] vdev [mode [PASS=]password]
void hide_in_link(WordList words, Hider& hider) {
  words = behind(words, words.size() > 1 && words[1].upper == "TO" ? 2 : 1);
  words = behind(words, words.size() > 2 && words[2].upper == "AS" ? 3 : 2);
  words = behind(words, 1);
  const bool has_mode = !words.empty() && read_only_mode(words[0].upper).has_value();
  hider.hide_all(behind(words, has_mode ? 1 : 0));
}

// The words of one command. Returns who logs on without a password; empty: nobody.
std::string hide_in_command(WordList words, Hider& hider) {
  for (;;) {
    if (words.empty()) return {};
    const std::string& verb = words.front().upper;
    if (verb == "CP") {
      words = behind(words, 1);
    } else if (verb == "SEND") {
      words = behind(words, words.size() > 1 && words[1].upper == "CP" ? 3 : 2);
    } else {
      break;
    }
  }
  const std::string& verb = words.front().upper;
  if (verb == "LINK") hide_in_link(words, hider);
  if (matches(verb, "AUTOLOG") || matches(verb, "XAUTOLog")) hide_in_autolog(words, hider);
  if (!matches(verb, "Logon") && !matches(verb, "LOGIN")) return {};
  hide_in_logon(words, hider);
  const bool bare = std::ranges::all_of(
      behind(words, 2), [](const Word& word) { return is_one_of(word.upper, logon_options); });
  return bare && words.size() > 1 ? words[1].upper : std::string();
}

// Where the logical line that begins at `begin` ends.
std::size_t logical_end(std::string_view line, std::size_t begin, std::optional<char> line_end) {
  for (std::size_t at = begin; at < line.size(); ++at) {
    if (line[at] == '"' && at + 1 < line.size() && line[at + 1] == line_end) {
      ++at;
    } else if (line[at] == line_end) {
      return at;
    }
  }
  return line.size();
}

// --- Directories --------------------------------------------------------------------------------------

bool names_user(std::string_view verb) { return matches(verb, "User") || matches(verb, "IDENTity"); }

// MDISK vdev, then HOST path | devtype {DEVNO rdev | T-DISK size | V-DISK size | start size volid}, then the
// access mode. Passwords stand behind it, or in its place if somebody has forgotten it.
void hide_in_mdisk(WordList words, Hider& hider) {
  constexpr std::array<std::string_view, 3> short_extents{"DEVNO", "T-DISK", "V-DISK"};
  constexpr std::size_t least = 4;
  std::size_t mode = 6;
  if (words.size() > 2 && words[2].upper == "HOST") {
    mode = least;
  } else if (words.size() > 3 && is_one_of(words[3].upper, short_extents)) {
    mode = 5;
  }
  for (std::size_t at = least; at < words.size(); ++at) {
    const bool is_mode = read_only_mode(words[at].upper).has_value();
    if (at < mode && !is_mode) continue;
    return hider.hide_all(behind(words, is_mode ? at + 1 : at));
  }
}

void hide_in_statement(WordList words, Hider& hider) {
  constexpr std::array<std::string_view, 4> no_passwords{"NOPASS", "AUTOONLY", "LBYONLY", "NOLOG"};
  if (words.empty()) return;
  const std::string& verb = words.front().upper;
  if (names_user(verb)) {
    if (words.size() > 2 && !is_one_of(words[2].upper, no_passwords)) hider.hide(words[2]);
  } else if (matches(verb, "Mdisk")) {
    hide_in_mdisk(words, hider);
  } else if (matches(verb, "APPCpass")) {
    hider.hide_all(behind(words, 3));
  } else if (find_statement(verb) == nullptr) {
    hider.hide_all(behind(words, 2));
  }
}

}  // namespace

std::string hide(std::string_view line) {
  const auto text = trim(line);
  return std::string(text.empty() || is_placeholder(text) ? text : hidden_password);
}

std::string without_passwords(std::string_view line, const AsksForPassword& asks,
                              std::optional<char> line_end) {
  Hider hider(line);
  std::string waiting;  // whose password the next logical line is
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = logical_end(line, begin, line_end);
    const auto words = words_of(line.substr(begin, end - begin), begin);
    if (!waiting.empty() && !words.empty()) {
      hider.hide_all(words);
      waiting.clear();
    } else if (!words.empty()) {
      waiting = hide_in_command(words, hider);
      if (!asks || !asks(waiting)) waiting.clear();
    }
    begin = end + 1;
  }
  return hider.result();
}

std::string without_directory_passwords(std::string_view text) {
  Hider hider(text);
  std::vector<Word> statement;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto words = words_of(text.substr(begin, end - begin), begin);
    begin = end + 1;
    const bool comment = words.empty() || words.front().upper.front() == '*';
    if (statement.empty() && comment) continue;
    statement.insert(statement.end(), words.begin(), words.end());
    if (!words.empty() && words.back().upper.back() == ',') {
      Word& last = statement.back();
      last.upper.pop_back();
      if (--last.length == 0) statement.pop_back();
      if (!statement.empty()) continue;
    }
    hide_in_statement(statement, hider);
    statement.clear();
  }
  hide_in_statement(statement, hider);
  return hider.result();
}

std::string without_passwords_of(std::string_view statement, std::string_view text) {
  const auto before = words_of(statement);
  const auto after = words_of(without_directory_passwords(statement));
  if (before.size() != after.size()) return std::string(text);
  Hider hider(text);
  for (const Word& word : words_of(text)) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool hidden = before[i].upper != after[i].upper && after[i].upper == hidden_password;
      const bool same = text.substr(word.begin, word.length) == before[i].upper;
      if (!hidden || !same) continue;
      hider.hide(word);
      break;
    }
  }
  return hider.result();
}

}  // namespace vmlan::cp
