#include "apps/script/script.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "apps/script/script_statements.h"
#include "apps/system/messages.h"
#include "cp/passwords.h"

namespace vmlan::apps {

namespace {

constexpr std::size_t most_errors = 50;
constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// A command whose console's name or ">" is missing, as an error may quote it.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  const std::size_t first = std::min(text.find_first_of(blanks), text.size());
  const std::string behind_name = cp::without_passwords(text.substr(first));
  return cp::without_passwords(std::string(text.substr(0, first)) + behind_name).substr(0, longest);
}

bool is_block_end(std::string_view line) {
  const std::string_view word = trimmed(line);
  return word.size() == 4 && console_name(word.substr(1)) == "END" && word[0] == '.';
}

// One pass over the text; each line is looked at once.
class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& arguments) : rest_(text) {
    for (std::size_t i = 0; i < arguments.size() && i < values_.size(); ++i) {
      values_[i] = Value{arguments[i], true};
    }
  }

  Script parse() {
    while (const auto line = next_line()) {
      if (script_.errors.size() >= most_errors) {
        error(format(Message::too_many_script_errors));
        break;
      }
      statement_line_ = line_;
      parse_line(*line);
    }
    return std::move(script_);
  }

 private:
  struct Value {
    std::string text;
    bool from_caller = false;
  };

  std::optional<std::string_view> next_line() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++line_;
    return line;
  }

  void error(std::string message) {
    if (script_.errors.size() <= most_errors) script_.errors.push_back({statement_line_, std::move(message)});
  }

  void add(std::string_view source, Action action) {
    script_.statements.push_back({statement_line_, std::string(source), std::move(action)});
  }

  void parse_line(std::string_view line) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text[0] == '*') {
      add(line, Comment{});
    } else if (text == "...") {
      add(line, Shown{});
    } else if (text[0] == '.') {
      parse_statement(line, text);
    } else {
      parse_console_line(line, text);
    }
  }

  void parse_console_line(std::string_view line, std::string_view text) {
    const std::size_t mark = text.find_first_of(">:");
    const std::string console = console_name(text.substr(0, mark));
    if (mark == std::string_view::npos || console.empty()) {
      error(format(Message::not_a_statement, {quoted(text)}));
      return;
    }
    if (text[mark] == ':') {
      add(line, Shown{});
      return;
    }
    std::string_view typed = text.substr(mark + 1);
    if (typed.starts_with(' ')) typed.remove_prefix(1);
    add(line, Typed{console, replaced(typed)});
  }

  void parse_statement(std::string_view line, std::string_view text) {
    const std::size_t end = text.find_first_of(blanks);
    const std::string_view name = text.substr(0, end);
    const std::string_view operands_text =
        end == std::string_view::npos ? std::string_view() : trimmed(text.substr(end));
    const StatementForm* form = find_statement(name);
    if (form == nullptr) {
      error(is_block_end(name) ? format(Message::end_without_block)
                               : format(Message::unknown_statement, {name.substr(0, 40)}));
      return;
    }
    Operands operands = split_operands(*form, operands_text);
    std::string source(line);
    if (form->block_if_words == operands.words.size() && !read_block(operands, source)) return;
    if (operands.words.size() < form->least_words) {
      error(format(Message::statement_operand_missing, {form->form}));
    } else if (operands.words.size() > form->most_words) {
      error(
          format(Message::statement_too_many_operands, {operands.words[form->most_words].text, form->form}));
    } else {
      finish_statement(*form, std::move(operands), source);
    }
  }

  void finish_statement(const StatementForm& form, Operands operands, std::string_view source) {
    Parsed parsed = form.parse(std::move(operands));
    if (const auto* invalid = std::get_if<Invalid>(&parsed)) {
      error(format(Message::statement_operand_invalid, {invalid->operand, form.form}));
      return;
    }
    Action& action = std::get<Action>(parsed);
    if (const auto* set = std::get_if<SetDefault>(&action); set != nullptr && !values_[set->index]) {
      values_[set->index] = Value{set->value, false};
    }
    add(source, std::move(action));
  }

  // The lines up to .END; false = the text ends before.
  bool read_block(Operands& operands, std::string& source) {
    operands.block_line = line_ + 1;
    const bool is_directory = operands.words.empty();
    while (const auto line = next_line()) {
      source.append("\n").append(*line);
      if (is_block_end(*line)) return true;
      operands.block += is_directory ? replaced(*line) : std::string(*line);
      operands.block += '\n';
    }
    error(format(Message::end_missing));
    return false;
  }

  Operands split_operands(const StatementForm& form, std::string_view text) {
    Operands operands;
    if (form.text_after_first) {
      const std::string_view first = text.substr(0, text.find_first_of(blanks));
      operands.words = split(first, true);
      operands.text = replaced(trimmed(text.substr(first.size())));
    } else {
      operands.words = split(text, form.name != ".DEFAULT");
    }
    return operands;
  }

  // Words between blanks; "..." is one word. `replacing`: &n stand for their values.
  std::vector<Word> split(std::string_view text, bool replacing) {
    std::vector<Word> words;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
      const bool quoted = text[0] == '"' && text.find('"', 1) != std::string_view::npos;
      const std::size_t begin = quoted ? 1 : 0;
      const std::size_t end = std::min(quoted ? text.find('"', 1) : text.find_first_of(blanks), text.size());
      const std::string_view word = text.substr(begin, end - begin);
      words.push_back(replacing ? Word{replaced(word), is_from_caller(word), quoted}
                                : Word{std::string(word), false, quoted});
      text.remove_prefix(quoted ? end + 1 : end);
    }
    return words;
  }

  static std::optional<std::size_t> value_index(std::string_view text) {
    if (text.size() < 2 || text[0] != '&' || text[1] < '1' || text[1] > '9') return std::nullopt;
    return static_cast<std::size_t>(text[1] - '1');
  }

  bool is_from_caller(std::string_view word) const {
    const auto index = word.size() == 2 ? value_index(word) : std::nullopt;
    return index && values_[*index] && values_[*index]->from_caller;
  }

  // `text` with its &n replaced; values are not looked into again.
  std::string replaced(std::string_view text) {
    std::string result;
    for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&')) {
      result.append(text.substr(0, at));
      text.remove_prefix(at);
      const auto index = value_index(text);
      if (!index) {
        result += '&';
        text.remove_prefix(1);
        continue;
      }
      if (values_[*index]) {
        result += values_[*index]->text;
      } else {
        const std::string digit(1, text[1]);
        error(format(Message::argument_without_value, {digit, digit}));
      }
      text.remove_prefix(2);
    }
    return result.append(text);
  }

  std::string_view rest_;
  unsigned line_ = 0;
  unsigned statement_line_ = 0;
  std::array<std::optional<Value>, 9> values_;
  Script script_;
};

}  // namespace

Script parse_script(std::string_view text, const std::vector<std::string>& arguments) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return Parser(text, arguments).parse();
}

}  // namespace vmlan::apps
