// The statements of a script that begin with a dot: a table of names, forms and what each operand becomes.
//
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/script/script.h"

namespace vmlan::apps {

// One operand, &n replaced.
struct Word {
  std::string text;
  bool from_caller = false;  // the whole word is an argument of the command line
  bool quoted = false;
};

struct Operands {
  std::vector<Word> words;
  std::string text;         // StatementForm::text_after_first
  std::string block;        // the lines up to .END, each with its line end
  unsigned block_line = 0;  // of the first of them
};

// What the operands turn into, or the operand that is wrong.
struct Invalid {
  std::string operand;
};
using Parsed = std::variant<Action, Invalid>;

struct StatementForm {
  std::string_view name;  // ".WAIT"
  std::string_view form;  // ".WAIT NAME [text]"
  std::size_t least_words;
  std::size_t most_words;
  // The first word is the only operand; what follows it on the line is text.
  bool text_after_first;
  // The lines up to .END belong to the statement if it has this many operands.
  std::optional<std::size_t> block_if_words;
  // The number of words has been checked.
  Parsed (*parse)(Operands operands);
};

// Upper or lower case; nullptr = there is no such statement.
const StatementForm* find_statement(std::string_view name);

}  // namespace vmlan::apps
